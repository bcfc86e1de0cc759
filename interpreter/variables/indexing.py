"""`[index]` behind a variable that has several values (language.md 4)."""

from __future__ import annotations

from collections.abc import Sequence

from relayscript.interpreter.values import Value, printed

Index = int | str | None
"""None if the script gives none, else a number (negative from the end), `*`, or another word."""

LONGEST_JOIN = 511
"""The most bytes that `[*]` yields; longer is NULL."""


def position(index: Index, count: int, default: int = 0) -> int | None:
    """Where in `count` values an index points; None if nowhere, or if it is a word."""
    if index is None:
        index = default
    if isinstance(index, str):
        return None
    if index < 0:
        index += count
    return index if 0 <= index < count else None


def pick(values: Sequence[Value], index: Index) -> Value:
    """The value at an index, the first without one, all joined with `, ` for `*`. NULL if there is none."""
    if index == "*":
        return joined(values)
    at = position(index, len(values))
    return None if at is None else values[at]


def joined(values: Sequence[Value]) -> str | None:
    """All values as one text; NULL if there is none or it is too long."""
    text = ", ".join(map(printed, values))
    return text if values and len(text) <= LONGEST_JOIN else None
