"""Goes through a tree: the children of a node in the order written, and a base for what visits them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache

from relayscript.dsl.nodes import Call, Node, Text


@cache
def _fields(kind: type[object]) -> tuple[str, ...]:
    """The fields of a node class that can hold nodes."""
    skipped = ("span", "name_span", "trivia", "closing", "raw", "text")
    known = fields(kind)  # type: ignore[arg-type]
    return tuple(each.name for each in known if each.name not in skipped)


def children(node: Node) -> list[Node]:
    """The nodes directly below a node."""
    found: list[Node] = []
    for name in _fields(type(node)):  # type: ignore[arg-type]
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif type(value) is tuple:
            found += [each for each in value if isinstance(each, Node)]
    return found


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    left = [node]
    while left:
        each = left.pop()
        yield each
        left += children(each)[::-1]


def literals(node: Node, *functions: str, argument: int = 0) -> Iterator[tuple[Call, Text]]:
    """The calls of functions, by name, whose argument at that index is a text without variables, and that text."""
    for each in walk(node):
        if isinstance(each, Call) and each.name in functions and len(each.args) > argument:
            text = each.args[argument]
            if isinstance(text, Text) and "$" not in text.value:
                yield each, text


class Visitor:
    """Calls `visit_Class(node)` for each node that has such a method; other nodes pass on to their children."""

    def visit(self, node: Node) -> None:
        """Visit a node."""
        method: Callable[[Node], None] = getattr(self, f"visit_{type(node).__name__}", self.descend)
        method(node)

    def descend(self, node: Node) -> None:
        """Visit the children of a node."""
        for each in children(node):
            self.visit(each)
