"""Ladders as mermaid text (sequence diagrams), which GitHub and others render where Markdown has it in a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from relayscript.apps.testing.ladders.rows import PROXY, Arrow, Kind, Ladder, Note, Row

ARROWS = {
    Kind.REQUEST: "->>",
    Kind.REPLY: "-->>",
    Kind.FAILURE: "--x",
    Kind.JUNK: "-x",
    Kind.RELAY: "->>",
    Kind.SOUND: "-)",
}
"""Solid lines for what asks, dashed ones for what answers, crosses for what fails, open heads for sound."""

SPECIAL = re.compile(r"[^\w .,:/@=()\[\]'?!*+-]", re.ASCII)
"""What means something to mermaid or to the HTML that it makes."""


def written(ladder: Ladder) -> str:
    """The diagram."""
    return "".join(f"{line}\n" for line in _lines(ladder))


def escaped(text: str) -> str:
    """Text that mermaid shows as it is: all that is special as `#NN;`, the number of the character."""
    return SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)


def _lines(ladder: Ladder) -> Iterator[str]:
    yield "sequenceDiagram"
    for number, name in enumerate(ladder.columns):
        yield f"    participant p{number} as {escaped(name)}"
    for is_note, rows in groupby(ladder.rows, lambda row: isinstance(row, Note) and row.kind):
        if is_note:
            yield from _note(ladder, list(rows))
        else:
            yield from (_arrow(ladder, row) for row in rows if isinstance(row, Arrow))


def _arrow(ladder: Ladder, row: Arrow) -> str:
    source, destination = ladder.place(row.source), ladder.place(row.destination)
    number = f"[{row.call}] " if len(ladder.calls) > 1 and row.call else ""
    again = " (again)" if row.again else ""
    return f"    p{source}{ARROWS[row.kind]}p{destination}: {escaped(number + row.label + again)}"


def _note(ladder: Ladder, rows: list[Row]) -> Iterator[str]:
    """Neighbouring notes of a kind as one; those of the scenario are as wide as the diagram."""
    notes = [row for row in rows if isinstance(row, Note)]
    text = "<br/>".join(escaped(f"{_prefix(note)}{note.text}") for note in notes)
    over = f"p{ladder.place(PROXY)}"
    if notes[0].kind is Kind.SAID and len(ladder.columns) > 1:
        over = f"p0,p{len(ladder.columns) - 1}"
    yield f"    Note over {over}: {text}"


def _prefix(note: Note) -> str:
    times = {Kind.SAID: f"{note.time:.3f} ", Kind.TIMER: f"{note.time:.3f} ", Kind.LOG: "log: ", Kind.RESULT: "= "}
    return times.get(note.kind, "")
