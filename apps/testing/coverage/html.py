"""Coverage as one HTML page: a table of the scripts, then each of them with what was tried marked in its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from relayscript.apps.testing.coverage.measured import FileCoverage, Outcomes
from relayscript.apps.testing.coverage.text import MEASURES, ratios, shown, total
from relayscript.dsl.source import Span

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; } td, th { padding: .15rem .8rem; text-align: right; }
td:first-child, th:first-child { text-align: left; }
pre { font: 13px/1.5 ui-monospace, monospace; border: 1px solid #ccc; }
.line { display: block; padding-right: 1rem; white-space: pre-wrap; }
.line::before { content: attr(data-number); display: inline-block; width: 4rem; padding-right: 1rem; text-align: right;
  color: #777; }
.ran { background: #eaf7ea; } .missed { background: #fbe3e3; }
mark { background: #ffe08a; border-bottom: 2px solid #c80; } mark.missed { background: inherit; border-color: #c33; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; } .ran { background: #16301a; } .missed { background: #401c1c; }
  mark { background: #5c4a10; color: inherit; }
}
"""


def page(files: Iterable[FileCoverage]) -> str:
    """The page as byte text. Parts of conditions are marked that were not both true and false."""
    return "\n".join(_page(list(files))) + "\n"


def _page(files: list[FileCoverage]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Coverage of scripts</title>'
    yield f"<style>{STYLE}</style></head><body>\n<h1>Coverage of scripts</h1>\n<table>"
    yield _row("th", ("script", *MEASURES))
    for file in files:
        link = f'<a href="#{escape(file.file, quote=True)}">{escape(file.file)}</a>'
        yield _row("td", (link, *map(shown, ratios(file))))
    yield _row("td", ("all", *map(shown, total(files))))
    yield "</table>"
    for file in files:
        yield f'<h2 id="{escape(file.file, quote=True)}">{escape(file.file)}</h2>\n<pre>{"".join(_lines(file))}</pre>'
    yield "</body></html>"


def _row(cell: str, texts: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{cell}>{text}</{cell}>" for text in texts) + "</tr>"


def _lines(file: FileCoverage) -> Iterator[str]:
    marks: dict[int, list[tuple[Span, Outcomes]]] = {}
    for span, outcomes in sorted(file.conditions.items(), key=lambda each: each[0].column):
        if outcomes.never and span.line == span.end_line:
            marks.setdefault(span.line, []).append((span, outcomes))
    for number, text in enumerate(file.source, 1):
        kind = {None: "", True: " ran", False: " missed"}[file.lines.get(number)]
        yield f'<span class="line{kind}" data-number="{number}">{_marked(text, marks.get(number, []))} </span>'


def _marked(text: str, marks: list[tuple[Span, Outcomes]]) -> str:
    """A line with the conditions in it marked."""
    made, at = [], 0
    for span, outcomes in marks:
        begin, end = span.column - 1, span.end_column - 1
        if begin < at:
            continue
        kind = "" if outcomes.tried else ' class="missed"'
        made.append(escape(text[at:begin]))
        made.append(f'<mark{kind} title="{outcomes.never}">{escape(text[begin:end])}</mark>')
        at = end
    return "".join(made) + escape(text[at:])
