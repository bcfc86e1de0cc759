"""Byte text as text for people: what is UTF-8 is read as such, what would act on a screen is spelt out."""

from __future__ import annotations

import re

ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
"""Characters that steer a terminal or turn text around, or that XML does not allow."""


def readable(text: str) -> str:
    """One line of byte text; bytes that are not UTF-8 and characters that act become `\\xNN`, tabs become blanks."""
    decoded = text.encode("latin-1", "replace").decode("utf-8", "backslashreplace")
    return ACTING.sub(lambda found: spelt(found[0]), decoded.replace("\t", "    "))


def spelt(character: str) -> str:
    """A character as it is written in program text."""
    return character.encode("unicode_escape").decode("ascii")


def shortened(text: str, room: int) -> str:
    """The text, its end cut off with `…` if it is longer than `room` (at least 1)."""
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"
