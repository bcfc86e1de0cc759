"""Format strings."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.formats import parse_format
from relayscript.dsl.nodes import Variable
from relayscript.dsl.source import Span


def outline(text: str) -> list[str]:
    """The parts; variables by what was written, in angle brackets."""
    return [f"<{each.raw}>" if isinstance(each, Variable) else each for each in parse_format(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("a$rU b", ["a", "<$rU>", " b"]),
        ("$rU$rd", ["<$rU>", "<$rd>"]),
        ("$$5 and $$", ["$5 and $"]),
        ("$rU.", ["<$rU.>"]),
        ("$(rU).", ["<$(rU)>", "."]),
        ("$rU:$rp", ["<$rU>", ":", "<$rp>"]),
        ("$hdr(a)(b)", ["<$hdr(a)>", "(b)"]),
        ("$ru{uri.user}", ["<$ru>", "{uri.user}"]),
        ("$($)x", ["$x"]),
    ],
)
def test_parts(text: str, wanted: list[str]) -> None:
    assert outline(text) == wanted


def test_a_lone_dollar_is_no_variable() -> None:
    with pytest.raises(ScriptError, match="without the name"):
        parse_format("costs 5$ today")


def test_places_count_from_the_given_one_or_from_the_start() -> None:
    (first,) = (each for each in parse_format("ab $rU") if isinstance(each, Variable))
    assert (first.span.line, first.span.column) == (1, 4)
    (second,) = (each for each in parse_format("ab $rU", Span("f", 7, 10, 7, 10)) if isinstance(each, Variable))
    assert str(second.span) == "f:7:13"
