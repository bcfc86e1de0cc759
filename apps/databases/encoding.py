"""Byte texts as the text of a database: readable where they are UTF-8, and what is not comes back as it was."""

from __future__ import annotations

import re

PRIVATE = 0xF700
"""A byte that is no character stands as this plus its value, in Unicode's private use area."""

_UNWRITABLE = re.compile("[\0\uf700-\uf7ff\udc80-\udcff]")
_ESCAPED = re.compile("[\uf700-\uf7ff]")


def written(text: str) -> str:
    """A byte text as characters. NUL and bytes that are not UTF-8 (RFC 3629) are exchanged for private ones."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNWRITABLE.sub(_escape, text.encode("latin-1").decode("utf-8", "surrogateescape"))


def read(text: str) -> str:
    """The byte text that was written so."""
    if text.isascii():
        return text
    return _ESCAPED.sub(_byte, text).encode("utf-8", "surrogateescape").decode("latin-1")


def _escape(found: re.Match[str]) -> str:
    return "".join(chr(PRIVATE + byte) for byte in found[0].encode("utf-8", "surrogateescape"))


def _byte(found: re.Match[str]) -> str:
    byte = ord(found[0]) - PRIVATE
    return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)
