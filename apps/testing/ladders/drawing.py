"""The parts of a ladder as SVG (1.1): lifelines, arrows, text, and the colours of both schemes."""

from __future__ import annotations

from html import escape

from relayscript.apps.testing.ladders.readable import shortened
from relayscript.apps.testing.ladders.rows import Arrow, Ladder

CHARACTER = 7.3
"""Width of a character of the font, in pixels."""

ROW = 22
"""Height of a row."""

LEFT = 84
"""Where the first lifeline stands; the times are left of it."""

NARROWEST, WIDEST = 20, 44
"""Characters between two lifelines, at least and at most."""

STYLE = """
.ladder text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328; }
.ladder line { stroke: #8c959f; stroke-width: 1; }
.ladder .shaft { stroke-width: 1.4; } .ladder .again { stroke-dasharray: 4 3; }
.ladder text.label { stroke: #fff; stroke-width: 4px; paint-order: stroke; }
.ladder .name { font-weight: bold; } .ladder .time, .ladder .script { fill: #656d76; }
.ladder .request, .ladder path.request { stroke: #0969da; } .ladder path.request { fill: #0969da; }
.ladder .reply, .ladder path.reply { stroke: #1a7f37; } .ladder path.reply { fill: #1a7f37; }
.ladder .failure, .ladder .junk { stroke: #cf222e; } .ladder path.failure, .ladder path.junk { fill: #cf222e; }
.ladder .relay { stroke: #8250df; } .ladder path.relay { fill: #8250df; }
.ladder .sound { stroke: #bc4c00; } .ladder path.sound { fill: #bc4c00; }
.ladder text.log, .ladder text.result { fill: #7d4e00; } .ladder text.timer { fill: #cf222e; }
.ladder text.said { font-weight: bold; }
.ladder .paper { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  .ladder text { fill: #e6edf3; } .ladder text.label { stroke: #0d1117; }
  .ladder .paper { fill: #0d1117; } .ladder line { stroke: #6e7681; }
  .ladder .time, .ladder .script { fill: #8d96a0; }
  .ladder .request { stroke: #4493f8; } .ladder path.request { fill: #4493f8; }
  .ladder .reply { stroke: #3fb950; } .ladder path.reply { fill: #3fb950; }
  .ladder .failure, .ladder .junk { stroke: #f85149; } .ladder path.failure, .ladder path.junk { fill: #f85149; }
  .ladder .relay { stroke: #ab7df8; } .ladder path.relay { fill: #ab7df8; }
  .ladder .sound { stroke: #f0883e; } .ladder path.sound { fill: #f0883e; }
  .ladder text.log, .ladder text.result { fill: #d29922; } .ladder text.timer { fill: #f85149; }
}
"""


class Pen:
    """Draws parts of one ladder; all lengths are in pixels, `y` is the middle of a row."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        longest = max((len(label_of(ladder, row)) for row in ladder.rows if isinstance(row, Arrow)), default=0)
        names = max((len(name) for name in ladder.columns), default=0)
        self._gap = int(max(NARROWEST, min(WIDEST, max(longest, names) + 5)) * CHARACTER)
        self.width = LEFT + self._gap * (len(ladder.columns) - 1) + LEFT

    def place(self, name: str) -> float:
        """Where a lifeline stands."""
        return LEFT + self._gap * self._ladder.place(name)

    def lifelines(self, top: float, bottom: float) -> str:
        """The pieces of all lifelines between two heights."""
        places = map(self.place, self._ladder.columns)
        return "".join(f'<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>' for x in places)

    def names(self, y: float) -> str:
        """The names of the lifelines."""
        room = int(self._gap / CHARACTER) - 1
        return "".join(
            self.text(self.place(name), y, shortened(name, room), "name", "middle") for name in self._ladder.columns
        )

    def arrow(self, row: Arrow, y: float) -> str:
        """An arrow with its label above it; the whole message is its tooltip."""
        begin, end = self.place(row.source), self.place(row.destination)
        kind, again = row.kind.value, " again" if row.again else ""
        turn = 7 if begin < end else -7
        room = int(abs(end - begin) / CHARACTER) - 2
        label = shortened(label_of(self._ladder, row), room)
        whole = "\n".join(f"{line.mark} {line.text}" for line in row.lines)
        return (
            f"<g><title>{escape(whole)}</title>"
            f'<line class="shaft {kind}{again}" x1="{begin}" y1="{y + 5}" x2="{end}" y2="{y + 5}"/>'
            f'<path class="{kind}" d="M{end} {y + 5}l{-turn} -3.5v7z"/>'
            f"{self.text((begin + end) / 2, y + 1, label, 'label', 'middle')}</g>"
        )

    @staticmethod
    def text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
        """Text at a place."""
        at = f'x="{x}" y="{y}" text-anchor="{anchor}"'
        return f'<text class="{kind}" {at} xml:space="preserve">{escape(text)}</text>'


def label_of(ladder: Ladder, row: Arrow) -> str:
    """The label of an arrow, with the number of its call if there are several."""
    number = f"[{row.call}] " if len(ladder.calls) > 1 and row.call else ""
    return f"{number}{row.label}{' (again)' if row.again else ''}"
