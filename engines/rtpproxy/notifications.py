"""What rtpproxy tells unasked, line by line, to the notification socket (reference 5.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DTMF = re.compile(r"D([dc])(\S+) (\S+) (-?\d+) (-?\d+) (\d+)$")


@dataclass(frozen=True, slots=True)
class MediaTimeout:
    """No media for too long in the call of this dialog (`did`)."""

    dialog_id: str


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit was pressed. `id` is a call-id if `is_callid`, else a dialog id; `duration` in milliseconds."""

    digit: str
    duration: int
    volume: int
    id: str
    is_callid: bool
    stream: int


def parse_notification(line: str) -> MediaTimeout | Digit | None:
    """Read one line; None for those that mean nothing to us."""
    line = line.strip()
    if line.startswith("T") and len(line) > 1:
        return MediaTimeout(line[1:])
    if found := _DTMF.match(line):
        return Digit(found[3], int(found[5]), int(found[4]), found[2], found[1] == "c", int(found[6]))
    return None
