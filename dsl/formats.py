"""Format strings: text with `$variables` in it, `$$` for a dollar sign (language.md 1.6)."""

from __future__ import annotations

from functools import lru_cache

from relayscript.dsl.nodes import Variable
from relayscript.dsl.source import Span
from relayscript.dsl.variable import read_variable

NOWHERE = Span("", 1, 1, 1, 1)
"""The base of the spans in a format string whose place was not given: column - 1 is the offset in a text
of one line."""

Parts = tuple[str | Variable, ...]


def parse_format(text: str, span: Span | None = None) -> Parts:
    """The parts of a format string: literal texts (never empty, never two in a row) and variables.

    `span` is where the first character stands. Raises ScriptError if a variable is malformed.
    """
    return _parse(text) if span is None else _parts(text, span)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Parts:
    return _parts(text, NOWHERE)


def _parts(text: str, base: Span) -> Parts:
    parts: list[str | Variable] = []
    literal: list[str] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        literal.append(text[position:dollar])
        variable, position = read_variable(text, dollar, base)
        if variable.name == "$":
            literal.append("$")
            continue
        if joined := "".join(literal):
            parts.append(joined)
        literal = []
        parts.append(variable)
    literal.append(text[position:])
    if joined := "".join(literal):
        parts.append(joined)
    return tuple(parts)
