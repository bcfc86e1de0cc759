"""SIP over WebSocket: one SIP message in each WebSocket message, text or binary (RFC 7118)."""

from __future__ import annotations

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from relayscript.apps.serving.streams.wire import LARGEST, PONG

SUBPROTOCOL = "sip"
BROKEN = (1002, 1007)
"""Codes of a close for what breaks the protocol (RFC 6455 7.4.1)."""

LINE_ENDS = (b"\r\n", b"\r\n\r\n")


class WebSocketWire:
    """The server side, or, with the host and port to ask for in `host`, the client side.

    A client that does not speak the subprotocol `sip` (RFC 7118 4), asks for another resource, or gives no
    Origin where `needs_origin`, is refused.
    """

    def __init__(self, host: str, resource: str = "/", needs_origin: bool = True) -> None:
        self.outgoing = bytearray()
        self.is_over = False
        self.fault = ""
        self.is_ready = False
        self._host = host
        self._resource = resource
        self._needs_origin = needs_origin
        self._socket = WSConnection(ConnectionType.CLIENT if host else ConnectionType.SERVER)
        self._parts: list[bytes] = []
        self._size = 0
        self._waiting: list[bytes] = []

    @property
    def is_partial(self) -> bool:
        return bool(self._parts)

    def start(self) -> None:
        if self._host:
            origin = [(b"Origin", f"http://{self._host}".encode())]
            self._say(Request(self._host, self._resource, subprotocols=[SUBPROTOCOL], extra_headers=origin))

    def receive(self, data: bytes) -> list[bytes]:
        found: list[bytes] = []
        try:
            self._socket.receive_data(data)
            for event in self._socket.events():
                self._handle(event, found)
        except RemoteProtocolError as error:
            if error.event_hint is not None and not self.is_ready:
                self._say(error.event_hint)
            self._break(f"WebSocket: {error}")
        except LocalProtocolError as error:
            self._break(f"WebSocket: {error}")
        return found

    def send(self, message: bytes) -> None:
        if not self.is_ready:
            self._waiting.append(message)
            return
        try:
            self._say(TextMessage(message.decode()))
        except UnicodeDecodeError:
            self._say(BytesMessage(message))

    def end(self) -> None:
        if self.is_ready and not self.is_over:
            self._say(CloseConnection(1001))

    def _say(self, event: Event) -> None:
        self.outgoing += self._socket.send(event)

    def _handle(self, event: Event, found: list[bytes]) -> None:
        match event:
            case TextMessage() | BytesMessage():
                data = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
                self._take(data, event.message_finished, found)
            case Request():
                self._greet(event)
            case AcceptConnection():
                self._open()
            case Ping():
                self._say(event.response())
            case CloseConnection():
                if not self.is_over:
                    self._say(event.response())
                self.is_over = True
                if event.code in BROKEN:
                    self._break(f"WebSocket: {event.reason}")
            case RejectConnection():
                self._break(f"WebSocket: refused with {event.status_code}")
            case _:
                pass

    def _greet(self, request: Request) -> None:
        """Accept or refuse a client."""
        has_origin = any(name.lower() == b"origin" for name, _ in request.extra_headers)
        if request.target.partition("?")[0] != self._resource:
            self._refuse(404, f"no resource {request.target}")
        elif SUBPROTOCOL not in request.subprotocols:
            self._refuse(400, "a client that does not speak sip")
        elif self._needs_origin and not has_origin:
            self._refuse(403, "a client without Origin")
        else:
            self._say(AcceptConnection(subprotocol=SUBPROTOCOL))
            self._open()

    def _refuse(self, status: int, why: str) -> None:
        self._say(RejectConnection(status_code=status))
        self._break(f"WebSocket: {why}")

    def _open(self) -> None:
        self.is_ready = True
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.send(message)

    def _take(self, data: bytes, is_last: bool, found: list[bytes]) -> None:
        self._size += len(data)
        if self._size > 2 * LARGEST:
            self._break("WebSocket: a message is too large")
            return
        self._parts.append(data)
        if not is_last:
            return
        message = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if message in LINE_ENDS:  # a keep-alive (RFC 7118 6)
            if message != PONG:
                self.send(PONG)
        elif message:
            found.append(message)

    def _break(self, fault: str) -> None:
        self.is_over, self.fault = True, self.fault or fault
