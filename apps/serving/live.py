"""The live host: a script's clock, sockets, log and resolver on asyncio, without a task per packet."""

from __future__ import annotations

import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO

from relayscript.apps.databases.database import SqlStore
from relayscript.apps.names.resolver import Resolver
from relayscript.apps.serving.channels import LARGEST, SocketNetwork
from relayscript.apps.serving.datagrams import bound, delay, stamp_arrivals
from relayscript.apps.serving.emitter import Emitter
from relayscript.apps.serving.endpoints import Endpoints
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.logline import LogWriter
from relayscript.apps.serving.memory import resident
from relayscript.apps.serving.refusals import hear_of_refusals, outbound, refusals
from relayscript.apps.serving.streams.table import PROTOCOLS, Streams
from relayscript.apps.serving.streams.wires import Wires
from relayscript.apps.serving.turns import ServingLoop
from relayscript.engines.contract import Network
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.flood import FloodGate
from relayscript.interpreter.host import Disconnected, Undeliverable, unheard, unheeded
from relayscript.interpreter.storage import Options, Store
from relayscript.sip.ids import Ids
from relayscript.sip.locating import Question, Records
from relayscript.sip.transport import Address, Listener

AT_ONCE = 64
"""How many datagrams one wake-up takes from a socket before others get their turn."""

WEIGHED_EVERY = 1.0
"""Seconds between two looks at how much memory is in use."""

SERVED = ("udp", *PROTOCOLS)
"""The transports that can be listened on."""

Receive = Callable[[bytes, Address, Listener], None]
Answer = Callable[[bytes], None]


class LiveHost:
    """`interpreter.host.Host` on real sockets and real time.

    `statistics` is where failures are counted; the server sets it to the runtime's.
    """

    def __init__(self, loop: ServingLoop, log: BinaryIO | None = None) -> None:
        self.events = EventLoop(loop, self._failed)
        self.timers = self.events.timers
        self.ids = Ids()
        self.undeliverable: Undeliverable = unheard
        self.disconnected: Disconnected = unheeded
        self.resolver = Resolver(self.events)
        self._relays = SocketNetwork(self.events, self.resolver.resolve)
        self.network: Network = self._relays
        self.writer = LogWriter(log if log is not None else sys.stderr.buffer)
        self.statistics: dict[str, int] = {}
        self.streams = Streams(self.events, self._complain, Wires(), self._lost, self._left)
        self.endpoints = Endpoints(self.events, self._complain)
        self._gate = FloodGate(self.timers)
        self._emitter = Emitter(self.resolver.resolve, self._complain)
        self._sockets: dict[Listener, socket.socket] = {}
        self.lag = 0.0
        self.resident = 0
        self._stores: dict[str, SqlStore] = {}

    # ---- Host

    def wall(self) -> float:
        return time.time()

    def log(self, level: int, text: str) -> None:
        self.writer.write(level, text)

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        self.resolver.resolve(name, done)

    def look_up(self, question: Question, done: Callable[[Records | None], None]) -> None:
        self.resolver.look_up(question, done)

    def outbound(self, destination: Address) -> str:
        return outbound(destination)

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        if listener in self._sockets:
            done(True)
        else:
            self.streams.reach(listener, destination, done, connect=connect)

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        sock = self._sockets.get(listener)
        if sock is None:
            self.streams.send(listener, destination, data)
            return
        try:
            sock.sendto(data, destination)
        except (OSError, OverflowError) as error:
            self._send_again(listener, sock, destination, data, error)

    def alias(self, listener: Listener, source: Address, port: int) -> bool:
        return self.streams.alias(listener, source, port)

    def keep(self, listener: Listener, source: Address, seconds: float) -> None:
        self.streams.keep(listener, source, seconds)

    def connections(self) -> list[Connection]:
        return self.streams.connections(time.time())

    def close_connection(self, number: int) -> None:
        self.streams.end(number)

    def emit(self, url: str, data: bytes) -> None:
        self._emitter.emit(url, data)

    def quit(self) -> None:
        self.events.soon(self.events.loop.stop)

    def serve(self, url: str, receive: Callable[[bytes, Answer], None]) -> None:
        self.endpoints.serve(url, receive)

    def store(self, url: str, options: Options) -> Store:
        found = self._stores.get(url)
        if found is None:
            found = self._stores[url] = SqlStore(url, options, self._from_thread, self._complain_of_database)
        return found

    # ---- for the server

    def bind(self, listener: Listener) -> None:
        """Take the listener's port. Raises OSError. Nothing is read yet."""
        if listener.protocol == "udp":
            self._sockets[listener] = bound(listener.host, listener.port, str(listener))
        else:
            self.streams.bind(listener)
        if not self._relays.media_host and listener.host not in ("0.0.0.0", "::", "*"):
            self._relays.media_host = self.address_of(listener)[0]

    def open(self, receive: Receive) -> None:
        """Read from all bound listeners from now on."""
        for listener, sock in self._sockets.items():
            stamp_arrivals(sock)
            hear_of_refusals(sock)
            self.events.watch(sock, self._reader(listener, sock, receive))
        self.streams.open(receive)
        self._weigh()

    def address_of(self, listener: Listener) -> Address:
        """The address that a listener is bound to (the kernel's choice if its port is 0)."""
        if listener.protocol != "udp":
            return self.streams.address_of(listener)
        host, port = self._sockets[listener].getsockname()[:2]
        return host, port

    def close(self) -> None:
        """Give all sockets back, and write what databases are still to get."""
        for store in self._stores.values():
            store.close()
        self._stores.clear()
        self.undeliverable, self.disconnected = unheard, unheeded
        self.resolver.close()
        self.streams.close()
        self.endpoints.close()
        self._emitter.close()
        for sock in self._sockets.values():
            self.events.unwatch(sock)
            sock.close()
        self._sockets.clear()

    # ---- inside

    def _send_again(
        self, listener: Listener, sock: socket.socket, destination: Address, data: bytes, error: Exception
    ) -> None:
        """Sending failed; what the system says may be about a datagram that went somewhere else before."""
        is_full = isinstance(error, BlockingIOError)
        if not is_full and isinstance(error, OSError) and self._take_refusals(listener, sock):
            try:
                sock.sendto(data, destination)
            except OSError as other:
                error, is_full = other, isinstance(other, BlockingIOError)
            else:
                return
        if is_full:
            self._complain("send-buffer", f"cannot send through {listener}: its buffer is full")
            return
        self._complain("send", f"cannot send to {destination[0]}:{destination[1]}: {error}")
        self._lost(listener, destination)

    def _take_refusals(self, listener: Listener, sock: socket.socket) -> bool:
        """Tell of datagrams that came back; False if there were none."""
        refused = refusals(sock)
        for destination in refused:
            self._lost(listener, destination, was_sent=True)
        return bool(refused)

    def _lost(self, listener: Listener, destination: Address, was_sent: bool = False) -> None:
        """Tell it later: who is told may be about to send."""
        self.timers.start(0.0, lambda: self.undeliverable(listener, destination, was_sent))

    def _left(self, listener: Listener, peer: Address) -> None:
        """Tell it later: who is told may be about to use the connection."""
        self.timers.start(0.0, lambda: self.disconnected(listener, peer))

    def _reader(self, listener: Listener, sock: socket.socket, receive: Receive) -> Callable[[], None]:
        recvfrom, tick, failed = sock.recvfrom, self.events.tick, self._failed
        narrow = sock.family == socket.AF_INET
        is_behind = False

        def readable() -> None:
            nonlocal is_behind
            self.lag = delay(sock, self.wall()) if is_behind else 0.0
            is_behind = take()
            self.lag = 0.0

        def take() -> bool:
            for number in range(AT_ONCE):
                try:
                    data, source = recvfrom(LARGEST)
                except OSError as error:
                    if number == 0 or not isinstance(error, BlockingIOError):
                        self._take_refusals(listener, sock)
                    return False
                tick()
                try:
                    receive(data, source if narrow else source[:2], listener)
                except Exception as error:
                    failed(error)
            return True

        return readable

    def _weigh(self) -> None:
        self.resident = resident()
        self.timers.start(WEIGHED_EVERY, self._weigh)

    def _complain(self, kind: str, text: str) -> None:
        self._count_and_log(f"net:{kind}_failures", kind, text)

    def _complain_of_database(self, kind: str, text: str) -> None:
        self._count_and_log(f"db:{kind}", kind, text)

    def _count_and_log(self, name: str, kind: str, text: str) -> None:
        self.statistics[name] = self.statistics.get(name, 0) + 1
        admitted = self._gate.admit(kind, text)
        if admitted is not None:
            self.log(-1, admitted)

    def _from_thread(self, event: Callable[[], object]) -> None:
        """Run an event that another thread brings; it is lost if the loop was closed meanwhile."""
        try:
            self.events.soon(event)
        except RuntimeError:
            return

    def _failed(self, error: Exception) -> None:
        trace = "".join(traceback.format_exception(error)).rstrip()
        self._complain(type(error).__name__, f"an event could not be handled: {trace}")
