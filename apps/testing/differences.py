"""The difference of two transcripts, with the script line that each new message comes from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

SENT = re.compile(r"^[ \d.]*  \S+ <- ")
"""A row that shows a message which the script sent."""

RAN = re.compile(r"^ +\|   (?P<file>\S+\.\w+): (?:[\d-]+ )*(?:\d+-)?(?P<line>\d+)$")
"""A row that shows script lines which ran; the last one is found."""


def differences(expected: str, got: str, name: str) -> str:
    """The difference, one row per line; empty if there is none. `name` is that of the file with what is expected."""
    new = got.splitlines()
    rows = difflib.unified_diff(expected.splitlines(), new, name, "now", lineterm="", n=2)
    return "\n".join(_with_origins(rows, origins(new)))


def origins(transcript: list[str]) -> list[str]:
    """For each row of a transcript that shows a message sent: the `file:line` of the script that ran last before it."""
    found, last = [], ""
    for row in transcript:
        if (ran := RAN.match(row)) is not None:
            last = f"{ran['file']}:{ran['line']}"
        found.append(last if SENT.match(row) else "")
    return found


def _with_origins(rows: Iterator[str], places: list[str]) -> Iterator[str]:
    at = 0
    for row in rows:
        if (head := re.match(r"@@ -\S+ \+(\d+)", row)) is not None:
            at = int(head[1]) - 1
            yield row
            continue
        is_new = row[:1] in (" ", "+") and not row.startswith("+++")
        place = places[at] if is_new and row[0] == "+" and at < len(places) else ""
        at += is_new
        yield f"{row}    # after {place}" if place else row
