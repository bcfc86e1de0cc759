"""Short names for building Python syntax trees, and the names that compiled routes share."""

from __future__ import annotations

import ast
from typing import Any

from relayscript.dsl.source import Span
from relayscript.interpreter.values import MAX_INT, MIN_INT

Expr = ast.expr
CONTEXT = "context"
RESULT = "r"
_PLACED = (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.excepthandler)


def name(text: str) -> ast.Name:
    """Read a name."""
    return ast.Name(text, ast.Load())


def const(value: Any) -> ast.Constant:
    """A constant."""
    return ast.Constant(value)


def call(function: str, *args: Expr) -> ast.Call:
    """`function(*args)`."""
    return ast.Call(name(function), list(args), [])


def bind(target: str, value: Expr) -> ast.NamedExpr:
    """`(target := value)`."""
    return ast.NamedExpr(ast.Name(target, ast.Store()), value)


def choose(test: Expr, then: Expr, otherwise: Expr) -> ast.IfExp:
    """`then if test else otherwise`."""
    return ast.IfExp(test, then, otherwise)


def compare(left: Expr, op: ast.cmpop, right: Expr) -> ast.Compare:
    """`left op right`."""
    return ast.Compare(left, [op], [right])


def is_exactly(value: Expr, type_name: str) -> ast.Compare:
    """`type(value) is type_name`."""
    return compare(call("type", value), ast.Is(), name(type_name))


def positive(value: Expr) -> ast.Compare:
    """`value > 0`."""
    return compare(value, ast.Gt(), const(0))


def item(container: str, key: str) -> ast.Subscript:
    """`container["key"]`, to read."""
    return ast.Subscript(name(container), const(key), ast.Load())


def assign(target: str, value: Expr) -> ast.Assign:
    """`target = value`."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def result(value: Expr | int) -> ast.Assign:
    """`r = value`."""
    return assign(RESULT, const(value) if isinstance(value, int) else value)


def wrapped(value: Expr, temporary: str) -> Expr:
    """An int expression brought back to 32 bits if it left them."""
    test = ast.Compare(const(MIN_INT), [ast.LtE(), ast.LtE()], [bind(temporary, value), const(MAX_INT)])
    return choose(test, name(temporary), call("wrap", name(temporary)))


def placed(statements: list[ast.stmt], span: Span) -> list[ast.stmt]:
    """The statements with the script's line and column, where they have none of their own."""
    for statement in statements:
        if not hasattr(statement, "lineno"):
            statement.lineno = span.line
            statement.end_lineno = span.line
            statement.col_offset = max(span.column - 1, 0)
            statement.end_col_offset = max(span.column - 1, 0)
    return statements


def located(node: ast.Module) -> ast.Module:
    """A module whose every node has a place: without one of its own, that of what it stands in."""
    left: list[tuple[ast.AST, int, int]] = [(node, 1, 0)]
    while left:
        each, line, column = left.pop()
        if isinstance(each, _PLACED):
            if hasattr(each, "lineno"):
                line, column = each.lineno, each.col_offset
            else:
                each.lineno = each.end_lineno = line
                each.col_offset = each.end_col_offset = column
        for name in each._fields:
            value = getattr(each, name, None)
            if isinstance(value, list):
                left += [(inner, line, column) for inner in value if isinstance(inner, ast.AST)]
            elif isinstance(value, (ast.expr, ast.arguments)):
                left.append((value, line, column))
    return node
