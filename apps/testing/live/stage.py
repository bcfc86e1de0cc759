"""The live stage: the live host serves a script on real sockets, to parties and relay nodes of the same process.

The script, its messages and its log know the addresses of the scenario only; behind each of them is a socket on
loopback with a port of the kernel's choice. A message is sent, or read and handed on, when its turn comes: at a
timer that is due now, or when a bad network lets it through, as in the simulator. So the order of events is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO

from relayscript.apps.serving.live import LiveHost, Receive
from relayscript.apps.serving.server import Server, StartError
from relayscript.apps.simulator.relays import Node
from relayscript.apps.simulator.surroundings import Surroundings
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.apps.testing.live.nodes import NodeNetwork
from relayscript.apps.testing.live.parties import LOOPBACK, DatagramParty, PartySocket, StreamParty
from relayscript.apps.testing.stage import NotOnThisStage
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.ids import CountingIds
from relayscript.sip.transport import Address, Listener

TRANSPORTS = ("udp", "tcp", "ws")
"""Those that parties can use here: the others need certificates for all parties."""


@dataclass(slots=True)
class Seat:
    """Where a party is reached over a transport: its socket, and how many messages were sent to it."""

    party: PartySocket
    receive: Callable[[bytes], None]
    sent: int = 0


class LiveStage(Surroundings, LiveHost):
    """`apps.testing.stage.Stage` on loopback. One script can be played on it, once."""

    def __init__(self) -> None:
        self._loop = StageLoop()
        LiveHost.__init__(self, self._loop, BytesIO())
        Surroundings.__init__(self)
        self._loop.clock = lambda: self.timers.now
        self.ids = CountingIds()
        self._nodes = NodeNetwork(self._loop, self.events)
        self.network = self._nodes
        self._server: Server | None = None
        self._real: dict[Listener, Listener] = {}
        self._named: dict[Listener, Listener] = {}
        self._receivers: dict[Address, Callable[[bytes], None]] = {}
        self._seats: dict[tuple[str, Address], Seat] = {}
        self._places: dict[Address, Address] = {}
        self._arrivals = 0

    # ---- Stage

    def begin(self, runtime: Runtime) -> None:
        server = Server(self._loop, runtime.path, lambda host: runtime, host=self)
        try:
            server.start()
        except StartError as error:
            raise NotOnThisStage(str(error)) from error
        self._server = server

    def end(self) -> None:
        try:
            if self._server is not None:
                self._server.stop()
        finally:
            self._nodes.close()
            for seat in self._seats.values():
                seat.party.close()
            self._loop.close()

    def node(self, url: str) -> Node:
        return self._nodes.node(url)

    def join(self, place: Address, listener: Listener, receive: Callable[[bytes], None]) -> Callable[[bytes], None]:
        if listener.protocol not in TRANSPORTS:
            raise NotOnThisStage(f"parties over {listener.protocol}")
        self._receivers[place] = receive
        party = self._seat(listener.protocol, place, receive).party
        return lambda data: self.carry(partial(self._deliver, party, listener, data))

    # ---- Host, between the addresses of the scenario and those of the sockets

    def bind(self, listener: Listener) -> None:
        """Take a port on loopback for it, if there can be parties that use it."""
        if listener.protocol not in TRANSPORTS:
            return
        real = replace(listener, host=LOOPBACK, port=0, tag=str(listener))
        self._real[listener], self._named[real] = real, listener
        super().bind(real)

    def open(self, receive: Receive) -> None:
        def received(data: bytes, source: Address, real: Listener) -> None:
            self._arrivals += 1
            receive(data, self._places.get(source, source), self._named[real])

        super().open(received)

    def send(self, listener: Listener, destination: Address, data: bytes) -> None:
        """To a party; what is sent to anybody else is lost, and leaves this machine in no case."""
        seat = self._seat_of(listener, destination)
        if seat is not None:
            super().send(self._real[listener], seat.party.address, data)
            seat.sent += 1
            self.carry(partial(self._take, seat, seat.sent))

    def reach(self, listener: Listener, destination: Address, done: Callable[[bool], None], *, connect: bool) -> None:
        seat = self._seat_of(listener, destination)
        if listener.protocol == "udp" or seat is None:
            done(listener.protocol == "udp" or connect)
            return
        told: list[bool] = []

        def tell(is_there: bool) -> None:
            told.append(is_there)
            done(is_there)

        super().reach(self._real[listener], seat.party.address, tell, connect=connect)
        self.timers.start(0.0, partial(self._loop.pump, lambda: told, f"a connection to {destination[0]}"))

    def alias(self, listener: Listener, source: Address, port: int) -> bool:
        seat = self._seat_of(listener, source)
        return seat is not None and super().alias(self._real[listener], seat.party.address, port)

    def keep(self, listener: Listener, source: Address, seconds: float) -> None:
        seat = self._seat_of(listener, source)
        if seat is not None:
            super().keep(self._real[listener], seat.party.address, seconds)

    def connections(self) -> list[Connection]:
        """They are the stage's own business."""
        return []

    # ---- inside

    def _seat_of(self, listener: Listener, place: Address) -> Seat | None:
        """Of who is there: everybody is reached over each transport, whichever they speak themselves."""
        receive = self._receivers.get(place)
        if receive is None or listener not in self._real:
            return None
        return self._seat(listener.protocol, place, receive)

    def _seat(self, protocol: str, place: Address, receive: Callable[[bytes], None]) -> Seat:
        found = self._seats.get((protocol, place))
        if found is None:
            party = DatagramParty(self._loop) if protocol == "udp" else StreamParty(self._loop, protocol)
            found = self._seats[protocol, place] = Seat(party, receive)
            self._places[party.address] = place
        return found

    def _deliver(self, party: PartySocket, listener: Listener, data: bytes) -> None:
        self._loop.turn()  # connections may have been closed meanwhile
        before = self._arrivals
        party.send(self.address_of(self._real[listener]), data)
        self._loop.pump(lambda: self._arrivals > before, f"a message to {listener}")

    def _take(self, seat: Seat, number: int) -> None:
        arrived = seat.party.arrived
        self._loop.pump(lambda: len(arrived) >= number, f"a message to {self._places[seat.party.address][0]}")
        seat.receive(arrived[number - 1])

    def _weigh(self) -> None:
        """How much memory is in use is nothing that a scenario could tell."""

    def _lost(self, listener: Listener, destination: Address, was_sent: bool = False) -> None:
        super()._lost(self._named[listener], self._places.get(destination, destination), was_sent)
