"""How deep a script may be nested."""

from __future__ import annotations

import pytest

from relayscript.dsl.nesting import EXPRESSIONS, STATEMENTS
from relayscript.dsl.parser import parse_text


def found(body: str) -> list[str]:
    """The codes of what is wrong with a main route."""
    return [each.code for each in parse_text(f"route {{ {body} }}").diagnostics]


def chain(operators: int) -> str:
    """An assignment with that many operators."""
    return "$var(x) = 1" + " + 1" * operators + ";"


def branches(count: int) -> str:
    """That many `if` behind `else`."""
    return 'if ($rU == "x") exit; else ' * count + "exit;"


def test_the_most_that_is_read_and_one_more() -> None:
    assert found(chain(EXPRESSIONS)) == []
    assert found(chain(EXPRESSIONS + 1)) == ["RS141"]
    assert found(branches(STATEMENTS)) == []
    assert found(branches(STATEMENTS + 1)) == ["RS141"]


def test_an_expression_inside_a_statement_counts_anew() -> None:
    assert found("if (1) { " * 60 + chain(60) + "}" * 60) == []


@pytest.mark.parametrize(
    "body",
    [
        chain(5000),
        "if (" + "(" * 5000 + "1" + ")" * 5000 + ") exit;",
        "if ($var(a)" + " && $var(a)" * 5000 + ") exit;",
        "if (" + "!" * 5000 + "$var(a)) exit;",
        "if (1) { " * 5000 + "exit;" + "}" * 5000,
        branches(5000),
    ],
)
def test_depth_is_a_mistake_like_any_other(body: str) -> None:
    parsed = parse_text(f"route {{ {body} }}\nroute[other] {{ exit; }}")
    assert parsed.script is None
    assert [each.code for each in parsed.diagnostics] == ["RS141"]


def test_variables_inside_variables_have_an_end() -> None:
    codes = found("$var(x) = " + "$avp(" * 5000 + "x" + ")" * 5000 + ";")
    assert "RS127" in codes
