"""Reads a script with its includes into one text and keeps where each line came from (language.md 1.8).

Script text is byte text: files are read as latin-1.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from relayscript.dsl.diagnostics import Diagnostic, error, warning
from relayscript.dsl.source import Span

NESTING = 20
"""How deep includes may nest; the original's scanner has as many places."""

_INCLUDE = re.compile(
    r"""^[ \t\x08\r]*(?:include_file|import_file)[ \t\x08\r]*("[^"\n]{2,}"|'[^'\n]{2,}')([^\n]*)(?:\n|\Z)""",
    re.MULTILINE,
)


@dataclass(slots=True)
class Flattened:
    """The text after includes. `sources` has the text of every file read, `included` the place that first
    includes a file; `diagnostics` are what went wrong."""

    text: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    included: dict[str, Span] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _first_lines: list[int] = field(default_factory=list)
    _origins: list[tuple[str, int]] = field(default_factory=list)
    _next_line: int = 1

    def span(self, start: int, end: int) -> Span:
        """The place of text[start:end] in the file it came from."""
        starts = self._starts
        line = bisect_right(starts, start)
        begin = starts[line - 1]
        last = line if line == len(starts) or end <= starts[line] else bisect_right(starts, end - 1)
        if len(self._origins) == 1:
            file, base = self._origins[0][0], 0
        else:
            index = bisect_right(self._first_lines, line) - 1
            file, number = self._origins[index]
            base = number - self._first_lines[index]
        return Span(file, line + base, start - begin + 1, last + base, end - starts[last - 1] + 1)

    def fingerprint(self) -> bytes:
        """Different for another text, or for one that comes from other files or lines."""
        origins = repr((list(self.sources), self._first_lines, self._origins, self.diagnostics))
        return origins.encode("utf-8", "surrogateescape") + self.text.encode("latin-1")


def flatten_file(path: str) -> Flattened:
    """A script file with everything that it includes."""
    made = Flattened()
    try:
        text = _read(path)
    except OSError as reason:
        made.diagnostics.append(error("RS100", f"cannot read {path}: {reason.strerror}"))
        text = ""
    return _finish(made, path, text)


def flatten_text(text: str, file: str) -> Flattened:
    """A script given as byte text, with everything that it includes."""
    return _finish(Flattened(), file, text)


def _finish(made: Flattened, file: str, text: str) -> Flattened:
    made.sources[file] = text
    chunks: list[str] = []
    _add(made, chunks, file, text, (file,))
    made.text = "".join(chunks)
    made._starts = [0, *(found.end() for found in re.finditer("\n", made.text))]
    if not made._origins:
        made._first_lines, made._origins = [1], [(file, 1)]
    return made


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode("latin-1")


def _add(made: Flattened, chunks: list[str], file: str, text: str, stack: tuple[str, ...]) -> None:
    """Append a file's text, each include line replaced by the file it names."""
    position, line = 0, 1
    for found in _INCLUDE.finditer(text):
        if found.start() > position:
            _append(made, chunks, file, line, text[position : found.start()])
            line += text.count("\n", position, found.start())
        place = _place(file, line, text, found.start(), found.start(1), found.end(1))
        _include(made, chunks, found[1][1:-1], place, stack)
        if (rest := found[2].strip()) and not rest.startswith("#"):
            made.diagnostics.append(warning("RS104", "what follows the file name is ignored", place))
        position = found.end()
        line += 1
    _append(made, chunks, file, line, text[position:])


def _place(file: str, line: int, text: str, begin: int, start: int, end: int) -> Span:
    begin = text.rfind("\n", 0, start) + 1 if "\n" in text[begin:start] else begin
    return Span(file, line, start - begin + 1, line, end - begin + 1)


def _append(made: Flattened, chunks: list[str], file: str, line: int, text: str) -> None:
    """Append lines of one file; a missing newline at its end is supplied."""
    if not text:
        return
    whole = text if text.endswith("\n") else text + "\n"
    made._first_lines.append(made._next_line)
    made._origins.append((file, line))
    made._next_line += whole.count("\n")
    chunks.append(whole)


def _include(made: Flattened, chunks: list[str], name: str, place: Span, stack: tuple[str, ...]) -> None:
    candidates = [name]
    if not os.path.isabs(name):
        candidates.append(os.path.join(os.path.dirname(stack[-1]), name))
    path = next((each for each in candidates if os.path.isfile(each)), None)
    if path is None:
        made.diagnostics.append(error("RS101", f"there is no file {name} to include", place))
        return
    chain = tuple(f"included from {each}" for each in stack[-2::-1])
    if any(os.path.realpath(path) == os.path.realpath(each) for each in stack):
        made.diagnostics.append(error("RS102", f"{name} includes itself", place, "", *chain))
        return
    if len(stack) >= NESTING:
        made.diagnostics.append(error("RS103", f"includes are nested deeper than {NESTING} files", place))
        return
    try:
        text = made.sources.get(path) or _read(path)
    except OSError as reason:
        made.diagnostics.append(error("RS101", f"cannot read {path}: {reason.strerror}", place))
        return
    made.sources[path] = text
    made.included.setdefault(path, place)
    _add(made, chunks, path, text, (*stack, path))
