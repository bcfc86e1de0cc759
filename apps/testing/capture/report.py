"""What differs between a recorded proxy and a script, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from relayscript.apps.testing.capture.comparing import Sent
from relayscript.apps.testing.ladders.readable import readable
from relayscript.sip.transport import Address, bracketed

TOLERANCE = 0.005
"""Seconds: messages that were sent within so short a time may come in any order."""


class Kind(Enum):
    """What is wrong with a message; the value says it."""

    CHANGED = "differs"
    MISSING = "was sent then, is not sent now"
    NEW = "is sent now, was not sent then"
    MISPLACED = "comes in another order"


@dataclass(frozen=True, slots=True)
class Pair:
    """A message that was sent then and now, and the lines that differ."""

    then: Sent
    now: Sent
    differences: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """Everything that differs. `played` counts the messages that came to the proxy, `same` those that it sent then and
    the script sends alike; `passed_over` and `lost` are those of the capture."""

    capture: str
    proxy: Address
    played: int
    passed_over: int = 0
    lost: int = 0
    same: int = 0
    found: list[tuple[Kind, Sent, tuple[str, ...]]] = field(default_factory=list)

    def add(self, kind: Kind, sent: Sent, lines: tuple[str, ...] = ()) -> None:
        """A message is not as it was."""
        self.found.append((kind, sent, lines))

    @property
    def is_same(self) -> bool:
        """Nothing differs."""
        return not self.found

    def rows(self) -> Iterator[str]:
        """The report as text: a row for each message that is not as it was, then what was played."""
        for kind, sent, lines in sorted(self.found, key=lambda each: (each[1].time, each[1].place)):
            message = sent.message
            what = f"{message.method} {message.uri}" if message.is_request else f"{message.status} {message.method}"
            host, port = sent.destination
            row = f"{bracketed(host)}:{port} <- {what} ({message.call_id}) {kind.value}"
            yield f"{sent.time:8.3f}  {readable(row)}"
            yield from (f"{'':10}  {readable(line)}" for line in lines)
        counts = ", ".join(f"{number} {word}" for word, number in self._counts() if number)
        proxy = f"{bracketed(self.proxy[0])}:{self.proxy[1]}"
        yield f"{self.capture}: {self.played} messages came to {proxy}; of what it sent: {counts or 'nothing'}"
        if self.passed_over:
            yield f"{self.passed_over} packets are not SIP and were passed over"
        if self.lost:
            yield f"{self.lost} gaps in TCP streams"

    def _counts(self) -> Iterator[tuple[str, int]]:
        kinds = [kind for kind, _, _ in self.found]
        yield "the same", self.same
        yield "changed", kinds.count(Kind.CHANGED)
        yield "missing", kinds.count(Kind.MISSING)
        yield "new", kinds.count(Kind.NEW)
        yield "in another order", kinds.count(Kind.MISPLACED)


def misplaced(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Those that are sent before something now that was sent clearly before them then."""
    latest: Pair | None = None
    for pair in sorted(pairs, key=lambda each: each.then.place):
        if latest is not None and pair.now.place < latest.now.place:
            if pair.then.time - latest.then.time > TOLERANCE:
                yield pair
        else:
            latest = pair
