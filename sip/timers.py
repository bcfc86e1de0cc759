"""Timers without a clock: started with a delay, fired by whoever knows the time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush


class Timer:
    """A started timer; `cancel()` may be called at any time, also after it fired."""

    __slots__ = ("callback", "deadline")

    def __init__(self, deadline: float, callback: Callable[[], None] | None) -> None:
        self.deadline = deadline
        self.callback = callback

    def cancel(self) -> None:
        """Never fire. Costs nothing now; the entry leaves the queue when its time comes."""
        self.callback = None

    @property
    def active(self) -> bool:
        """Still to fire."""
        return self.callback is not None


class Timers:
    """A queue of timers. `now` (seconds, monotonic) is set by the driver before it hands in any event."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._queue: list[tuple[float, int, Timer]] = []
        self._count = 0

    def start(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back in `delay` seconds; timers with the same deadline fire in the order they were started."""
        self._count += 1
        timer = Timer(self.now + delay, callback)
        heappush(self._queue, (timer.deadline, self._count, timer))
        return timer

    def deadline(self) -> float | None:
        """When the next timer fires (same clock as `now`); None if there is none."""
        queue = self._queue
        while queue and queue[0][2].callback is None:
            heappop(queue)
        return queue[0][0] if queue else None

    def fire(self, now: float) -> int:
        """Move to `now` and fire what is due, earliest first; returns how many fired."""
        queue, fired = self._queue, 0
        while queue and queue[0][0] <= now:
            deadline, _, timer = heappop(queue)
            if (callback := timer.callback) is not None:
                timer.callback = None
                self.now = max(self.now, deadline)
                callback()
                fired += 1
        self.now = max(self.now, now)
        if len(queue) > 64 and self._count % 1024 == 0:
            self._compact()
        return fired

    def pending(self) -> int:
        """How many timers are still to fire."""
        return sum(timer.callback is not None for _, _, timer in self._queue)

    def _compact(self) -> None:
        self._queue[:] = [entry for entry in self._queue if entry[2].callback is not None]
        heapify(self._queue)
