"""Pieces of script that stand alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.dsl import nodes
from relayscript.dsl.fragments import PLACE, Form, is_complete, read_fragment

PIECES = ("$ru", "$(ru{", "}", "{", "(", ")", ";", '"', "if ", "1", " = ", "route", "[", "]", "exit", "#", "\n", "&&")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("$ru", Form.VALUE),
        ("1 + 2", Form.VALUE),
        ('f("x")', Form.VALUE),
        ('$ru == "x"', Form.VALUE),
        ("f() && g()", Form.CONDITION),
        ("!f()", Form.CONDITION),
        ("$var(x) = 3", Form.UNENDED),
        ("$var(x) = 3;", Form.STATEMENTS),
        ("if (1) { exit; }", Form.STATEMENTS),
    ],
)
def test_what_a_piece_is(text: str, form: Form) -> None:
    read = read_fragment(text)
    assert (read.is_good, read.form) == (True, form)
    assert (read.expression is not None) is (form in (Form.VALUE, Form.CONDITION))


def test_a_piece_can_be_asked_for_as_one_form_only() -> None:
    read = read_fragment("$ru", (Form.CONDITION,))
    assert isinstance(read.expression, nodes.Variable)


def test_places_are_those_of_the_piece() -> None:
    read = read_fragment("$var(x) = 1;\n  $var(y) = 2;")
    assert [(each.span.file, each.span.line, each.span.column) for each in read.statements] == [
        (PLACE, 1, 1), (PLACE, 2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column"), [("$var(x) = ;", 1, 11), ("exit;\nfoo bar;", 2, 5), ("$var(x) ==", 1, 11)]
)
def test_mistakes_are_found_in_the_piece(text: str, line: int, column: int) -> None:
    span = read_fragment(text).diagnostics[0].span
    assert span is not None
    assert (span.file, span.line, span.column) == (PLACE, line, column)


def test_what_is_around_a_piece_is_not_spoken_of() -> None:
    assert [each.message for each in read_fragment("route(x").diagnostics] == ["something is missing behind this"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@settings(max_examples=100, deadline=None)
def test_anything_is_read(text: str) -> None:
    read = read_fragment(text)
    assert all(each.span is None or each.span.file == PLACE for each in read.diagnostics)
    assert read.is_good or read.diagnostics
    is_complete(text)


@given(st.sampled_from(["f(", "{ exit;", '"a', "/* b", "if (1)", "$var(x) =", "1 +", "while (1)", "f() &&"]))
def test_a_piece_that_goes_on(text: str) -> None:
    assert not is_complete(text)
