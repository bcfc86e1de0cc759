"""Records what happens to a running script, as an observer: the one source of transcripts and ladders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relayscript.dsl.source import Span
from relayscript.sip.transport import Address, Listener


@dataclass(slots=True)
class SipSeen:
    """A message came from (`sent` false) or went to an address; `listener` is the socket of ours."""

    time: float
    sent: bool
    address: Address
    data: bytes
    listener: Listener


@dataclass(slots=True)
class RelaySeen:
    """A command went to a relay node, or its reply came."""

    time: float
    sent: bool
    node: str
    text: str


@dataclass(slots=True)
class Logged:
    """A line of the log."""

    time: float
    level: int
    text: str


@dataclass(slots=True)
class Ran:
    """Script lines that ran one after the other."""

    time: float
    file: str
    lines: list[int]


@dataclass(slots=True)
class Said:
    """A statement of the scenario; `done` says that its messages are recorded on their own (an act)."""

    time: float
    text: str
    done: bool = False


@dataclass(slots=True)
class Fired:
    """A timer fired, `seconds` after it was started."""

    time: float
    name: str
    seconds: float

    def __str__(self) -> str:
        return f"timer {self.name} after {self.seconds:g} s"


@dataclass(slots=True)
class Result:
    """What a management command returned, as lines of text."""

    time: float
    lines: tuple[str, ...]


@dataclass(slots=True)
class Flow:
    """Sound went from one place to another, by name."""

    time: float
    source: str
    destination: str
    packets: int


@dataclass(slots=True)
class Judged:
    """A condition of the script was asked, in a route that ran for a message of a call; its variables' values."""

    time: float
    span: Span
    route: str
    call_id: str
    truth: bool
    values: tuple[tuple[str, str], ...]


Event = SipSeen | RelaySeen | Logged | Ran | Said | Fired | Result | Flow | Judged


class Recorder:
    """An `interpreter.observer.Observer` that keeps everything in order; `clock` gives the seconds so far."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.events: list[Event] = []

    def message(self, sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        self.events.append(SipSeen(self._clock(), sent, address, data, listener))

    def relay(self, node: str, sent: bool, text: str) -> None:
        self.events.append(RelaySeen(self._clock(), sent, node, text))

    def log(self, level: int, text: str) -> None:
        self.events.append(Logged(self._clock(), level, text))

    def timer(self, name: str, seconds: float) -> None:
        self.events.append(Fired(self._clock(), name, seconds))

    def line(self, file: str, number: int) -> None:
        """A script line is about to run."""
        last = self.events[-1] if self.events else None
        if type(last) is Ran and last.file == file:
            last.lines.append(number)
        else:
            self.events.append(Ran(self._clock(), file, [number]))

    def judged(
        self, span: Span, route: str, call_id: str, truth: bool, values: tuple[tuple[str, str], ...]
    ) -> None:
        """A condition was asked."""
        self.events.append(Judged(self._clock(), span, route, call_id, truth, values))

    def said(self, text: str, done: bool = False) -> None:
        """The scenario does something."""
        self.events.append(Said(self._clock(), text, done))

    def flow(self, source: str, destination: str, packets: int) -> None:
        """So many packets went from one place to another until now."""
        self.events.append(Flow(self._clock(), source, destination, packets))

    def forget(self, kind: type[Event]) -> None:
        """Leave out what was recorded of a kind so far."""
        self.events = [event for event in self.events if not isinstance(event, kind)]

    def result(self, *lines: str) -> None:
        """A management command returned."""
        self.events.append(Result(self._clock(), lines))
