"""Giving back what relays hold when the script stops: some at a time, until every relay has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.session import RelaySession

AT_ONCE = 100
"""How many deletes are under way at a time: more could get lost in full buffers."""


class Leaving:
    """Ends calls. `done` is called once, when the relays have answered all deletes or were given up."""

    def __init__(self, operations: Operations, calls: Iterable[RelayCall], done: Callable[[], None]) -> None:
        self._operations = operations
        self._done = done
        self._left: list[tuple[RelayCall, RelaySession]] = []
        for call in calls:
            call.ended = True
            self._left += ((call, session) for session in call.sessions.values())
        self._under_way = 0
        self._starting = False

    def start(self) -> None:
        """Start as many as may be under way; called again whenever one has ended."""
        if self._starting:
            return
        self._starting = True
        while self._left and self._under_way < AT_ONCE:
            self._under_way += 1
            call, session = self._left.pop()
            self._operations.delete(call, session, then=self._deleted)
        self._starting = False
        if not self._under_way:
            self._done()

    def _deleted(self) -> None:
        self._under_way -= 1
        self.start()
