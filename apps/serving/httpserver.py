"""Management commands over HTTP: one POST, one reply, then the connection is closed."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass

import h11

from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.tls import TlsWire, server_context
from relayscript.apps.serving.streams.wire import Wire
from relayscript.interpreter.modules.tls_mgm import TlsDomain
from relayscript.sip.transport import Address, Listener

LARGEST = 65536
"""Bytes of one request's body."""

MOST_CONNECTIONS = 256


@dataclass(frozen=True, slots=True)
class Site:
    """What is served: a path, to whom (`user:password`, empty: anybody), and with which certificate (empty: none).

    `timeout` is in seconds, for a request to come in.
    """

    path: str
    credentials: str = ""
    realm: str = ""
    certificate: str = ""
    private_key: str = ""
    timeout: float = 30.0


class HttpWire:
    """The server's side of one connection; a message is the body of a POST to the site's path.

    What is sent back is JSON; nothing (204) if it is empty.
    """

    is_ready = True

    def __init__(self, site: Site) -> None:
        self.outgoing = bytearray()
        self.is_over = False
        self.fault = ""
        self.is_partial = False
        self._site = site
        self._http = h11.Connection(h11.SERVER)
        self._body = bytearray()

    def start(self) -> None:
        pass

    def receive(self, data: bytes) -> list[bytes]:
        if self.is_over:
            return []
        self.is_partial = True
        try:
            self._http.receive_data(data)
            return self._events()
        except h11.RemoteProtocolError as error:
            self._respond(error.error_status_hint, "no HTTP")
            return []

    def send(self, message: bytes) -> None:
        if not self.is_over:
            self._respond(200 if message else 204, "", message, [("Content-Type", "application/json")])

    def end(self) -> None:
        pass

    def _events(self) -> list[bytes]:
        """The body of a request that is complete."""
        while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED) and not self.is_over:
            if isinstance(event, h11.Request):
                self._check(event)
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > LARGEST:
                    self._respond(413, "too large")
            elif isinstance(event, h11.EndOfMessage):
                self.is_partial = False
                return [bytes(self._body)]
            else:
                break
        if self._http.they_are_waiting_for_100_continue and not self.is_over:
            self._say(h11.InformationalResponse(status_code=100, headers=[]))
        return []

    def _check(self, request: h11.Request) -> None:
        """Refuse what is not for us."""
        headers = dict(request.headers)
        path = request.target.partition(b"?")[0].decode("latin-1")
        if not self._is_welcome(headers.get(b"authorization", b"")):
            self._respond(401, "no access", extra=[("WWW-Authenticate", f'Basic realm="{self._site.realm}"')])
        elif path.rstrip("/") != self._site.path.rstrip("/"):
            self._respond(404, f"nothing at {path}")
        elif request.method != b"POST":
            self._respond(405, "commands are posted", extra=[("Allow", "POST")])

    def _is_welcome(self, authorization: bytes) -> bool:
        if not self._site.credentials:
            return True
        expected = b"Basic " + base64.b64encode(self._site.credentials.encode())
        return authorization == expected

    def _respond(
        self, status: int, refusal: str, body: bytes = b"", extra: list[tuple[str, str]] | None = None
    ) -> None:  # fmt: skip
        body = body or (refusal + "\n").encode() if refusal else body
        headers = [("Connection", "close"), *(extra or [])]
        if status != 204:
            headers.append(("Content-Length", str(len(body))))
        self._say(h11.Response(status_code=status, headers=headers))
        self._say(h11.Data(data=body))
        self._say(h11.EndOfMessage())
        self.is_over, self.is_partial = True, False

    def _say(self, event: h11.Event) -> None:
        self.outgoing += self._http.send(event) or b""


class HttpWires:
    """Makes the wires of a site's connections."""

    def __init__(self, site: Site) -> None:
        self.settings = StreamSettings(MOST_CONNECTIONS, message_time=site.timeout)
        self._site = site
        self._context: ssl.SSLContext | None = None

    def prepare(self, listener: Listener) -> None:
        """Raises OSError if the certificate cannot be used."""
        if self._site.certificate:
            site = self._site
            domain = TlsDomain("http", certificate=site.certificate, private_key=site.private_key, verify_cert=False)
            self._context = server_context(domain)

    def accepted(self, listener: Listener) -> Wire:
        """For a connection that a client made."""
        wire = HttpWire(self._site)
        return wire if self._context is None else TlsWire(self._context, wire, is_server=True)

    def made(self, listener: Listener, destination: Address) -> Wire:
        """Raises OSError: a client that left is not called back."""
        raise ConnectionError("it has left")
