"""Code that tells of each script line before it runs, in the places where a tracer of Python would see it.

A tracer costs every function that Python calls; this costs the script's lines alone, and nothing where it is off.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from relayscript.dsl import nodes
from relayscript.dsl.once import once
from relayscript.interpreter.compiler import emit

OnLine = Callable[[str, int], None]
"""Told of a file and the number of the line in it that is about to run."""

LAST = "line"
"""The name that holds the line told last, in each function."""


@once
def headers(script: nodes.Script) -> frozenset[tuple[str, int]]:
    """File and line of each route header without a statement beside it: nothing runs there."""
    routes = [item for item in script.items if isinstance(item, nodes.Route)]
    beside = {each.span[:2] for route in routes for each in route.body.statements}
    return frozenset(route.span[:2] for route in routes if route.span[:2] not in beside)


class Telling:
    """Puts calls of the function named `at`, which takes and returns a line number, into compiled code.

    A statement without a place has that of what it stands in. Lines in `quiet` are not told.
    """

    def __init__(self, at: str, quiet: frozenset[int]) -> None:
        self._at = at
        self._quiet = quiet

    def function(self, made: ast.FunctionDef) -> None:
        """All lines of a function, but that of its head when it returns there."""
        begin = emit.assign(LAST, emit.const(0))
        made.body = [begin, *self._block(made.body[:-1], made.lineno, 0), made.body[-1]]

    def _block(self, statements: list[ast.stmt], around: int, last: int) -> list[ast.stmt]:
        """Statements one after the other, within one on the line `around`.

        `last` is the line that ran before them, 0 if it can be any.
        """
        made: list[ast.stmt] = []
        for each in statements:
            line = getattr(each, "lineno", around)
            if line != last and line not in self._quiet:
                changed = emit.compare(emit.name(LAST), ast.NotEq(), emit.const(line))
                made.append(self._on(line, ast.If(changed, [self._told(line)], [])))
            made.append(each)
            last = 0 if self._inside(each, line) else line
        return made

    def _inside(self, each: ast.stmt, line: int) -> bool:
        """The statements within one; whether there can be any."""
        match each:
            case ast.For():
                again = [] if line in self._quiet else [self._told(line)]
                each.body = [*self._block(each.body, line, line), *again]
                each.orelse = self._block(each.orelse, line, line)
            case ast.If() | ast.While():
                each.body = self._block(each.body, line, line)
                each.orelse = self._block(each.orelse, line, line)
            case ast.Try():
                each.body = self._block(each.body, line, line)
                for handler in each.handlers:
                    handler.body = self._block(handler.body, line, 0)
                each.finalbody = self._block(each.finalbody, line, 0)
            case _:
                return False
        return True

    def _told(self, line: int) -> ast.stmt:
        return self._on(line, emit.assign(LAST, emit.call(self._at, emit.const(line))))

    @staticmethod
    def _on(line: int, made: ast.stmt) -> ast.stmt:
        made.lineno = made.end_lineno = line
        made.col_offset = made.end_col_offset = 0
        return made
