"""Variables of SIPp scenarios: those of a call, and those that all calls share."""

from __future__ import annotations

import re

Value = float | str | bool
"""A number, a text, or the outcome of a test."""

_NUMBER = re.compile(r"[ \t\r\n]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class Variables:
    """The variables of one call; those named in `shared` belong to all calls of a party."""

    def __init__(self, shared: dict[str, Value | None]) -> None:
        self._shared = shared
        self._own: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value | None:
        return self._shared[name] if name in self._shared else self._own.get(name)

    def __setitem__(self, name: str, value: Value) -> None:
        if name in self._shared:
            self._shared[name] = value
        else:
            self._own[name] = value

    def is_set(self, name: str) -> bool:
        """A variable counts as set unless it has no value, is 0, or a test that failed; a text always is."""
        value = self[name]
        return value is not None and (isinstance(value, str) or bool(value))

    def text(self, name: str) -> str:
        """A value as it stands in a message: numbers with six decimals, empty for none and 0."""
        value = self[name]
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value
        return f"{value:f}" if value else ""

    def number(self, name: str) -> float:
        """A value as a number: that at the start of a text, 0 if there is none."""
        value = self[name]
        return (leading_number(value) or 0.0) if isinstance(value, str) else float(value or 0.0)


def leading_number(text: str) -> float | None:
    """The number that a text begins with."""
    found = _NUMBER.match(text)
    return float(found[0]) if found else None
