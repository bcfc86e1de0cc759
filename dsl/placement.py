"""Syntax that a grammar of one kind of statement does not see: `break` belongs in a loop or a case."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, error


def misplaced(script: nodes.Script) -> Iterator[Diagnostic]:
    """A finding for each statement that cannot stand where it stands."""
    for item in script.items:
        if isinstance(item, nodes.Route):
            yield from _statements(item.body.statements, False)


def _statements(statements: tuple[nodes.Statement, ...], breakable: bool) -> Iterator[Diagnostic]:
    for statement in statements:
        match statement:
            case nodes.Break() if not breakable:
                yield error("RS140", "`break` outside of a loop or a switch", statement.span,
                            "leave a route with `return`, the script with `exit`")  # fmt: skip
            case nodes.If(condition=condition, then=then, otherwise=otherwise):
                yield from _condition(condition)
                yield from _statements(then.statements, breakable)
                yield from _statements(otherwise.statements if otherwise else (), breakable)
            case nodes.While(condition=condition, body=body):
                yield from _condition(condition)
                yield from _statements(body.statements, True)
            case nodes.For(body=body):
                yield from _statements(body.statements, True)
            case nodes.Switch(cases=cases):
                for case in cases:
                    yield from _statements(case.statements, True)


def _condition(condition: nodes.Condition | nodes.Expression) -> Iterator[Diagnostic]:
    """Blocks inside of a condition take no `break`."""
    match condition:
        case nodes.Logical(left=left, right=right):
            yield from _condition(left)
            yield from _condition(right)
        case nodes.Not(operand=operand):
            yield from _condition(operand)
        case nodes.Group(inner=inner):
            yield from _condition(inner)
        case nodes.Block(statements=statements):
            yield from _statements(statements, False)
        case nodes.If():
            yield from _statements((condition,), False)
