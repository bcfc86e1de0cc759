"""The virtual host: a script's clock, network, names and relay nodes, all in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from relayscript.apps.simulator.relays import Node
from relayscript.apps.simulator.surroundings import EPOCH, LOCALHOST, Surroundings
from relayscript.engines.contract import Network
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.host import Disconnected, Undeliverable, unheard, unheeded
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.ids import CountingIds, Ids
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address, Listener

__all__ = ["EPOCH", "NodeChannel", "RelayNetwork", "VirtualHost", "node_at"]


class NodeChannel:
    """A channel to a relay node in memory; its replies come as events of their own."""

    def __init__(self, node: Node, timers: Timers, receive: Callable[[bytes], None]) -> None:
        self._node, self._timers, self._receive = node, timers, receive
        self._closed = False

    def send(self, data: bytes) -> None:
        if self._closed:
            return
        for reply in self._node.receive(data):
            self._timers.start(self._node.delay, partial(self._arrived, reply))

    def close(self) -> None:
        self._closed = True

    def _arrived(self, data: bytes) -> None:
        if not self._closed:
            self._receive(data)


class RelayNetwork:
    """Relay nodes by URL; one that is not known yet is a healthy one."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self.nodes: dict[str, Node] = {}

    def node(self, url: str) -> Node:
        """The node at a URL."""
        found = self.nodes.get(url)
        if found is None:
            found = self.nodes[url] = node_at(url)
        return found

    def connect(self, url: str, receive: Callable[[bytes], None]) -> NodeChannel:
        """A channel to the node at a URL."""
        return NodeChannel(self.node(url), self._timers, receive)


def node_at(url: str) -> Node:
    """A healthy node; its media are at the address that its URL names, or on loopback."""
    scheme, _, rest = url.partition(":")
    host = rest.rpartition(":")[0].strip("[]") if scheme in ("udp", "udp6", "tcp", "tcp6") else LOCALHOST
    return Node(url, host or rest)


class VirtualHost(Surroundings):
    """`interpreter.host.Host` in memory.

    `endpoints` are those who get messages, by address; a message to anybody else is lost. `unreachable` are
    addresses from which everything comes back.
    """

    def __init__(self) -> None:
        super().__init__()
        self.timers = Timers()
        self.ids: Ids = CountingIds()
        self.relays = RelayNetwork(self.timers)
        self.network: Network = self.relays
        self.endpoints: dict[Address, Callable[[bytes], None]] = {}
        self.unreachable: set[Address] = set()
        self.undeliverable: Undeliverable = unheard
        self.disconnected: Disconnected = unheeded
        self.logged: list[tuple[int, str]] = []
        self.kept: dict[Address, float] = {}
        self._runtime: Runtime | None = None
        self.is_quitting = False
        self.lag = 0.0
        self.resident = 0

    # ---- Host

    def log(self, level: int, text: str) -> None:
        self.logged.append((level, text))

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        if destination in self.unreachable:
            self.timers.start(0.0, lambda: self.undeliverable(listener, destination, True))
            return
        receive = self.endpoints.get(destination)
        if receive is not None:
            self.carry(partial(receive, data))

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        """There are no connections here, but one can be made to everybody but the `unreachable`."""
        done(listener.protocol == "udp" or (connect and destination not in self.unreachable))

    def alias(self, listener: Listener, source: Address, port: int) -> bool:
        """There are no connections here: everybody is reached at their own address."""
        return False

    def keep(self, listener: Listener, source: Address, seconds: float) -> None:
        self.kept[source] = seconds

    def connections(self) -> list[Connection]:
        """There are none."""
        return []

    def close_connection(self, number: int) -> None:
        """There are none."""

    def quit(self) -> None:
        self.is_quitting = True

    def successor(self) -> VirtualHost:
        """The host after whoever ran on this one was killed: for them no timer fires any more.

        What is around stays as it is: the time, the log, endpoints, names, relay nodes, databases. What was on
        its way is lost.
        """
        made = VirtualHost()
        made.timers.now = self.timers.now
        made.ids, made.logged = self.ids, self.logged
        made.endpoints, made.names, made.stores = self.endpoints, self.names, self.stores
        made.zone, made.unreachable = self.zone, self.unreachable
        made.relays.nodes = self.relays.nodes
        return made

    # ---- a stage for a scenario

    def begin(self, runtime: Runtime) -> None:
        """Start the script; what parties send reaches it."""
        self._runtime = runtime
        runtime.start()

    def end(self) -> None:
        """Stop the script, if it began."""
        if self._runtime is not None:
            self._runtime.stop()

    def node(self, url: str) -> Node:
        """The relay node at a URL."""
        return self.relays.node(url)

    def join(self, place: Address, listener: Listener, receive: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Somebody is at an address and gets what is sent there; returns how they send to a socket of ours."""
        self.endpoints[place] = receive

        def arrive(data: bytes) -> None:
            if self._runtime is not None:
                self._runtime.receive(data, place, listener)

        return lambda data: self.carry(partial(arrive, data))
