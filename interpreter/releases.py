"""Giving back what relays hold when the script stops: some sessions at a time, until every relay has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

AT_ONCE = 100
"""How many deletes are under way at a time: more could get lost in full buffers."""

Release = Callable[[Callable[[], None]], object]
"""Releases one session, and then calls back once, perhaps at once."""


class Releases:
    """Runs releases. `done` is called once, when the relays have answered all of them or were given up."""

    def __init__(self, releases: Iterable[Release], done: Callable[[], None]) -> None:
        self._left = list(releases)
        self._done = done
        self._under_way = 0
        self._starting = False

    def start(self) -> None:
        """Start as many as may be under way; called again whenever one has ended."""
        if self._starting:
            return
        self._starting = True
        while self._left and self._under_way < AT_ONCE:
            self._under_way += 1
            self._left.pop()(self._ended)
        self._starting = False
        if not self._under_way:
            self._done()

    def _ended(self) -> None:
        self._under_way -= 1
        self.start()
