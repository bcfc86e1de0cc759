"""A network in memory: what an engine sends is kept, and whoever holds it says what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from relayscript.sip.timers import Timers

Answer = Callable[[bytes], Iterable[bytes]]
"""Datagrams (or chunks) that come back for one that was sent."""


class MemoryChannel:
    """A channel whose other end is the network itself."""

    def __init__(self, network: MemoryNetwork, url: str, receive: Callable[[bytes], None]) -> None:
        self._network, self.url, self._receive = network, url, receive
        self.closed = False

    def send(self, data: bytes) -> None:
        """Keep what is sent; the node's answers arrive as the next events."""
        if self.closed:
            return
        self._network.sent.append((self.url, data))
        for reply in self._network.nodes.get(self.url, _silent)(data):
            self._network.timers.start(0, partial(self.receive, reply))

    def receive(self, data: bytes) -> None:
        """Something arrives, unless the channel is closed."""
        if not self.closed:
            self._receive(data)

    def close(self) -> None:
        """Nothing arrives any more."""
        self.closed = True


class MemoryNetwork:
    """All channels and all that was sent. `nodes` says by URL what each answers; a missing one is silent.

    A URL in `refused` cannot be connected to.
    """

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.nodes: dict[str, Answer] = {}
        self.refused: set[str] = set()
        self.sent: list[tuple[str, bytes]] = []
        self.channels: list[MemoryChannel] = []

    def connect(self, url: str, receive: Callable[[bytes], None]) -> MemoryChannel:
        """A channel to the node with this URL."""
        if url in self.refused:
            raise ConnectionRefusedError(url)
        channel = MemoryChannel(self, url, receive)
        self.channels.append(channel)
        return channel

    def open_channels(self, url: str) -> list[MemoryChannel]:
        """The channels to a node that are not closed."""
        return [channel for channel in self.channels if channel.url == url and not channel.closed]

    def settle(self, seconds: float = 0.0) -> None:
        """Let this much time pass, with all that happens in it."""
        until = self.timers.now + seconds
        while self.timers.fire(until):
            pass


def _silent(data: bytes) -> Iterable[bytes]:
    return ()
