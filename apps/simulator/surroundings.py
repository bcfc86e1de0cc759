"""What is around a script on trial beside sockets: a network of some quality, names, databases, time, all as told."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.names.zone import Zone
from relayscript.apps.simulator.impairment import Impairment
from relayscript.interpreter.storage import MemoryStore, Options
from relayscript.sip.locating import Question, Records
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address

EPOCH = 1_767_225_600.0
"""The wall clock at virtual time 0: 1 January 2026, 00:00 UTC."""

LOCALHOST = "127.0.0.1"


class Surroundings:
    """The part of `interpreter.host.Host` that needs no sockets; `timers` say what time it is.

    `impairment` is what the network does to messages, `names` are the addresses of host names, `zone` what else DNS
    knows, `stores` the databases by URL, `emitted` the datagrams sent to URLs. `epoch` is the wall clock at virtual
    time 0. Time moves in `settle`, `pass_time` and `until` only.
    """

    timers: Timers

    def __init__(self) -> None:
        self.epoch = EPOCH
        self.impairment: Impairment | None = None
        self.names: dict[str, tuple[str, ...]] = {"localhost": (LOCALHOST,)}
        self.zone = Zone()
        self.stores: dict[str, MemoryStore] = {}
        self.emitted: list[tuple[str, bytes]] = []

    # ---- Host

    def wall(self) -> float:
        return self.epoch + self.timers.now

    def resolve(self, name: str, done: Callable[[list[str]], None]) -> None:
        done(list(self.names.get(name.lower(), ()) or self.zone.addresses(name)))

    def look_up(self, question: Question, done: Callable[[Records | None], None]) -> None:
        named = self.names.get(question.name.lower(), ())
        if question.kind in ("A", "AAAA") and named:
            done(tuple(each for each in named if (":" in each) == (question.kind == "AAAA")))
        else:
            done(self.zone.answer(question))

    def outbound(self, destination: Address) -> str:
        """All networks are behind one address: that of the sender's own choice."""
        return ""

    def emit(self, url: str, data: bytes) -> None:
        self.emitted.append((url, data))

    def serve(self, url: str, receive: Callable[[bytes, Callable[[bytes], None]], None]) -> None:
        """Management datagrams have nobody to come from: a scenario calls the commands directly."""

    def store(self, url: str, options: Options) -> MemoryStore:
        """A database in memory, for each URL its own."""
        return self.stores.setdefault(url, MemoryStore())

    # ---- the network

    def impair(self, impairment: Impairment) -> None:
        """The network is a bad one from now on."""
        self.impairment = impairment

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
