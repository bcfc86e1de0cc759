"""Ladders as one HTML page without anything from elsewhere: a click on a message shows it whole.

What the script did stands to the right of the message that came of it: the lines that ran, its log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from relayscript.apps.testing.ladders.drawing import ROW, STYLE, Pen
from relayscript.apps.testing.ladders.rows import PROXY, Arrow, Kind, Ladder, Line, Note

PAGE_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1f2328; background: #fff; }
.row { border-top: 1px solid transparent; }
.strip { display: flex; align-items: stretch; } summary { list-style: none; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary:hover, summary:focus-visible { background: #8883; } svg.ladder { flex: none; display: block; }
.beside { font: 12px/1.45 ui-monospace, monospace; white-space: pre-wrap; padding: 0 .5rem; color: #656d76; }
.beside .log, .beside .result { color: #7d4e00; } .timer, .said { font-weight: bold; }
.whole { font: 12px/1.45 ui-monospace, monospace; margin: 0 0 .5rem 5.5rem; padding: .5rem; overflow-x: auto;
  border: 1px solid #8886; border-left-width: 4px; }
ins { background: #dafbe1; text-decoration: none; } del { background: #ffebe9; text-decoration: none; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; } .beside { color: #8d96a0; }
  .beside .log, .beside .result { color: #d29922; } ins { background: #12361f; } del { background: #4a1b1f; }
}
"""
TAGS = {"+": "ins", "-": "del", " ": "span"}


@dataclass(slots=True)
class _Strip:
    """An arrow, or what is said between arrows, with the notes that stand beside it."""

    arrow: Arrow | None
    notes: list[Note] = field(default_factory=list)


def page(ladder: Ladder) -> str:
    """The page as text."""
    return "\n".join(_parts(ladder)) + "\n"


def _parts(ladder: Ladder) -> Iterator[str]:
    pen = Pen(ladder)
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{escape(ladder.title)}</title><style>{STYLE}{PAGE_STYLE}</style></head><body>"
    yield f"<h1>{escape(ladder.title)}</h1>"
    if len(ladder.calls) > 1:
        yield f"<ol>{''.join(f'<li>{escape(call)}</li>' for call in ladder.calls)}</ol>"
    yield f'<div class="strip">{_svg(pen, ROW + 4, pen.names(ROW - 6))}</div>'
    for strip in _strips(ladder):
        yield _row(pen, strip)
    yield "</body></html>"


def _strips(ladder: Ladder) -> Iterator[_Strip]:
    """Notes go to the next message that the script sends, or else to the one before them."""
    last: _Strip | None = None
    waiting: list[Note] = []
    for row in ladder.rows:
        if isinstance(row, Note) and row.kind in (Kind.SCRIPT, Kind.LOG):
            waiting.append(row)
            continue
        is_answer = isinstance(row, Arrow) and row.source == PROXY
        if last is not None and waiting and not is_answer:
            last.notes += waiting
            waiting = []
        if last is not None:
            yield last
        last = _Strip(row) if isinstance(row, Arrow) else _Strip(None, [row])
        last.notes += waiting
        waiting = []
    if last is None and waiting:
        last = _Strip(None)
    if last is not None:
        last.notes += waiting
        yield last


def _row(pen: Pen, strip: _Strip) -> str:
    arrow = strip.arrow
    time = pen.text(8, 15, f"{(arrow or strip.notes[0]).time:7.3f}", "time")
    beside = f'<div class="beside">{"".join(_note(note) for note in strip.notes)}</div>'
    drawn = pen.arrow(arrow, ROW / 2) if arrow is not None else ""
    ladder = _svg(pen, max(ROW, 18 * len(strip.notes)), time + drawn)
    if arrow is None or not arrow.lines:
        return f'<div class="row strip">{ladder}{beside}</div>'
    head = f'<summary><div class="strip">{ladder}{beside}</div></summary>'
    return f'<details class="row">{head}<pre class="whole">{"".join(map(_line, arrow.lines))}</pre></details>'


def _svg(pen: Pen, height: float, drawn: str) -> str:
    size = f'width="{pen.width}" height="{height}"'
    return f'<svg class="ladder" {size}>{pen.lifelines(0, height)}{drawn}</svg>'


def _note(note: Note) -> str:
    prefix = {Kind.LOG: "log: ", Kind.RESULT: "= "}.get(note.kind, "")
    return f'<div class="{note.kind.value}">{escape(prefix + note.text)}</div>'


def _line(line: Line) -> str:
    tag = TAGS[line.mark]
    return f"<{tag}>{line.mark} {escape(line.text)}</{tag}>\n"
