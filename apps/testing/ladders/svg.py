"""Ladders as a picture: one SVG file without anything from elsewhere, readable in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from relayscript.apps.testing.ladders.drawing import CHARACTER, ROW, STYLE, Pen
from relayscript.apps.testing.ladders.readable import shortened
from relayscript.apps.testing.ladders.rows import PROXY, Arrow, Kind, Ladder, Note

LONGEST = 100
"""Characters of a note that are shown."""

PREFIXES = {Kind.LOG: "log: ", Kind.RESULT: "= "}


def written(ladder: Ladder) -> str:
    """The picture as text."""
    return "\n".join(_parts(ladder)) + "\n"


def _parts(ladder: Ladder) -> Iterator[str]:
    pen = Pen(ladder)
    head, height = ROW * 2, ROW * (len(ladder.rows) + 3)
    width = max([pen.width, *(_reach(pen, row) for row in ladder.rows if isinstance(row, Note))])
    size = f'width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" {size}>'
    yield f"<title>{escape(ladder.title)}</title><style>{STYLE}</style>"
    yield '<rect class="paper" width="100%" height="100%"/>'
    yield pen.names(ROW)
    yield pen.lifelines(head - ROW / 2, height - ROW / 2)
    for number, row in enumerate(ladder.rows):
        y = head + ROW * number + ROW / 2
        if isinstance(row, Arrow):
            yield pen.text(8, y + 8, f"{row.time:7.3f}", "time") + pen.arrow(row, y)
        else:
            yield _note(pen, row, y + 4)
    yield "</svg>"


def _note(pen: Pen, row: Note, y: float) -> str:
    """A note, on a ground of its own, for the lifelines run under it."""
    text = shortened(PREFIXES.get(row.kind, "") + row.text, LONGEST)
    x = _beginning(pen, row)
    ground = f'<rect class="paper" x="{x - 2}" y="{y - 11}" width="{len(text) * CHARACTER + 4:.1f}" height="15"/>'
    time = pen.text(8, y, f"{row.time:7.3f}", "time") if row.kind in (Kind.SAID, Kind.TIMER) else ""
    return time + ground + pen.text(x, y, text, row.kind.value)


def _beginning(pen: Pen, row: Note) -> float:
    return 72 if row.kind is Kind.SAID else pen.place(PROXY) + 10


def _reach(pen: Pen, row: Note) -> float:
    """How far to the right a note goes."""
    shown = min(len(PREFIXES.get(row.kind, "") + row.text), LONGEST)
    return _beginning(pen, row) + shown * CHARACTER + 12
