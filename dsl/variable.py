"""Reads one `$variable` in any of its forms, from script code or from inside a string (language.md 1.5, 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relayscript.dsl.diagnostics import ScriptError, error
from relayscript.dsl.nodes import Transformation, Variable
from relayscript.dsl.source import Span

_NAME = re.compile(r"[A-Za-z0-9_.]+")
_SCOPE = re.compile(r"<([^>]*)>")
_BLANKS = re.compile(r"[ \t\r\n]*")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_OPERATION = re.compile(r"([A-Za-z0-9_]+)\.([^,}]*)")
_LITERAL = re.compile(r"(?:\\.|[^,}\\])*", re.DOTALL)
_WHOLE = re.compile(r"(?:\\.|[^}\\])*", re.DOTALL)
_ESCAPED = re.compile(r"\\([{},])")


def parse_variable(raw: str, span: Span) -> Variable:
    """The variable that a whole text is; `span` is where the text stands.

    Raises ScriptError if it is malformed or if something follows the variable.
    """
    variable, end = read_variable(raw, 0, span)
    if end != len(raw):
        place = within(span, raw, end, len(raw))
        raise ScriptError((error("RS126", f"`{raw[end:]}` does not belong to the variable", place),))
    return variable


def read_variable(text: str, start: int, base: Span) -> tuple[Variable, int]:
    """The variable at text[start], which is `$`, and the position behind it; `base` is where `text` stands.

    Raises ScriptError if it is malformed.
    """
    try:
        return _Reader(text, base).variable(start)
    except RecursionError:
        place = within(base, text, start, len(text))
        raise ScriptError((error("RS127", "variables nested too deeply", place),)) from None


def within(base: Span, text: str, start: int, end: int) -> Span:
    """Where text[start:end] stands if `text` begins at `base`."""
    above, lower = text.count("\n", 0, start), text.count("\n", 0, end)
    column = start - text.rfind("\n", 0, start) if above else base.column + start
    end_column = end - text.rfind("\n", 0, end) if lower else base.column + end
    return Span(base.file, base.line + above, column, base.line + lower, end_column)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads from one text; each method takes a position and returns what is there and the position behind."""

    text: str
    base: Span

    def variable(self, start: int) -> tuple[Variable, int]:
        if self.text.startswith("(", start + 1):
            return self._parenthesised(start)
        if self.text.startswith("$", start + 1):
            return self._make(start, start + 2, "$"), start + 2
        name, end = self._name(start, start + 1)
        parameter, end = self._parameter(start, end)
        return self._make(start, end, name, parameter), end

    def _parenthesised(self, start: int) -> tuple[Variable, int]:
        position = start + 2
        scope = None
        if (found := _SCOPE.match(self.text, position)) is not None:
            scope, position = found[1], found.end()
        if self.text.startswith("$)", position):
            return self._make(start, position + 2, "$"), position + 2
        name, position = self._name(start, position)
        parameter, position = self._parameter(start, position)
        index, position = self._index(start, position)
        transformations, position = self._transformations(start, position)
        if not self.text.startswith(")", position):
            raise self._unfinished(start, position)
        return self._make(start, position + 1, name, parameter, index, transformations, scope), position + 1

    def _make(
        self,
        start: int,
        end: int,
        name: str,
        parameter: str | Variable | None = None,
        index: int | str | Variable | None = None,
        transformations: tuple[Transformation, ...] = (),
        scope: str | None = None,
    ) -> Variable:
        span = within(self.base, self.text, start, end)
        return Variable(span, name, parameter, index, transformations, scope, self.text[start:end])

    def _name(self, start: int, position: int) -> tuple[str, int]:
        found = _NAME.match(self.text, position)
        if found is not None:
            return found[0], found.end()
        if position >= len(self.text) or position == start + 1:
            hint = "write $$ for a dollar sign" if position == start + 1 else ""
            raise self._error("RS120", "a `$` without the name of a variable", start, start + 1, hint)
        raise self._error("RS120", "the name of a variable is missing", start, position + 1)

    def _parameter(self, start: int, position: int) -> tuple[str | Variable | None, int]:
        """What stands in `(...)` directly behind the name."""
        if not self.text.startswith("(", position):
            return None, position
        end = self._closing(start, position)
        inside = self.text[position + 1 : end]
        if not inside:
            raise self._error("RS121", "the parameter of a variable is empty", position, end + 1)
        if inside.startswith("$"):
            variable, behind = self.variable(position + 1)
            if behind == end:
                return variable, end + 1
        return inside, end + 1

    def _closing(self, start: int, position: int) -> int:
        """Where the parenthesis opened at `position` is closed."""
        depth = 0
        for found in re.compile(r"[()]").finditer(self.text, position):
            depth += 1 if found[0] == "(" else -1
            if depth == 0:
                return found.start()
        raise self._error("RS122", "a parenthesis of the variable is never closed", start, len(self.text))

    def _index(self, start: int, position: int) -> tuple[int | str | Variable | None, int]:
        if not self.text.startswith("[", position):
            return None, position
        inside = position + 1
        if self.text.startswith("$", inside):
            variable, end = self.variable(inside)
            if not self.text.startswith("]", end):
                raise self._error("RS123", "`]` expected behind the index", inside, end)
            return variable, end + 1
        end = self.text.find("]", inside)
        if end < 0:
            raise self._error("RS123", "the index of the variable is never closed by `]`", start, len(self.text))
        word = self.text[inside:end].strip(" \t")
        if not word:
            raise self._error("RS123", "the index of the variable is empty", position, end + 1)
        return (int(word) if _INTEGER.fullmatch(word) else word), end + 1

    # ---- transformations

    def _transformations(self, start: int, position: int) -> tuple[tuple[Transformation, ...], int]:
        """`{class.op,args}` one behind the other; blanks may stand between two of them."""
        found: list[Transformation] = []
        while True:
            opening = _skip(self.text, position) if found else position
            if not self.text.startswith("{", opening):
                return tuple(found), position
            made, position = self._transformation(start, opening)
            found.append(made)

    def _transformation(self, start: int, opening: int) -> tuple[Transformation, int]:
        head = _OPERATION.match(self.text, _skip(self.text, opening + 1))
        if head is None:
            raise self._error(
                "RS124",
                "a transformation is {class.operation}",
                opening,
                self._behind(opening),
                "for instance {s.len}",
            )
        group, op = head[1].lower(), _lower_words(head[2].strip())
        args, position = self._arguments(group, op, head.end())
        if not self.text.startswith("}", position):
            raise self._error("RS125", "the transformation is never closed by `}`", opening, len(self.text))
        span = within(self.base, self.text, opening, position + 1)
        return Transformation(span, group, op, tuple(args)), position + 1

    def _behind(self, opening: int) -> int:
        closing = self.text.find("}", opening)
        return closing + 1 if closing >= 0 else len(self.text)

    def _arguments(self, group: str, op: str, position: int) -> tuple[list[str | Variable], int]:
        """What stands behind commas; a regular expression is one argument, a separator one byte."""
        args: list[str | Variable] = []
        while self.text.startswith(",", position):
            position += 1
            if (group, op) == ("s", "select") and len(args) == 1 and position < len(self.text):
                args.append(self.text[position])
                return args, position + 1
            argument, position = self._argument(position, _WHOLE if group == "re" else _LITERAL)
            args.append(argument)
        return args, position

    def _argument(self, position: int, literal: re.Pattern[str]) -> tuple[str | Variable, int]:
        position = _skip(self.text, position)
        if self.text.startswith("$", position):
            variable, end = self.variable(position)
            behind = _skip(self.text, end)
            if self.text.startswith((",", "}"), behind):
                return variable, behind
        found = literal.match(self.text, position)
        assert found is not None
        return _ESCAPED.sub(r"\1", found[0].rstrip(" \t")), found.end()

    # ---- errors

    def _unfinished(self, start: int, position: int) -> ScriptError:
        if position >= len(self.text):
            return self._error("RS122", "a parenthesis of the variable is never closed", start, len(self.text))
        shown = self.text[position : position + 1]
        hint = "the order is $(name(parameter)[index]{transformation})"
        return self._error("RS126", f"`{shown}` is not understood in a variable", position, position + 1, hint)

    def _error(self, code: str, message: str, start: int, end: int, hint: str = "") -> ScriptError:
        return ScriptError((error(code, message, within(self.base, self.text, start, end), hint),))


def _skip(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position


def _lower_words(op: str) -> str:
    """An operation in lower case; a variable in it (`nameaddr.$var(i).uri`) is kept as it is."""
    return op if "$" in op else op.lower()
