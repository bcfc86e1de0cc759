"""Going through a tree."""

from __future__ import annotations

from relayscript.dsl import nodes
from relayscript.dsl.parser import parse_text
from relayscript.dsl.visitor import Visitor, children, walk

TEXT = 'route { if ($rU == "x" && f($rd)) { $var(a) = $(avp(x)[$var(i)]{s.select,$var(j),:}); } else exit; }'


def test_everything_is_reached_in_the_order_written() -> None:
    script = parse_text(TEXT).script
    assert script is not None
    found = [node.raw for node in walk(script) if isinstance(node, nodes.Variable)]
    assert found == ["$rU", "$rd", "$var(a)", "$(avp(x)[$var(i)]{s.select,$var(j),:})", "$var(i)", "$var(j)"]


def test_texts_and_spans_are_no_children() -> None:
    script = parse_text("route { exit; }").script
    assert script is not None
    (route,) = children(script)
    assert [type(each).__name__ for each in children(route)] == ["Block"]


class Names(Visitor):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def visit_Call(self, node: nodes.Call) -> None:  # noqa: N802
        self.seen.append(node.name)


def test_a_visitor_is_called_for_the_nodes_it_knows() -> None:
    script = parse_text("route { f(); if (g()) $var(x) = h(); }").script
    assert script is not None
    names = Names()
    names.visit(script)
    assert names.seen == ["f", "g", "h"]
