"""What is said about a script: findings with a place, and their forms for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from relayscript.dsl.source import Span


class Severity(Enum):
    """How bad a finding is: an error keeps the script from running."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is stable (`RS101`), `hint` says what to do, `notes` add facts."""

    severity: Severity
    code: str
    message: str
    span: Span | None = None
    hint: str = ""
    notes: tuple[str, ...] = ()


class ScriptError(Exception):
    """A script that is not fit to run; `diagnostics` say why, at least one of them an error."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(f"{d.span}: {d.message}" if d.span else d.message for d in diagnostics))
        self.diagnostics = diagnostics


def error(code: str, message: str, span: Span | None = None, hint: str = "", *notes: str) -> Diagnostic:
    """A finding that keeps the script from running."""
    return Diagnostic(Severity.ERROR, code, message, span, hint, notes)


def warning(code: str, message: str, span: Span | None = None, hint: str = "", *notes: str) -> Diagnostic:
    """A finding that does not keep the script from running."""
    return Diagnostic(Severity.WARNING, code, message, span, hint, notes)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """One of the findings is an error."""
    return any(each.severity is Severity.ERROR for each in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic], main: str) -> tuple[Diagnostic, ...]:
    """Errors before all else; then those of the main file by line, of included files, and without a place."""

    def place(found: Diagnostic) -> tuple[bool, int, int, int]:
        milder = found.severity is not Severity.ERROR
        if found.span is None:
            return milder, 2, 0, 0
        return milder, int(found.span.file != main), found.span.line, found.span.column

    return tuple(sorted(diagnostics, key=place))


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], color: bool = False) -> str:
    """The findings for people: place, message, source line with a caret below, hint, notes.

    `sources` has the byte text of each file; it is shown as UTF-8 as far as it is UTF-8.
    """
    lines = {file: text.split("\n") for file, text in sources.items()}
    return "".join(_render_one(each, lines, _PALETTE if color else _PLAIN) for each in diagnostics)


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings for programs: a JSON array, one object each; lines and columns count from 1."""
    return json.dumps([_as_object(each) for each in diagnostics], indent=1)


# ---------------------------------------------------------------- text

_PALETTE = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "bold": "\x1b[1m",
    "": "\x1b[0m",
}
_PLAIN = dict.fromkeys(_PALETTE, "")


def _render_one(found: Diagnostic, sources: Mapping[str, list[str]], palette: Mapping[str, str]) -> str:
    kind, plain = found.severity.value, palette[""]
    place = f"{palette['bold']}{found.span}:{plain} " if found.span else ""
    head = f"{place}{palette[kind]}{kind}:{plain} {_shown(found.message)} [{found.code}]"
    rows = [head, *_excerpt(found, sources, palette)]
    if found.hint:
        rows.append(f"  = help: {_shown(found.hint)}")
    rows.extend(f"  = note: {_shown(note)}" for note in found.notes)
    return "\n".join(rows) + "\n"


def _excerpt(found: Diagnostic, sources: Mapping[str, list[str]], palette: Mapping[str, str]) -> list[str]:
    """The source line and, below it, what is meant."""
    span = found.span
    lines = sources.get(span.file, []) if span else []
    if span is None or not 1 <= span.line <= len(lines):
        return []
    source = lines[span.line - 1].rstrip("\r")
    start = min(span.column - 1, len(source))
    end = len(source) if span.end_line > span.line else min(span.end_column - 1, len(source))
    before, marked = _shown(source[:start]), _shown(source[start:end])
    indent = "".join("\t" if char == "\t" else " " for char in before)
    width = max(len(marked.replace("\t", " ")), 1)
    number = f"{span.line:5}"
    caret = f"{palette[found.severity.value]}^{'~' * (width - 1)}{palette['']}"
    return [f"{number} | {_shown(source)}", f"{' ' * len(number)} | {indent}{caret}"]


def _shown(text: str) -> str:
    """Byte text as it is read by people; control characters cannot reach the terminal."""
    decoded = text.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(char if char == "\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in decoded)


# ---------------------------------------------------------------- JSON


def _as_object(found: Diagnostic) -> dict[str, object]:
    made: dict[str, object] = {
        "severity": found.severity.value,
        "code": found.code,
        "message": _shown(found.message),
    }
    if (span := found.span) is not None:
        made["file"] = span.file
        made["start"] = {"line": span.line, "column": span.column}
        made["end"] = {"line": span.end_line, "column": span.end_column}
    if found.hint:
        made["hint"] = _shown(found.hint)
    if found.notes:
        made["notes"] = [_shown(note) for note in found.notes]
    return made
