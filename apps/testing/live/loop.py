"""An event loop that runs only while something is awaited, by a clock that somebody else moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from time import monotonic
from typing import TypeVarTuple

from relayscript.apps.serving.turns import ServingLoop
from relayscript.apps.testing.stage import LostOnTheWay

Ts = TypeVarTuple("Ts")
LIMIT = 10.0
"""Seconds of real time that a message may take from one socket of this process to another."""


class StageLoop(ServingLoop):
    """Handles sockets in `turn` and `pump` only. `clock` is its time; alarms never ring: the stage fires timers."""

    def __init__(self) -> None:
        self.clock: Callable[[], float] = float
        super().__init__()

    def time(self) -> float:
        return self.clock()

    def ring(self, alarm: Callable[[], object], deadline: Callable[[], float]) -> None:
        """No alarm: the stage fires all timers."""

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """A handle that never calls."""
        return asyncio.TimerHandle(when, callback, args, self, context)

    def turn(self) -> None:
        """Handle what is ready now."""
        self.call_soon(self.stop)
        self.run_forever()

    def pump(self, done: Callable[[], object], what: str) -> None:
        """Let sockets be read and written until something is so. Raises LostOnTheWay."""
        end = monotonic() + LIMIT
        while not done():
            self.turn()
            if done():
                return
            left = end - monotonic()
            if left <= 0:
                raise LostOnTheWay(f"{what} did not arrive within {LIMIT:g} s")
            self.turns.wait(left)
