"""What a connection speaks: bytes of a socket to messages and back, without the socket."""

from __future__ import annotations

from typing import Protocol

from relayscript.sip.stream import PING, Framer

LARGEST = 65535
"""Bytes of the largest header block and of the largest body that a connection takes."""

PONG = b"\r\n"


class Wire(Protocol):
    """One side of one connection.

    `outgoing` are bytes for the socket; who writes them takes them away. `is_over` says that the connection
    is to be closed when they are written, and `fault` why if something was wrong.
    """

    outgoing: bytearray
    is_over: bool
    fault: str

    @property
    def is_ready(self) -> bool:
        """All handshakes are done."""

    @property
    def is_partial(self) -> bool:
        """A message has begun and is not complete."""

    def start(self) -> None:
        """The socket is connected; a client begins its handshake."""

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes from the socket, give the messages they complete."""

    def send(self, message: bytes) -> None:
        """Put a message into `outgoing`, or keep it until the handshake is done."""

    def end(self) -> None:
        """Say goodbye, if the protocol has a way to."""


class SipWire:
    """SIP on a plain byte stream. A CRLF CRLF is answered with CRLF (RFC 5626 3.5.1) if `answers_pings`."""

    is_ready = True

    def __init__(self, answers_pings: bool = True) -> None:
        self.outgoing = bytearray()
        self.is_over = False
        self.fault = ""
        self._answers_pings = answers_pings
        self._framer = Framer(LARGEST, LARGEST)

    @property
    def is_partial(self) -> bool:
        return self._framer.is_partial

    def start(self) -> None:
        pass

    def receive(self, data: bytes) -> list[bytes]:
        found = self._framer.receive(data)
        if self._framer.fault is not None:
            self.is_over, self.fault = True, str(self._framer.fault)
        if PING in found:
            if self._answers_pings:
                self.outgoing += PONG * found.count(PING)
            found = [message for message in found if message != PING]
        return found

    def send(self, message: bytes) -> None:
        self.outgoing += message

    def end(self) -> None:
        pass
