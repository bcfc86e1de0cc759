"""Code that tells of each script line before it runs, in the places where a tracer of Python would see it.

A tracer costs every function that Python calls; this costs the script's lines alone, and nothing where it is off.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from relayscript.dsl import nodes
from relayscript.interpreter.compiler import emit

OnLine = Callable[[str, int], None]
"""Told of a file and the number of the line in it that is about to run."""

LAST = "line"
"""The name that holds the line told last, in each function."""


def headers(script: nodes.Script) -> frozenset[tuple[str, int]]:
    """File and line of each route header without a statement beside it: nothing runs there."""
    routes = [item for item in script.items if isinstance(item, nodes.Route)]
    beside = {each.span[:2] for route in routes for each in route.body.statements}
    return frozenset(route.span[:2] for route in routes if route.span[:2] not in beside)


class Telling:
    """Puts calls of the function named `at`, which takes and returns a line number, into compiled code.

    Every statement has its place already. Lines in `quiet` are not told.
    """

    def __init__(self, at: str, quiet: frozenset[int]) -> None:
        self._at = at
        self._quiet = quiet

    def function(self, made: ast.FunctionDef) -> None:
        """All lines of a function, but that of its head when it returns there."""
        start = self._placed(emit.assign(LAST, emit.const(0)), made)
        made.body = [start, *self._block(made.body[:-1], 0), made.body[-1]]

    def _block(self, statements: list[ast.stmt], last: int) -> list[ast.stmt]:
        """Statements one after the other; `last` is the line that ran before them, 0 if it can be any."""
        made: list[ast.stmt] = []
        for each in statements:
            if each.lineno != last and each.lineno not in self._quiet:
                changed = emit.compare(emit.name(LAST), ast.NotEq(), emit.const(each.lineno))
                made.append(self._placed(ast.If(changed, [self._told(each)], []), each))
            made.append(each)
            last = 0 if self._inside(each) else each.lineno
        return made

    def _inside(self, each: ast.stmt) -> bool:
        """The statements within one; whether there can be any."""
        match each:
            case ast.For():
                again = [] if each.lineno in self._quiet else [self._told(each)]
                each.body = [*self._block(each.body, each.lineno), *again]
                each.orelse = self._block(each.orelse, each.lineno)
            case ast.If() | ast.While():
                each.body = self._block(each.body, each.lineno)
                each.orelse = self._block(each.orelse, each.lineno)
            case ast.Try():
                each.body = self._block(each.body, each.lineno)
                for handler in each.handlers:
                    handler.body = self._block(handler.body, 0)
                each.finalbody = self._block(each.finalbody, 0)
            case _:
                return False
        return True

    def _told(self, each: ast.stmt) -> ast.stmt:
        return self._placed(emit.assign(LAST, emit.call(self._at, emit.const(each.lineno))), each)

    @staticmethod
    def _placed(made: ast.stmt, at: ast.stmt) -> ast.stmt:
        made.lineno = made.end_lineno = at.lineno
        made.col_offset = made.end_col_offset = at.col_offset
        emit.located(ast.Module([made], []))
        return made
