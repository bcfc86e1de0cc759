"""A relay that holds every reply back: `python -m benchmarks.slow_relay PORT SECONDS`.

It keeps sessions and ports as a real rtpproxy or rtpengine does (`relayscript.apps.simulator.relays`), takes in
what comes while it holds replies back, and ends with SIGTERM.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from relayscript.apps.simulator.relays import Node

HOST = "127.0.0.1"


class SlowRelay(asyncio.DatagramProtocol):
    """Answers each command after so many seconds, however many others wait."""

    def __init__(self, node: Node, seconds: float) -> None:
        self._node, self._seconds = node, seconds
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A command; its reply goes out later."""
        for reply in self._node.receive(data):
            self._loop.call_later(self._seconds, self._transport.sendto, reply, addr)


async def serve(port: int, seconds: float) -> None:
    """Answer on a port of loopback for ever."""
    node = Node(f"udp:{HOST}:{port}", HOST)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: SlowRelay(node, seconds), (HOST, port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
