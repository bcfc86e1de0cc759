"""Tokens in words."""

from __future__ import annotations

import pytest

from relayscript.dsl.expectation import shown, wording
from relayscript.dsl.parser import parse_text
from relayscript.grammar.scanner import make_token


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("$END", "", "end of the script"),
        ("STRING", '"x"', 'string "x"'),
        ("NUMBER", "5", "number 5"),
        ("ELSE", "else", "`else`"),
        ("STRING", '"two\nlines"', 'string "two...'),
        ("STRING", f'"{"x" * 60}"', f'string "{"x" * 36}...'),
    ],
)
def test_a_token(kind: str, text: str, wanted: str) -> None:
    assert shown(make_token(kind, text, 0, len(text))) == wanted


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        ({"SEMICOLON"}, "`;`"),
        ({"RPAR", "COMMA"}, "`)` or `,`"),
        ({"AND", "AND_WORD", "OR", "OR_WORD", "RPAR"}, "`&&`, `||` or `)`"),
        ({"NUMBER", "BOOLEAN"}, "a number"),
        ({"NUMBER", "BOOLEAN", "PLUS", "MINUS"}, "a number"),
        ({"ASSIGN", "ASSIGN_ALL", "ASSIGN_OPERATION"}, "an assignment such as ="),
        ({"LOADMODULE", "MODPARAM", "ROUTE", "SOCKET"}, "a route, a module or a global parameter"),
        (set(), ""),
        ({"LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE", "COMMA"}, ""),
    ],
)
def test_what_is_expected(kinds: set[str], wanted: str) -> None:
    assert wording(kinds) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "route",
        "route {",
        "route { $var(a)",
        "route { if (",
        "route { $var(a) =",
        "socket =",
        "alias = x",
        "route { switch ($rU) {",
        "log_level =",
    ],
)
def test_no_name_of_the_grammar_is_shown(text: str) -> None:
    for found in parse_text(f"{text} ]").diagnostics:
        assert not any(
            word.isupper() and len(word) > 2 and word != "NULL" for word in found.message.replace("`", " ").split()
        )
        assert "_word" not in found.message
