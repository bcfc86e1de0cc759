"""Turns the routes of a script into Python functions whose file names and lines are the script's own."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError, error
from relayscript.dsl.once import once
from relayscript.dsl.visitor import walk
from relayscript.interpreter import failing, tracing
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.codes import Codes
from relayscript.interpreter.compiler.scope import Mentions, Scope
from relayscript.interpreter.compiler.statements import Statements
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.operators import literal
from relayscript.interpreter.values import Value, int_of

if TYPE_CHECKING:
    from relayscript.interpreter.compiler.arguments import Read
    from relayscript.interpreter.context import Context
    from relayscript.interpreter.runtime import Runtime

__all__ = ["bound_scope", "compile_script"]

RETURN_CODES = ("rc", "retcode")


def compile_script(
    script: nodes.Script, runtime: Runtime, codes: Codes | None = None
) -> dict[tuple[str, str], CompiledRoute]:
    """All routes of a script, by (kind, name); the main route is ("route", "").

    `codes` may have their Python code already. Raises ScriptError for what only linking finds out, such as a
    literal pattern that does not compile.
    """
    scope = bound_scope(runtime, _mentions(script))
    scope.codes = codes or Codes([])
    statements = Statements(scope)
    made: dict[tuple[str, str], CompiledRoute] = {}
    for item in script.items:
        if isinstance(item, nodes.Route):
            made[item.kind, item.name] = _compile_route(item, statements)
    for name, code in runtime.mocks.routes.items():
        if ("route", name) in made:
            made["route", name].function = _returning(code)
    scope.routes |= {name: route for (kind, name), route in made.items() if kind == "route" and name}
    return made


def bound_scope(runtime: Runtime, mentions: Mentions) -> Scope:
    """The names that all code of a script can use, none of its routes among them yet."""
    scope = Scope(runtime, mentions)
    scope.names |= {
        "give_back": give_back, "return_code": return_code, "asserted": failing.asserted, "literal": literal
    }  # fmt: skip
    return scope


def _compile_route(route: nodes.Route, statements: Statements) -> CompiledRoute:
    name = f"{route.kind}_{route.name}" if route.name.isidentifier() else route.kind
    try:
        code = statements.function(name, route.body.statements, route.span)
        if statements.scope.tracks_returned and route.kind == "route":
            code.body[-1:-1] = emit.placed([_giving_nothing()], route.span)
        function = statements.link_function(code, route.span.file)
    except (RecursionError, SyntaxError):
        text = "this route is nested too deeply to be run"
        raise ScriptError((error("RS331", text, route.span, "move the inner parts to routes of their own"),)) from None
    return CompiledRoute(route.kind, route.name, function)  # type: ignore[arg-type]


def _giving_nothing() -> ast.stmt:
    """A route that ends without `return` leaves no values, not even those of a route that it called."""
    return ast.Expr(emit.call("give_back", emit.name(emit.CONTEXT), emit.const(())))


def _returning(code: int) -> Callable[[Context], int]:
    return lambda context: code


@once
def _mentions(script: nodes.Script) -> Mentions:
    """What the script reads and calls, in code or in a text."""
    rc = returned = error_route = script_trace = False
    for node in walk(script):
        if isinstance(node, nodes.Variable):
            rc |= node.name in RETURN_CODES
            returned |= node.name == "return"
        elif isinstance(node, nodes.Text) and "$" in node.value:
            rc |= any(f"${word}" in node.value or f"$({word}" in node.value for word in RETURN_CODES)
            returned |= "return(" in node.value
        elif isinstance(node, nodes.Return):
            returned |= bool(node.values)
        elif isinstance(node, nodes.Route):
            error_route |= node.kind == failing.LABEL
        elif isinstance(node, nodes.Call):
            script_trace |= node.name == tracing.FUNCTION
    return Mentions(rc, returned, error_route, script_trace)


def give_back(context: Context, reads: tuple[Read, ...]) -> None:
    """Keep the values of `return(code, values...)` for the caller."""
    context.returned = tuple([read(context) for read in reads])


def return_code(value: Value) -> int:
    """The code of `return $variable`: NULL is -1, a value without int 1."""
    if value is None:
        return -1
    number = int_of(value)
    return 1 if number is None else number

