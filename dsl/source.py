"""Source text and places in it: files, spans, and the chain of includes that led there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of source text. Lines and columns count from 1, a column is one byte; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """The stretch from the start of this span to the end of another one in the same file."""
        return Span(self.file, self.line, self.column, other.end_line, other.end_column)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def excerpt(span: Span, source: Sequence[str]) -> str:
    """The text of a place on one line; `source` are the lines of its file."""
    if span.line == span.end_line:
        return source[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = source[span.line - 1][span.column - 1 :], source[span.end_line - 1][: span.end_column - 1]
    return " ".join(" ".join([first, *source[span.line : span.end_line - 1], last]).split())
