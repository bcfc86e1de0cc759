"""The calls that a script has worked on, each a thread of the editor."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.dap.framing import Object
from relayscript.apps.testing.ladders.readable import readable

NO_CALL = ""
"""The Call-ID of what belongs to no call: routes of timers and events."""


class Calls:
    """Numbers for Call-IDs, from 1, which is what belongs to no call. `on_new` is told of each new number."""

    def __init__(self, on_new: Callable[[int], object]) -> None:
        self._numbers = {NO_CALL: 1}
        self._on_new = on_new

    def number(self, call_id: str) -> int:
        """The thread of a call; new if it is seen for the first time."""
        found = self._numbers.get(call_id)
        if found is None:
            found = self._numbers[call_id] = len(self._numbers) + 1
            self._on_new(found)
        return found

    def call_id(self, number: int) -> str | None:
        """The Call-ID of a thread; None if there is no such thread."""
        return next((each for each, known in self._numbers.items() if known == number), None)

    def rows(self) -> list[Object]:
        """All of them as the protocol has threads."""
        names = {NO_CALL: "no call"}
        return [
            {"id": number, "name": names.get(each) or f"call {readable(each)}"}
            for each, number in self._numbers.items()
        ]
