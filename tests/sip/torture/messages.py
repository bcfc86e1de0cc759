"""The test messages of RFC 4475 and RFC 5118, read from the files beside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = ("rfc4475.txt", "rfc5118.txt")

_ENTRY = re.compile(r"^## (\S+) (\S+)\n# RFC: (.*)\n# Here: (.*)\n(?:# Note: .*\n)?", re.MULTILINE)
_HEX = re.compile(r"<hex>([0-9A-F]+)</hex>")
_REPEAT = re.compile(r"<repeat (\d+)>([^<]*)</repeat>")


@dataclass(frozen=True, slots=True)
class TortureMessage:
    """A message: its section and name in the RFC, what the RFC says, what becomes of it here, and its bytes."""

    section: str
    name: str
    rfc: str
    here: str
    data: bytes


@cache
def messages() -> tuple[TortureMessage, ...]:
    """All of them."""
    return tuple(each for name in FILES for each in _read((FOLDER / name).read_bytes().decode("latin-1")))


def _read(text: str) -> list[TortureMessage]:
    entries = list(_ENTRY.finditer(text))
    ends = [entry.start() for entry in entries[1:]] + [len(text)]
    return [
        TortureMessage(entry[1], entry[2], entry[3], entry[4], _wired(text[entry.end() : end - 1]))
        for entry, end in zip(entries, ends, strict=True)
    ]


def _wired(text: str) -> bytes:
    """A message as it goes over the wire."""
    if "\n\n" not in text:
        text += "\n"
    text = _REPEAT.sub(lambda found: found[2] * int(found[1]), text.replace("\n", "\r\n"))
    return _HEX.sub(lambda found: bytes.fromhex(found[1]).decode("latin-1"), text).encode("latin-1")
