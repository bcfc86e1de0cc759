"""The rows of a ladder, made once from recorded events; every form of a ladder is drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PROXY = "proxy"
"""The lifeline of the script."""


class Kind(Enum):
    """What a row shows. The first six are arrows, the others stand beside the proxy's lifeline or at the left."""

    REQUEST = "request"
    REPLY = "reply"
    FAILURE = "failure"
    JUNK = "junk"
    RELAY = "relay"
    SOUND = "sound"
    SCRIPT = "script"
    LOG = "log"
    TIMER = "timer"
    SAID = "said"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message. `mark` is `+` if the script added it, `-` if it took it away, else a blank."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something went from one lifeline to another; `lines` is all of it. Times are seconds.

    `call` counts the calls from 1, 0 is none. `again`: the same went the same way before.
    """

    time: float
    kind: Kind
    source: str
    destination: str
    label: str
    lines: tuple[Line, ...] = ()
    call: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something happened that is no arrow: script lines that ran, a log line, a timer, a word of the scenario."""

    time: float
    kind: Kind
    text: str


Row = Arrow | Note


@dataclass(frozen=True, slots=True)
class Ladder:
    """All rows in order. `columns` are the lifelines from left to right, `calls` the Call-IDs, first seen first.

    All text is fit for people to read, no byte text.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    calls: tuple[str, ...] = ()

    def place(self, name: str) -> int:
        """The number of a lifeline, from 0; the last one for a name that has none."""
        return self.columns.index(name) if name in self.columns else len(self.columns) - 1
