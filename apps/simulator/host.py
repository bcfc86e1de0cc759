"""The virtual host: a script's clock, network, names and relay nodes, all in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from relayscript.apps.names.zone import Zone
from relayscript.apps.simulator.impairment import Impairment
from relayscript.apps.simulator.relays import Node
from relayscript.engines.contract import Network
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.host import Undeliverable, unheard
from relayscript.interpreter.storage import MemoryStore, Options
from relayscript.sip.ids import CountingIds, Ids
from relayscript.sip.locating import Question, Records
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address, Listener

EPOCH = 1_767_225_600.0
"""The wall clock at virtual time 0: 1 January 2026, 00:00 UTC."""

LOCALHOST = "127.0.0.1"


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
            scheme, _, rest = url.partition(":")
            host = rest.rpartition(":")[0].strip("[]") if scheme in ("udp", "udp6", "tcp", "tcp6") else LOCALHOST
            found = self.nodes[url] = Node(url, host or rest)
        return found

    def connect(self, url: str, receive: Callable[[bytes], None]) -> NodeChannel:
        """A channel to the node at a URL."""
        return NodeChannel(self.node(url), self._timers, receive)


class VirtualHost:
    """`interpreter.host.Host` in memory.

    `endpoints` are those who get messages, by address; a message to anybody else is lost. `names` are the
    addresses of host names, `zone` what else DNS knows, `unreachable` are addresses from which everything comes back,
    `emitted` the datagrams sent to URLs. `stores` are the databases, by URL.
    """

    def __init__(self) -> None:
        self.timers = Timers()
        self.ids: Ids = CountingIds()
        self.relays = RelayNetwork(self.timers)
        self.network: Network = self.relays
        self.endpoints: dict[Address, Callable[[bytes], None]] = {}
        self.names: dict[str, tuple[str, ...]] = {"localhost": (LOCALHOST,)}
        self.zone = Zone()
        self.unreachable: set[Address] = set()
        self.impairment: Impairment | None = None
        self.undeliverable: Undeliverable = unheard
        self.stores: dict[str, MemoryStore] = {}
        self.logged: list[tuple[int, str]] = []
        self.emitted: list[tuple[str, bytes]] = []
        self.kept: dict[Address, float] = {}
        self.is_quitting = False
        self.lag = 0.0
        self.resident = 0

    # ---- Host

    def wall(self) -> float:
        return EPOCH + self.timers.now

    def log(self, level: int, text: str) -> None:
        self.logged.append((level, text))

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        if destination in self.unreachable:
            self.timers.start(0.0, lambda: self.undeliverable(listener, destination, True))
            return
        receive = self.endpoints.get(destination)
        if receive is not None:
            self.carry(partial(receive, data))

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        done(list(self.names.get(name.lower(), ()) or self.zone.addresses(name)))

    def look_up(self, question: Question, done: Callable[[Records | None], None]) -> None:
        named = self.names.get(question.name.lower(), ())
        if question.kind in ("A", "AAAA") and named:
            done(tuple(each for each in named if (":" in each) == (question.kind == "AAAA")))
        else:
            done(self.zone.answer(question))

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        """There are no connections here, but one can be made to everybody but the `unreachable`."""
        done(listener.protocol == "udp" or (connect and destination not in self.unreachable))

    def outbound(self, destination: Address) -> str:
        """All networks are behind one address: that of the sender's own choice."""
        return ""

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

    def emit(self, url: str, data: bytes) -> None:
        self.emitted.append((url, data))

    def quit(self) -> None:
        self.is_quitting = True

    def serve(self, url: str, receive: Callable[[bytes, Callable[[bytes], None]], None]) -> None:
        """Management datagrams have nobody to come from: a scenario calls the commands directly."""

    def store(self, url: str, options: Options) -> MemoryStore:
        """A database in memory, for each URL its own."""
        return self.stores.setdefault(url, MemoryStore())

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

    def carry(self, arrive: Callable[[], None]) -> None:
        """A message is on its way: it arrives at once, or as the `impairment` of the network says."""
        for delay in (0.0,) if self.impairment is None else self.impairment.delays():
            self.timers.start(delay, arrive)

    # ---- time

    def settle(self) -> None:
        """Everything that is due now happens."""
        self.timers.fire(self.timers.now)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""
        self.timers.fire(self.timers.now + seconds)

    def until(self, done: Callable[[], object], seconds: float) -> bool:
        """Let time pass from timer to timer until something is so; False if it is not within `seconds`."""
        end = self.timers.now + seconds
        self.settle()
        while not done():
            deadline = self.timers.deadline()
            if deadline is None or deadline > end:
                return False
            self.timers.fire(deadline)
        return True
