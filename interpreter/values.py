"""Values of the script language: what a variable read can yield, and the rules for turning one into another.

NULL is None, a string-typed value is a `str`, an int-typed one an `int`. Two subclasses carry a second
face: `Dual` is a string with an int beside it (an explicit port in `$rp`), `Named` an int whose text is not
its decimal form (`true`). Ints are 32-bit and wrap around. (Script manual, "Variables"; language.md 3.1.)
"""

from __future__ import annotations


class Dual(str):
    """String-typed, with an int side value."""

    __slots__ = ("number",)
    number: int

    def __new__(cls, text: str, number: int) -> Dual:
        made = super().__new__(cls, text)
        made.number = number
        return made


class Named(int):
    """Int-typed, with a text of its own; `text` None means that it has no text form."""

    text: str | None

    def __new__(cls, number: int, text: str | None) -> Named:
        made = super().__new__(cls, number)
        made.text = text
        return made


Value = str | int | None

TRUE = Named(1, "true")
FALSE = Named(0, "false")

MAX_INT = 2**31 - 1
MIN_INT = -(2**31)


def wrap(number: int) -> int:
    """The number as a 32-bit signed int."""
    return (number + 2**31) % 2**32 - 2**31


def text_of(value: Value) -> str | None:
    """The text form; None if there is none (NULL, or an int without text)."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Named):
        return value.text
    return str(int(value))


def int_of(value: Value) -> int | None:
    """The int form; None if there is none (NULL, or a plain string)."""
    if type(value) is int:
        return value
    if isinstance(value, Dual):
        return value.number
    if isinstance(value, int):
        return int(value)
    return None


def printed(value: Value) -> str:
    """How a format string shows it: NULL as `<null>`, an int without text as unsigned decimal."""
    if type(value) is str:
        return value
    if value is None:
        return "<null>"
    text = text_of(value)
    return text if text is not None else str(int(value) % 2**32)


def ascii_lower(text: str) -> str:
    """Lower case for the letters A-Z only: byte text must not be folded beyond ASCII."""
    return text.lower() if text.isascii() else text.encode("latin-1").lower().decode("latin-1")


def same_text(left: str, right: str) -> bool:
    """Equal without regard to ASCII case."""
    return left == right or (len(left) == len(right) and ascii_lower(left) == ascii_lower(right))
