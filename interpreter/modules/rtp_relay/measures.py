"""Statistics of each relay engine: `rtp_relay:<engine>_<name>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

NAMES = ("sessions", "offers", "answers", "deletes", "failures", "latency")


class Measures:
    """Counts what engines are asked. `sessions` is how many are held now, `latency` the average in ms."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._operations: dict[str, int] = {}
        self._seconds: dict[str, float] = {}

    def add(self, engine: str) -> None:
        """An engine is there: its statistics are."""
        for name in NAMES:
            self._runtime.statistics.setdefault(_name(engine, name), 0)

    def sessions(self, engine: str, by: int) -> None:
        """So many more sessions are held."""
        self._runtime.count(_name(engine, "sessions"), by)

    def operation(self, engine: str, verb: str, seconds: float, *, ok: bool) -> None:
        """An offer, answer or delete ended after so many seconds."""
        count = self._runtime.count
        count(_name(engine, f"{verb}s"))
        if not ok:
            count(_name(engine, "failures"))
        number = self._operations[engine] = self._operations.get(engine, 0) + 1
        total = self._seconds[engine] = self._seconds.get(engine, 0.0) + seconds
        self._runtime.statistics[_name(engine, "latency")] = round(1000 * total / number)


def _name(engine: str, what: str) -> str:
    return f"rtp_relay:{engine}_{what}"
