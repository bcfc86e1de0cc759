"""Runs for many short jobs: a greenlet that did one takes the next, which costs a tenth of starting another."""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent, greenlet

MOST_IDLE = 64
"""How many greenlets are kept for later jobs; those that many waiting calls needed at once may go."""


class Workers:
    """Runs functions as `waiting.spawn` does: each until it ends or waits for the first time.

    `busy` is how many have not ended.
    """

    __slots__ = ("_idle", "busy")

    def __init__(self) -> None:
        self.busy = 0
        self._idle: list[greenlet] = []

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Run a function that may give way to others. What it raises at once is raised here."""
        current = getcurrent()
        if self._idle:
            worker = self._idle.pop()
            worker.parent = current
        else:
            worker = greenlet(self._work, current)
        worker.switch(function, args)

    def rest(self) -> None:
        """Let the greenlets go that have nothing to do; Python cannot free one that waits, nor what it refers to."""
        while self._idle:
            worker = self._idle.pop()
            worker.parent = getcurrent()
            worker.throw()

    def _work(self, function: Callable[..., object], args: tuple[object, ...]) -> None:
        """Do a job, then go back to whoever started it or woke it last, until there is another one."""
        worker = getcurrent()
        while True:
            self.busy += 1
            try:
                function(*args)
            finally:
                self.busy -= 1
            if len(self._idle) >= MOST_IDLE or worker.parent is None:
                return
            self._idle.append(worker)
            function, args = worker.parent.switch()
