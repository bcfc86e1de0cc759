"""Statements of an included file inside a route: a function of its own, so that its lines are those of its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from relayscript.dsl import nodes
from relayscript.dsl.visitor import children

_LOOPS = (nodes.While, nodes.For, nodes.Switch)


def by_file(statements: Sequence[nodes.Statement]) -> Iterator[tuple[str, list[nodes.Statement]]]:
    """The statements in groups from one file each, in order."""
    for file, group in groupby(statements, lambda each: each.span.file):
        yield file, list(group)


def breaks_out(node: nodes.Node) -> bool:
    """There is a `break` in it that leaves a loop around it."""
    if isinstance(node, nodes.Break):
        return True
    return not isinstance(node, _LOOPS) and any(map(breaks_out, children(node)))
