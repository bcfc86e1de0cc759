"""How a script waits without blocking: its run is a greenlet that gives way until an answer calls back.

So every route is a plain function, whether or not something in it waits, and the stack of routes is kept
as it is. The driver is never blocked: while one run waits, it hands events to others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


def spawn(function: Callable[..., object], *args: object) -> None:
    """Run a function as a greenlet of its own, until it ends or waits for the first time."""
    greenlet(function, getcurrent()).switch(*args)


def wait(start: Callable[[Callable[[T], None]], object]) -> T:
    """Call `start(done)` and give way until `done(result)` is called; returns the result.

    Must be called inside a run made by `spawn`, unless `start` calls back at once.
    """
    current = getcurrent()
    answers: list[Any] = []
    suspended = False

    def done(answer: T) -> None:
        if suspended:
            current.parent = getcurrent()
            current.switch(answer)
        else:
            answers.append(answer)

    start(done)
    if answers:
        return answers[0]  # type: ignore[no-any-return]
    if current.parent is None:
        raise RuntimeError("only a spawned run can wait")
    suspended = True
    return current.parent.switch()  # type: ignore[no-any-return]


class Turnstile:
    """Lets one run at a time through, the others in the order they came."""

    __slots__ = ("_queue", "_taken")

    def __init__(self) -> None:
        self._taken = False
        self._queue: deque[Callable[[None], None]] | None = None

    @property
    def taken(self) -> bool:
        """A run is inside."""
        return self._taken

    def __enter__(self) -> None:
        if self._taken:
            if self._queue is None:
                self._queue = deque()
            wait(self._queue.append)
        self._taken = True

    def __exit__(self, *error: object) -> None:
        if self._queue:
            self._queue.popleft()(None)
        else:
            self._taken = False
