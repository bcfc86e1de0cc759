"""Who may negotiate in a call: its participants, or an update by management; never both at a time."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.waiting import wait


class RightOfWay:
    """Lets any number of offers of the participants through, or one update alone; the others wait."""

    __slots__ = ("_under_way", "_updating", "_waiting")

    def __init__(self) -> None:
        self._under_way = 0
        self._updating = False
        self._waiting: list[Callable[[None], None]] | None = None

    def enter(self) -> bool:
        """A participant negotiates, after the update that may be running; whether it had to wait."""
        waited = self._updating
        while self._updating:
            self._wait()
        self._under_way += 1
        return waited

    def leave(self) -> None:
        """It is done."""
        self._under_way -= 1
        self._wake()

    def __enter__(self) -> None:
        """An update begins, after all negotiations that are under way."""
        while self._updating or self._under_way:
            self._wait()
        self._updating = True

    def __exit__(self, *error: object) -> None:
        self._updating = False
        self._wake()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = []
        wait(self._waiting.append)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        for each in waiting or ():
            each(None)


class Passage:
    """The right of way of one negotiation, from when it enters until it leaves, however often it is told to."""

    __slots__ = ("_inside", "_way")

    def __init__(self, way: RightOfWay) -> None:
        self._way = way
        self._inside = False

    def enter(self) -> bool:
        """Enter unless inside; whether it had to wait."""
        if self._inside:
            return False
        waited = self._way.enter()
        self._inside = True
        return waited

    def leave(self) -> bool:
        """Leave unless outside; whether it left."""
        if not self._inside:
            return False
        self._inside = False
        self._way.leave()
        return True
