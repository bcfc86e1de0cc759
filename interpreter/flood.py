"""Keeps a flood of bad packets out of the log: each kind of complaint is written once per second."""

from __future__ import annotations

from relayscript.sip.timers import Timers


class FloodGate:
    """Lets a complaint of a kind through if none of that kind was in the last second.

    What is left out is counted and told with the next one that passes.
    """

    def __init__(self, timers: Timers, interval: float = 1.0) -> None:
        self._timers = timers
        self._interval = interval
        self._passed: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def admit(self, kind: str, text: str) -> str | None:
        """The text to log now; None if it is to be left out."""
        now = self._timers.now
        last = self._passed.get(kind)
        if last is not None and now - last < self._interval:
            self._held[kind] = self._held.get(kind, 0) + 1
            return None
        self._passed[kind] = now
        held = self._held.pop(kind, 0)
        return f"{text} ({held} more like this since)" if held else text
