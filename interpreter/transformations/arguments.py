"""Arguments of transformations: literals are text, variables bring their values."""

from __future__ import annotations

import re

from relayscript.interpreter.values import Value, int_of, text_of

Args = tuple[Value, ...]
"""The arguments of one use: the literal text, or the value of a variable."""

_NUMBER = re.compile(r"[+-]?[0-9]+")
MOST_DIGITS = 10


class Unfit(Exception):  # noqa: N818 - a signal
    """A value or an argument that an operation cannot work with: the result is NULL."""


def text_argument(args: Args, at: int) -> str:
    """The text of an argument. Raises Unfit if it is missing or NULL."""
    text = text_of(args[at]) if at < len(args) else None
    if text is None:
        raise Unfit
    return text


def number_argument(args: Args, at: int, default: int | None = None) -> int:
    """The number of an argument. Raises Unfit if it is none, or missing without a default."""
    if at >= len(args):
        if default is None:
            raise Unfit
        return default
    value = args[at]
    number = int_of(value)
    if number is not None:
        return number
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()) is None or len(value) > MOST_DIGITS:
        raise Unfit
    return int(value)


def text_input(value: Value) -> str:
    """The text of the value that is transformed. Raises Unfit if it has none."""
    text = text_of(value)
    if text is None:
        raise Unfit
    return text
