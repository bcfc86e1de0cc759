"""A live host that serves stream transports on loopback, and plain sockets to talk to it."""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from relayscript.apps.serving.live import LiveHost
from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.tls import TlsContexts
from relayscript.apps.serving.streams.wires import Wires
from relayscript.apps.serving.turns import ServingLoop
from relayscript.sip.transport import Address, Listener

LOCAL = "127.0.0.1"


class Peer:
    """A socket of somebody else, read and written while the host's loop runs."""

    def __init__(self, bench: Bench, sock: socket.socket) -> None:
        self._bench = bench
        self.sock = sock
        self.got = b""
        self.is_closed = False
        sock.setblocking(False)

    @property
    def address(self) -> Address:
        host, port = self.sock.getsockname()[:2]
        return host, port

    def send(self, data: bytes) -> None:
        """Send all of it, the loop running meanwhile."""
        left = bytearray(data)

        def pushed() -> bool:
            with suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                del left[: self.sock.send(left)]
            return not left

        self._bench.until(pushed)

    def read(self) -> bytes:
        """All that has come."""
        try:
            while data := self.sock.recv(65536):
                self.got += data
            self.is_closed = True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.is_closed = True
        return self.got

    def gets(self, expected: bytes) -> None:
        """Wait until exactly this has come, and forget it."""
        self._bench.until(lambda: len(self.read()) >= len(expected) or self.is_closed)
        assert self.got == expected
        self.got = b""

    def is_left(self) -> bool:
        """The host has closed the connection."""
        self.read()
        return self.is_closed


class Bench:
    """A live host with a log to read, an end to each wait, and what it received in `got`."""

    def __init__(self) -> None:
        self.loop = ServingLoop()
        self.log = io.BytesIO()
        self.host = LiveHost(self.loop, self.log)
        self.got: list[tuple[bytes, Address, Listener]] = []
        self.listener = Listener("tcp", LOCAL, 0)
        self.peers: list[socket.socket] = []
        self.answer: Callable[[bytes, Address, Listener], bytes | None] = lambda *event: None

    def listen(
        self, protocol: str = "tcp", settings: StreamSettings | None = None, contexts: TlsContexts | None = None
    ) -> Listener:
        """Serve one listener."""
        with socket.socket() as free:
            free.bind((LOCAL, 0))
            listener = Listener(protocol, LOCAL, free.getsockname()[1])
        self.host.streams.wires = Wires(settings or StreamSettings(connect_timeout=3.0), contexts)
        self.listener = listener
        self.host.bind(listener)
        self.host.open(self._receive)
        return listener

    def _receive(self, data: bytes, source: Address, listener: Listener) -> None:
        self.got.append((data, source, listener))
        reply = self.answer(data, source, listener)
        if reply is not None:
            self.host.send(listener, source, reply)

    def messages(self, count: int) -> list[bytes]:
        """The next `count` messages that the host receives."""
        self.until(lambda: len(self.got) >= count)
        found = [data for data, _, _ in self.got[:count]]
        del self.got[:count]
        return found

    def connect(self, listener: Listener) -> Peer:
        """A peer with a connection to the listener."""
        sock = socket.create_connection(listener.address, 3)
        self.peers.append(sock)
        return Peer(self, sock)

    def other(self) -> tuple[socket.socket, Address]:
        """Somebody else's listening socket."""
        sock = socket.create_server((LOCAL, 0))
        sock.setblocking(False)
        self.peers.append(sock)
        host, port = sock.getsockname()
        return sock, (host, port)

    def accept(self, server: socket.socket) -> Peer:
        """The connection that the host makes to somebody else."""
        found: list[socket.socket] = []

        def came() -> bool:
            with suppress(BlockingIOError):
                found.append(server.accept()[0])
            return bool(found)

        self.until(came)
        self.peers.append(found[0])
        return Peer(self, found[0])

    def count(self, what: str) -> int:
        """How often something failed."""
        return self.host.statistics.get(f"net:{what}_failures", 0)

    def until(self, done: Callable[[], object], limit: float = 5.0) -> None:
        """Run the loop until something is so."""

        end = self.loop.time() + limit
        self.loop.run_until_complete(self._watch(done, end))

    async def _watch(self, done: Callable[[], object], end: float) -> None:
        while not done():
            assert self.loop.time() < end, self.log.getvalue().decode()
            await asyncio.sleep(0.001)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.host.close()
    for sock in made.peers:
        sock.close()
    made.loop.close()
