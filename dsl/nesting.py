"""How deep a script may be nested: beyond that no part of relayscript reads it (language.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, error
from relayscript.dsl.visitor import children

EXPRESSIONS = 100
"""Operators and parentheses inside each other; a chain `a + b + c` counts each operator."""

STATEMENTS = 200
"""Statements inside each other; each `else if` counts."""

_EXPRESSION = (
    nodes.Binary, nodes.Logical, nodes.Group, nodes.Not, nodes.Complement, nodes.Bracket, nodes.Compare,
)  # fmt: skip


def nested_too_deeply(script: nodes.Script) -> Iterator[Diagnostic]:
    """A finding for each route that is; the first place in it that is too deep."""
    for item in script.items:
        if isinstance(item, nodes.Route) and (found := _first(item)) is not None:
            yield found


def _first(route: nodes.Route) -> Diagnostic | None:
    waiting: list[tuple[nodes.Node, int, int]] = [(route.body, 0, 0)]
    while waiting:
        node, expressions, statements = waiting.pop()
        if isinstance(node, _EXPRESSION):
            expressions += 1
        elif isinstance(node, nodes.If | nodes.While | nodes.For | nodes.Switch):
            expressions, statements = 0, statements + 1
        if expressions > EXPRESSIONS:
            text = f"an expression with more than {EXPRESSIONS} operators inside each other"
            return error("RS141", text, node.span, "split it over several assignments")
        if statements > STATEMENTS:
            text = f"more than {STATEMENTS} statements inside each other"
            return error("RS141", text, node.span, "move the inner ones to a route of their own")
        waiting += ((each, expressions, statements) for each in children(node))
    return None
