"""The sound of the built-in phone: real RTP packets over UDP, sent every 20 ms and counted on arrival."""

from __future__ import annotations

import asyncio
import socket
import struct

from relayscript.sip.transport import Address

PERIOD = 0.02
"""Seconds between two packets (20 ms of G.711, RFC 3551 section 4.2)."""

SAMPLES = 160
HEADER = struct.Struct("!BBHII")


class Sound:
    """An RTP socket on an address. `received` counts packets by where they came from."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, ssrc: int) -> None:
        self._loop = loop
        self._ssrc = ssrc
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self._timer: asyncio.TimerHandle | None = None
        self._remote: Address | None = None
        self.sent = 0
        self.received: dict[Address, int] = {}
        self.speakers: set[int] = set()
        loop.add_reader(self._socket, self._readable)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def start(self, remote: Address) -> None:
        """Send to an address from now on."""
        self._remote = remote
        if self._timer is None:
            self._tick()

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Give the socket back."""
        self.stop()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _tick(self) -> None:
        number = self.sent & 0xFFFF
        packet = HEADER.pack(0x80, 0, number, self.sent * SAMPLES & 0xFFFFFFFF, self._ssrc) + b"\xff" * SAMPLES
        if self._remote is not None:
            try:
                self._socket.sendto(packet, self._remote)
            except OSError:
                pass  # nobody listens there yet; the next packet may find somebody
            else:
                self.sent += 1
        self._timer = self._loop.call_later(PERIOD, self._tick)

    def _readable(self) -> None:
        while True:
            try:
                data, source = self._socket.recvfrom(2048)
            except OSError:
                return
            if len(data) >= HEADER.size and data[0] >> 6 == 2:
                self.received[source] = self.received.get(source, 0) + 1
                self.speakers.add(HEADER.unpack_from(data)[4])
