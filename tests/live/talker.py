"""A phone on real sockets that does what a test says, step by step, and hears the sound that reaches it."""

from __future__ import annotations

import socket
import time

from relayscript.apps.testing.useragent import UserAgent, media_of, sdp
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds after which a message that should have come is a failure."""

PACKETS = 50
INTERVAL = 0.05


class Talker:
    """One phone; `remote` is where it was last told to send its sound."""

    def __init__(self, name: str, port: int, media: int, proxy: Address) -> None:
        self._sip, self._rtp = bound(port, PATIENCE), bound(media, INTERVAL)
        self.agent = UserAgent(name, (HOST, port), proxy, lambda data: self._send(data, proxy))
        self.media = media
        self.remote: Address = (HOST, 0)
        self._version = 0

    def _send(self, data: bytes, to: Address) -> None:
        self._sip.sendto(data, to)

    def close(self) -> None:
        """Give the ports back."""
        self._sip.close()
        self._rtp.close()

    def description(self, direction: str = "") -> str:
        """What it offers or answers now."""
        self._version += 1
        return sdp(self.agent.name, HOST, self.media, self._version, direction)

    def next(self, what: str) -> Message:
        """The next request of a method, or reply of a status, that it gets; what else comes is passed over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            message = self.agent.receive(self._sip.recv(65536))
            if message is None:
                continue
            if message.body and (told := media_of(message.body)) is not None:
                self.remote = told
            if what == (message.method if message.is_request else str(message.status)):
                return message
        raise AssertionError(f"{self.agent.name} got no {what}")

    def hears(self, other: Talker) -> bool:
        """Does what the other sends arrive here, and from where this one sends to?"""
        sound = other.agent.name.encode().ljust(160, b".")
        for number in range(PACKETS):
            head = bytes([0x80, 0]) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") + b"ssrc"
            other._rtp.sendto(head + sound, other.remote)
            try:
                data, source = self._rtp.recvfrom(2048)
            except TimeoutError:
                continue
            if data[12:] == sound and source == self.remote:
                return True
        return False


def bound(port: int, patience: float) -> socket.socket:
    """A UDP socket on a port, which waits so many seconds for data."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((HOST, port))
    made.settimeout(patience)
    return made
