"""Work that can be held in the middle and goes on later, while its caller goes on at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from greenlet import getcurrent, greenlet

S = TypeVar("S")
H = TypeVar("H")


class Abandoned(BaseException):
    """Raised where work is held that will not go on; it is none of the errors that a script's run may survive."""


class Suspension(Generic[S, H]):
    """Runs one piece of work at a time. Somewhere in it `hold(why)` gives control back to the caller of `start`.

    Control goes back into the work with `go_on(how)`, which is what `hold` returns there. Whatever the work raises is
    raised by `start` or `go_on`.
    """

    def __init__(self) -> None:
        self._work: greenlet | None = None
        self._caller: greenlet | None = None
        self._held: greenlet | None = None
        self._traced = sys.gettrace()

    @property
    def is_held(self) -> bool:
        """There is work that waits to go on."""
        return self._held is not None

    def start(self, work: Callable[[], object]) -> S | None:
        """Begin some work: why it is held, or None when it is done."""

        def run() -> None:
            work()

        self._traced = sys.gettrace()
        self._work = greenlet(run)
        return self._into(self._work)

    def hold(self, why: S) -> H:
        """Called within the work: wait here until told how to go on. Raises Abandoned if that will not be."""
        assert self._caller is not None, "nothing was started"
        self._held = getcurrent()
        how: H = self._caller.switch(why)
        return how

    def go_on(self, how: H) -> S | None:
        """Let the work go on: why it is held again, or None when it is done."""
        held, self._held = self._held, None
        assert held is not None, "nothing is held"
        return self._into(held, how)

    def abandon(self) -> None:
        """End the work where it is held, if it is."""
        held, self._held = self._held, None
        if held is not None and self._work is not None:
            self._caller = self._work.parent = getcurrent()
            with suppress(Abandoned):
                held.throw(Abandoned)
            self._trace_as_before()

    def _into(self, target: greenlet, *values: object) -> S | None:
        """Go into the work."""
        assert self._work is not None
        self._caller = self._work.parent = getcurrent()
        try:
            why: S | None = target.switch(*values)
        finally:
            self._trace_as_before()
        return why

    def _trace_as_before(self) -> None:
        """A trace of the lines that run in the work is not for the caller, held or not."""
        if sys.gettrace() is not self._traced:
            sys.settrace(self._traced)
