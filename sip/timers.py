"""Timers without a clock: started with a delay, fired by whoever knows the time.

A proxy starts its timers with few different delays, and cancels most of them. Those with the same delay fall due
in the order they were started, so they stand in a queue, and only the first of each queue has to be sorted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace

FEW = 1024
"""How many timers are started before the queues are looked through for cancelled ones."""


class Timer:
    """A started timer; `cancel()` may be called at any time, also after it fired. `number` counts all of them."""

    __slots__ = ("callback", "deadline", "number")

    def __init__(self, deadline: float, number: int, callback: Callable[[], object] | None) -> None:
        self.deadline = deadline
        self.number = number
        self.callback = callback

    def cancel(self) -> None:
        """Never fire. Costs nothing now; the entry leaves its queue later."""
        self.callback = None

    @property
    def active(self) -> bool:
        """Still to fire."""
        return self.callback is not None


class Timers:
    """Timers in queues, one for each delay.

    `now` (seconds, monotonic) is set by the driver before it hands in any event; it never goes back.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._queues: dict[float, deque[Timer]] = {}
        self._firsts: list[tuple[float, int, float]] = []
        """A heap of deadline and number of the first timer of each queue, and its delay."""
        self._count = 0
        self._next_sweep = FEW

    def start(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back in `delay` seconds; timers with the same deadline fire in the order they were started."""
        self._count = number = self._count + 1
        timer = Timer(self.now + delay, number, callback)
        queue = self._queues.get(delay)
        if queue is None:
            queue = self._queues[delay] = deque()
            heappush(self._firsts, (timer.deadline, number, delay))
        queue.append(timer)
        if number > self._next_sweep:
            self._sweep()
        return timer

    def deadline(self) -> float | None:
        """When the next timer fires (same clock as `now`); None if there is none."""
        firsts = self._firsts
        while firsts:
            deadline, _, delay = firsts[0]
            if self._queues[delay][0].callback is not None:
                return deadline
            self._drop_first(delay)
        return None

    def fire(self, now: float) -> int:
        """Move to `now` and fire what is due, earliest first; returns how many fired."""
        firsts, fired = self._firsts, 0
        while firsts and firsts[0][0] <= now:
            delay = firsts[0][2]
            timer = self._queues[delay][0]
            self._drop_first(delay)
            if (callback := timer.callback) is not None:
                timer.callback = None
                self.now = max(self.now, timer.deadline)
                callback()
                fired += 1
        self.now = max(self.now, now)
        return fired

    def pending(self) -> int:
        """How many timers are still to fire."""
        return sum(timer.callback is not None for queue in self._queues.values() for timer in queue)

    def _drop_first(self, delay: float) -> None:
        """Take the first timer out of the queue whose turn it is, and all cancelled ones behind it."""
        queue = self._queues[delay]
        queue.popleft()
        while queue and queue[0].callback is None:
            queue.popleft()
        if queue:
            heapreplace(self._firsts, (queue[0].deadline, queue[0].number, delay))
        else:
            heappop(self._firsts)
            del self._queues[delay]

    def _sweep(self) -> None:
        """Let go of all cancelled timers, and do it again when as many were started as are left now."""
        for delay, queue in list(self._queues.items()):
            left = deque(timer for timer in queue if timer.callback is not None)
            if left:
                self._queues[delay] = left
            else:
                del self._queues[delay]
        self._firsts[:] = [(queue[0].deadline, queue[0].number, delay) for delay, queue in self._queues.items()]
        heapify(self._firsts)
        self._next_sweep = self._count + FEW + sum(map(len, self._queues.values()))
