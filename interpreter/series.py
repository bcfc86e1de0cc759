"""Statistics over a window of time that moves on (statistics manual, "Statistic Series")."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from relayscript.sip.timers import Timers

ALGORITHMS = ("accumulate", "average", "percentage")


@dataclass(frozen=True, slots=True)
class Profile:
    """How a series is kept: `window` in seconds, cut into `slots`; `factor` is what counts as a whole."""

    name: str
    algorithm: str = "accumulate"
    group: str = ""
    window: int = 60
    slots: int = 60
    factor: int = 100


def read_profile(text: str) -> Profile:
    """Read `name: algorithm=average window=600 slots=10`. Raises ValueError."""
    name, _, rest = text.partition(":")
    given: dict[str, str] = {}
    for word in rest.replace(";", " ").split():
        key, mark, value = word.partition("=")
        if not mark or key not in ("algorithm", "hash_size", "group", "window", "slots", "percentage_factor"):
            raise ValueError(f"unknown setting {word!r} of the series {name.strip()!r}")
        given[key] = value
    algorithm = given.get("algorithm", "accumulate")
    window = int(given.get("window", 60))
    slots = int(given.get("slots", window))
    if not name.strip() or algorithm not in ALGORITHMS or window < 1 or slots < 1:
        raise ValueError(f"bad series profile {text!r}")
    factor = int(given.get("percentage_factor", 100))
    return Profile(name.strip(), algorithm, given.get("group", name.strip()), window, slots, factor)


@dataclass(slots=True)
class _Slot:
    """What came in one part of the window: a number of values, the sum of those above 0, and of the others."""

    number: int
    count: int = 0
    above: int = 0
    below: int = 0


class Series:
    """The values of one statistic; `publish` is told the result whenever it changes."""

    def __init__(self, profile: Profile, timers: Timers, publish: Callable[[int], None]) -> None:
        self._profile = profile
        self._timers = timers
        self._publish = publish
        self._slots: deque[_Slot] = deque()

    def add(self, value: int) -> None:
        """A value comes in now."""
        length = self._profile.window / self._profile.slots
        number = int(self._timers.now // length)
        if not self._slots or self._slots[-1].number != number:
            slot = _Slot(number)
            self._slots.append(slot)
            end = (number + self._profile.slots) * length
            self._timers.start(end - self._timers.now, lambda: self._expire(slot))
        slot = self._slots[-1]
        slot.count += 1
        if value > 0:
            slot.above += value
        else:
            slot.below += value
        self._publish(self.value())

    def clear(self) -> None:
        """Forget all values."""
        self._slots.clear()

    def _expire(self, slot: _Slot) -> None:
        if self._slots and self._slots[0] is slot:
            self._slots.popleft()
            self._publish(self.value())

    def value(self) -> int:
        """The sum, the average or the share of values above 0, as the profile says; 0 without any."""
        above, below = sum(slot.above for slot in self._slots), sum(slot.below for slot in self._slots)
        if self._profile.algorithm == "accumulate":
            return above + below
        if self._profile.algorithm == "average":
            count = sum(slot.count for slot in self._slots)
            return int((above + below) / count) if count else 0
        whole = above - below
        return above * self._profile.factor // whole if whole else 0
