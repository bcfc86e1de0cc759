"""Pieces of script that are compiled for a script that runs already: typed at a prompt, or asked by a debugger."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from relayscript.dsl import nodes
from relayscript.dsl.source import Span
from relayscript.interpreter.compiler import bound_scope, emit
from relayscript.interpreter.compiler.scope import Mentions
from relayscript.interpreter.compiler.statements import Statements
from relayscript.interpreter.marks import Truth
from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relayscript.interpreter.context import Context
    from relayscript.interpreter.runtime import Runtime


class Fragments:
    """Compiles pieces for one running script. What they do not say is that of its routes: variables, functions, routes.

    All of it raises ScriptError for what only linking finds out. The functions raise what a route does: Exit and
    Drop; a value raises `operators.Failure` if there is none.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def statements(self, statements: Sequence[nodes.Statement]) -> Callable[[Context], int]:
        """Runs statements; the result of the last one."""
        compiling = self._compiling()
        made = compiling.function("typed", statements, statements[0].span)
        return cast("Callable[[Context], int]", compiling.link_function(made, statements[0].span.file))

    def value(self, node: nodes.Expression) -> Callable[[Context], Value]:
        """Computes an expression."""
        compiling = self._compiling()
        return cast("Callable[[Context], Value]", _computing(compiling, compiling.value(node), node.span))

    def command(self, node: nodes.Command) -> Callable[[Context], int]:
        """Runs one command; its return code."""
        compiling = self._compiling()
        return cast("Callable[[Context], int]", _computing(compiling, compiling.command_result(node), node.span))

    def condition(self, node: nodes.Condition) -> Callable[[Context], Truth]:
        """Asks a condition: above 0 if it holds, -1 if its operands do not fit."""
        compiling = self._compiling()
        return cast("Callable[[Context], Truth]", _computing(compiling, compiling.condition(node), node.span))

    def _compiling(self) -> Statements:
        """A compiler with names of its own, which go with the piece."""
        handles = self._runtime.route("error_route") is not None
        scope = bound_scope(self._runtime, Mentions(rc=True, returned=True, error_route=handles))
        scope.marks = None
        routes = self._runtime.routes.items()
        scope.routes |= {name: route for (kind, name), route in routes if kind == "route" and name}
        return Statements(scope)


def _computing(compiling: Statements, code: emit.Expr, span: Span) -> object:
    """A function of the context that returns what the code computes."""
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(emit.CONTEXT)], kwonlyargs=[], kw_defaults=[], defaults=[])
    made = ast.FunctionDef("typed", arguments, [ast.Return(code)], [], None)
    if hasattr(made, "type_params"):
        made.type_params = []
    emit.placed([made], span)
    emit.placed(made.body, span)
    return compiling.link_function(made, span.file)
