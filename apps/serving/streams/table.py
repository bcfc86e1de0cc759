"""The connections of a host: listeners of the stream transports, and who is reached over which connection."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from relayscript.apps.names.resolver import is_address
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.streams.connection import Connection, spoken
from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.wire import Wire
from relayscript.interpreter.connections import Connection as Shown
from relayscript.interpreter.host import Disconnected, Undeliverable, unheard, unheeded
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import DEFAULT_PORTS, Address, Listener

PROTOCOLS = ("tcp", "tls", "ws", "wss")
"""The transports that are served here."""

AT_ONCE = 16
"""How many connections one wake-up accepts before others get their turn."""

PAUSE = 1.0
"""Seconds without accepting when the system has no more files to give."""

Receive = Callable[[bytes, Address, Listener], None]
Complain = Callable[[str, str], None]

Key = tuple[str, Address]


class WireMaker(Protocol):
    """What is spoken on connections, and their limits."""

    @property
    def settings(self) -> StreamSettings:
        """The limits."""

    def prepare(self, listener: Listener) -> None:
        """Raises OSError if nothing could be spoken on connections of the listener."""

    def accepted(self, listener: Listener) -> Wire:
        """For a connection that a peer made."""

    def made(self, listener: Listener, destination: Address) -> Wire:
        """For a connection that is to be made. Raises OSError if it cannot be."""


class Link:
    """A connection in its table: through which listener it runs, and by which keys it is found.

    `waiting` are those who want to know whether it comes about; `destinations` where messages go that wait for that.
    """

    __slots__ = (
        "connection", "destinations", "is_aliased", "keys", "listener", "number", "table", "waiting",
    )  # fmt: skip

    def __init__(self, table: Streams, listener: Listener, number: int) -> None:
        self.number = number
        self.table = table
        self.listener = listener
        self.connection: Connection | None = None
        self.keys: list[Key] = []
        self.is_aliased = False
        self.waiting: list[Callable[[bool], None]] = []
        self.destinations: set[Address] = set()

    def received(self, connection: Connection, message: bytes) -> None:
        self.table.received(self, connection, message)

    def ready(self, connection: Connection) -> None:
        self.destinations.clear()
        self._tell(True)

    def ended(self, connection: Connection, reason: str) -> None:
        self.table.ended(self, connection, reason)
        self._tell(False)

    def _tell(self, is_ready: bool) -> None:
        waiting, self.waiting = self.waiting, []
        for done in waiting:
            done(is_ready)


class Streams:
    """Listens, accepts, connects, and sends over the connection that leads to a destination.

    `complain(kind, text)` counts and logs what goes wrong; nothing is raised for it. `undeliverable` gets the
    destinations to which no connection came about, `disconnected` the connections that ended.
    """

    def __init__(
        self,
        events: EventLoop,
        complain: Complain,
        wires: WireMaker,
        undeliverable: Undeliverable = unheard,
        disconnected: Disconnected = unheeded,
    ) -> None:
        self._undeliverable = undeliverable
        self._disconnected = disconnected
        self.wires = wires
        self._events = events
        self._complain = complain
        self._listening: dict[Listener, socket.socket] = {}
        self._links: set[Link] = set()
        self._found: dict[Key, Link] = {}
        self._receive: Receive | None = None
        self._count = 0

    # ---- for the host

    def bind(self, listener: Listener) -> None:
        """Take the listener's port. Raises OSError, also for a bad certificate. Nobody is accepted yet."""
        self.wires.prepare(listener)
        family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((listener.host, listener.port))
            sock.listen(self.wires.settings.backlog)
        except OSError as error:
            sock.close()
            error.filename = str(listener)
            raise
        self._listening[listener] = sock

    def open(self, receive: Receive) -> None:
        """Accept from now on; `receive` gets each message with the peer's address and the listener."""
        self._receive = receive
        for listener, sock in self._listening.items():
            self._watch(listener, sock)

    def address_of(self, listener: Listener) -> Address:
        """The address that a listener is bound to."""
        host, port = self._listening[listener].getsockname()[:2]
        return host, port

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        """Send over the connection that leads there, or over a new one."""
        link = self._found.get((listener.protocol, destination))
        if link is None:
            destination = fallback(destination, data)
            link = self._found.get((listener.protocol, destination)) or self._connect(listener, destination)
        if link is None or link.connection is None:
            self._undeliverable(listener, destination, False)
            return
        if not link.connection.is_connected:
            link.destinations.add(destination)
        link.connection.send(data)

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        """True as soon as a connection leads there, False if none comes about; without `connect` none is made."""
        link = self._found.get((listener.protocol, destination))
        if link is None and connect:
            link = self._connect(listener, destination)
        if link is None or link.connection is None:
            done(False)
        elif link.connection.is_connected:
            done(True)
        else:
            link.waiting.append(done)

    def alias(self, listener: Listener, source: Address, port: int) -> bool:
        """Let that port of a peer be reached over its connection too; False if it has none.

        A port that another connection leads to stays with that one.
        """
        link = self._found.get((listener.protocol, source))
        if link is None:
            return False
        link.is_aliased = True
        if (listener.protocol, (source[0], port)) not in self._found:
            self._name(link, (source[0], port))
        return True

    def keep(self, listener: Listener, source: Address, seconds: float) -> None:
        """Leave the connection that comes from there open for so long, whether or not anything moves on it."""
        link = self._found.get((listener.protocol, source))
        if link is not None and link.connection is not None:
            link.connection.keep(seconds)

    def close(self) -> None:
        """End all connections and give the ports back."""
        self._receive = None
        for link in list(self._links):
            if link.connection is not None:
                link.connection.end()
        for sock in self._listening.values():
            self._events.unwatch(sock)
            sock.close()
        self._listening.clear()

    def connections(self, wall: float) -> list[Shown]:
        """The connections there are, oldest first; `wall` is the time of the wall clock."""
        return [
            Shown(
                link.number, link.listener.protocol, link.connection.is_connected, link.connection.peer,
                link.connection.local, wall + link.connection.idle_for, tuple(port for _, (_, port) in link.keys[1:]),
            )
            for link in sorted(self._links, key=lambda each: each.number)
            if link.connection is not None
        ]  # fmt: skip

    def end(self, number: int) -> None:
        """End one of them."""
        for link in list(self._links):
            if link.number == number and link.connection is not None:
                link.connection.end()

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._links)

    # ---- what happens on connections

    def received(self, link: Link, connection: Connection, message: bytes) -> None:
        """A message came in."""
        if self._receive is None:
            return
        if not link.is_aliased and self.wires.settings.accepts_aliases:
            self._take_alias(link, connection, message)
        try:
            self._receive(message, connection.peer, link.listener)
        except Exception as error:
            self._complain("receive", f"a message from {connection.peer[0]} could not be handled: {error!r}")

    def ended(self, link: Link, connection: Connection, reason: str) -> None:
        """A connection is closed."""
        self._links.discard(link)
        for key in link.keys:
            if self._found.get(key) is link:
                del self._found[key]
        for destination in link.destinations:
            self._undeliverable(link.listener, destination, False)
        if connection.is_connected:
            self._disconnected(link.listener, connection.peer)
        if reason:
            host, port = connection.peer
            self._complain("connection", f"connection {link.listener.protocol} {host}:{port} closed: {reason}")

    # ---- inside

    def _watch(self, listener: Listener, sock: socket.socket) -> None:
        self._events.watch(sock, lambda: self._accept(listener, sock))

    def _accept(self, listener: Listener, sock: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                made, peer = sock.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue  # it left before it was taken
            except OSError as error:
                self._complain("accept", f"cannot accept on {listener}: {spoken(error)}")
                self._events.unwatch(sock)
                self._events.timers.start(PAUSE, lambda: self._again(listener, sock))
                return
            self._admit(listener, made, peer[:2])

    def _again(self, listener: Listener, sock: socket.socket) -> None:
        if self._listening.get(listener) is sock:
            self._watch(listener, sock)

    def _admit(self, listener: Listener, sock: socket.socket, peer: Address) -> None:
        if self._is_full(f"{listener} refuses {peer[0]}"):
            sock.close()
            return
        self._link(listener, sock, peer, self.wires.accepted(listener)).accepted()

    def _is_full(self, what: str) -> bool:
        full = len(self._links) >= self.wires.settings.max_connections
        if full:
            self._complain("connections", f"{what}: there are {len(self._links)} connections already")
        return full

    def _link(self, listener: Listener, sock: socket.socket, peer: Address, wire: Wire) -> Connection:
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(self.wires.settings.keeps_alive))
        self._count += 1
        link = Link(self, listener, self._count)
        limits = self.wires.settings.limits(listener.protocol)
        link.connection = Connection(self._events, sock, peer, wire, limits, link)
        self._links.add(link)
        self._name(link, peer)
        return link.connection

    def _name(self, link: Link, address: Address) -> None:
        """Let a connection be found by an address, the newest if there are two."""
        key = (link.listener.protocol, address)
        link.keys.append(key)
        self._found[key] = link

    def _connect(self, listener: Listener, destination: Address) -> Link | None:
        """A connection being made from the listener's address; None if that cannot even begin."""
        host, port = destination
        own = self._listening.get(listener)
        if not is_address(host):
            self._complain("send", f"cannot connect to {host[:80]!r}: not an address")
            return None
        if own is None or self._is_full(f"cannot connect to {host}:{port}"):
            if own is None:
                self._complain("send", f"cannot send through {listener}: not a socket of ours")
            return None
        sock = socket.socket(own.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.bind((listener.host, 0))
            wire = self.wires.made(listener, destination)
        except OSError as error:
            sock.close()
            self._complain("send", f"cannot connect to {host}:{port}: {spoken(error)}")
            return None
        self._link(listener, sock, destination, wire).connect()
        return self._found.get((listener.protocol, destination))

    def _take_alias(self, link: Link, connection: Connection, message: bytes) -> None:
        """Let others reach the peer's own port over this connection too (RFC 5923 5)."""
        if not self.wires.settings.always_aliases and b"alias" not in message:
            return
        try:
            read = Message.parse(message)
            via = read.top_via
        except SipError:
            return
        if not read.is_request or (via.param("alias") is None and not self.wires.settings.always_aliases):
            return
        port = via.port or self.wires.settings.default_port(link.listener.protocol)
        self.alias(link.listener, connection.peer, port)


def fallback(destination: Address, data: bytes) -> Address:
    """Where a message goes if nothing is connected to its destination.

    A reply whose connection is gone goes to the port that its Via names (RFC 3261 18.2.2), not to the one
    that the connection came from.
    """
    if not data.startswith(b"SIP/2.0 "):
        return destination
    try:
        via = Message.parse(data).top_via
    except SipError:
        return destination
    return destination[0], via.port or DEFAULT_PORTS.get(via.transport.lower(), 5060)
