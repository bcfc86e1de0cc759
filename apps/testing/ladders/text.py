"""Ladders on a terminal: arrows between lifelines, with the script lines that ran beside them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from relayscript.apps.testing.ladders.readable import shortened
from relayscript.apps.testing.ladders.rows import PROXY, Arrow, Kind, Ladder, Note

STYLES = {
    Kind.REQUEST: "bold cyan",
    Kind.REPLY: "green",
    Kind.FAILURE: "red",
    Kind.JUNK: "red",
    Kind.RELAY: "magenta",
    Kind.SOUND: "bold blue",
    Kind.SCRIPT: "dim",
    Kind.LOG: "yellow",
    Kind.TIMER: "bold red",
    Kind.SAID: "bold",
    Kind.RESULT: "yellow",
}
PREFIXES = {Kind.LOG: "log: ", Kind.RESULT: "= "}
INDENT = 9
NARROWEST, WIDEST = 14, 30
"""Characters between two lifelines, at least and at most."""

BESIDE = 30
"""Characters that are kept free at the right, for what stands beside the last lifeline."""


def show(ladder: Ladder, console: Console) -> None:
    """Print a ladder as wide as the console is; what does not fit is cut off."""
    for row in draw(ladder, gap_for(ladder, console.width)):
        console.print(row, no_wrap=True, overflow="ellipsis", highlight=False, crop=True)


def gap_for(ladder: Ladder, width: int) -> int:
    """The characters from one lifeline to the next."""
    gaps = max(len(ladder.columns) - 1, 1)
    return max(NARROWEST, min(WIDEST, (width - INDENT - min(BESIDE, width // 5)) // gaps))


def draw(ladder: Ladder, gap: int = 27) -> Iterator[Text]:
    """The rows of the ladder, the names first; `gap` is how many characters lie between two lifelines."""
    drawing = _Drawing(ladder, gap)
    yield drawing.head()
    for row in ladder.rows:
        yield drawing.arrow(row) if isinstance(row, Arrow) else drawing.note(row)


class _Drawing:
    def __init__(self, ladder: Ladder, gap: int) -> None:
        self._ladder, self._gap = ladder, gap
        self._lifelines = " " * INDENT + "".join("│".ljust(gap) for _ in ladder.columns).rstrip()

    def head(self) -> Text:
        names = "".join(shortened(name, self._gap - 2).ljust(self._gap) for name in self._ladder.columns)
        return Text(" " * (INDENT - 3) + names.rstrip(), style="bold")

    def note(self, row: Note) -> Text:
        """Words of the scenario stand at the left, all else to the right of the proxy's lifeline."""
        if row.kind is Kind.SAID:
            return Text(f"{row.time:7.3f}  {row.text}", style=STYLES[row.kind])
        place = self._place(PROXY)
        time = f"{row.time:7.3f}" if row.kind is Kind.TIMER else ""
        made = Text(time.ljust(INDENT) + self._lifelines[INDENT : place + 1].ljust(place + 3 - INDENT))
        made.append(PREFIXES.get(row.kind, "") + row.text, style=STYLES[row.kind])
        return made

    def arrow(self, row: Arrow) -> Text:
        ends = (self._place(row.source), self._place(row.destination))
        left, right = min(ends), max(ends)
        room = right - left - 1
        style = STYLES[row.kind]
        line = f"── {shortened(self._label(row), room - 6)} ".ljust(room - 1, "─")
        made = Text(f"{row.time:7.3f}{self._lifelines[7 : left + 1]}")
        made.append(f"{line}▶" if ends[0] < ends[1] else f"◀{line}", style=f"{style} dim" if row.again else style)
        made.append(self._lifelines[right:])
        return made

    def _label(self, row: Arrow) -> str:
        number = f"[{row.call}] " if len(self._ladder.calls) > 1 and row.call else ""
        return f"{number}{row.label}{' again' if row.again else ''}"

    def _place(self, name: str) -> int:
        return INDENT + self._gap * self._ladder.place(name)
