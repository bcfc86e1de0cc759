"""A phone on real sockets that does what a test says, step by step, and hears the sound that reaches it."""

from __future__ import annotations

import socket
import time

from relayscript.apps.testing.useragent import Call, UserAgent, contact_of, listed, media_of, sdp
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds after which a message that should have come is a failure."""

ATTEMPTS = 50
INTERVAL = 0.05
COUNTED = 10
"""How many packets are counted when the first has come through."""


class Talker:
    """One phone; `remote` is where it was last told to send its sound."""

    def __init__(self, name: str, port: int, media: int, proxy: Address) -> None:
        self._sip, self._rtp = bound(port, PATIENCE), bound(media, INTERVAL)
        self.agent = UserAgent(name, (HOST, port), proxy, lambda data: self._send(data, proxy))
        self.name = name
        self.media = media
        self.remote: Address = (HOST, 0)
        self._version = 0
        self._packets = 0

    def _send(self, data: bytes, to: Address) -> None:
        self._sip.sendto(data, to)

    def close(self) -> None:
        """Give the ports back."""
        self._sip.close()
        self._rtp.close()

    def description(self, direction: str = "") -> str:
        """What it offers or answers now."""
        self._version += 1
        return sdp(self.name, HOST, self.media, self._version, direction)

    # ---- messages

    @property
    def call(self) -> Call:
        """The call that it made or got last."""
        assert self.agent.call is not None
        return self.agent.call

    @property
    def tag(self) -> str:
        """Its tag in that call."""
        return self.call.local.rpartition(";tag=")[2]

    def next(self, what: str) -> Message:
        """The next request of a method, or reply of a status, that it gets; what else comes is passed over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                message = self.agent.receive(self._sip.recv(65536))
            except TimeoutError:
                break
            if message is None:
                continue
            if message.body and (told := media_of(message.body)) is not None:
                self.remote = told
            if what == (message.method if message.is_request else str(message.status)):
                return message
        raise AssertionError(f"{self.name} got no {what}")

    def answer(self, method: str, status: int, body: str = "") -> None:
        """Wait for a request and answer it."""
        self.next(method)
        self.agent.respond(status, body=body, method=method)

    def join(self, reply: Message) -> None:
        """Requests from now on belong to the early dialog of a reply (RFC 3261 12.1.2)."""
        self.call.remote = reply.header("to") or ""
        self.call.routes = listed(reply.headers("record-route"))[::-1]
        self.call.target = contact_of(reply)

    # ---- sound

    def hears(self, other: Talker) -> bool:
        """Does what the other sends arrive here, every packet, and from where this one sends to?"""
        return any(self._gets(other) for _ in range(ATTEMPTS)) and all(self._gets(other) for _ in range(COUNTED))

    def _gets(self, other: Talker) -> bool:
        other._packets += 1
        number = other._packets
        head = bytes([0x80, 0]) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") + b"ssrc"
        packet = head + other.name.encode().ljust(160, b".")
        other._rtp.sendto(packet, other.remote)
        try:
            while True:
                data, source = self._rtp.recvfrom(2048)
                if data[12:] == packet[12:] and data[2:4] == packet[2:4]:
                    return bool(source == self.remote)
        except TimeoutError:
            return False


def bound(port: int, patience: float) -> socket.socket:
    """A UDP socket on a port, which waits so many seconds for data."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((HOST, port))
    made.settimeout(patience)
    return made
