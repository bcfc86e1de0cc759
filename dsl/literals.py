"""The values of literals: strings with their escapes, 32-bit numbers (language.md 1.3, 1.4)."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r'\\(?:\r?\n|x[0-9a-fA-F]{1,2}|[0-7]{2,3}|[nrta"\\])', re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", '"': '"', "\\": "\\"}
_TRUE = frozenset(("yes", "true", "on", "enable"))


def string_value(raw: str) -> str:
    """The value of a string literal with its quotes. `\\` before any other character keeps both."""
    inside = raw[1:-1]
    if raw[0] == "'" or "\\" not in inside:
        return inside
    return _ESCAPE.sub(_unescaped, inside)


def offsets(raw: str) -> list[int]:
    """Where each character of a literal's value stands in the literal, and last where it is closed."""
    if raw[:1] == "'" or "\\" not in raw:
        return list(range(1, len(raw)))
    found: list[int] = []
    position = 1
    for escape in _ESCAPE.finditer(raw, 1, len(raw) - 1):
        found.extend(range(position, escape.start()))
        found.extend([escape.start()] * len(_unescaped(escape)))
        position = escape.end()
    found.extend(range(position, len(raw)))
    return found


def number_value(text: str) -> int:
    """The value of a number as written: decimal, 0x hexadecimal, 0 octal, or yes, no ..."""
    if text[0] in "0123456789":
        return wrapped(int(text, 16) if text.startswith("0x") else int(text, 8 if text[0] == "0" else 10))
    return int(text in _TRUE)


def wrapped(value: int) -> int:
    """The number as the signed 32-bit integer that it is stored in."""
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def _unescaped(found: re.Match[str]) -> str:
    body = found[0][1:]
    if body[0] == "x":
        return chr(int(body[1:], 16))
    if body[0] in "01234567":
        return chr(int(body, 8) & 0xFF)
    return _NAMED.get(body, "")
