"""The lexer of the prompt: it loses nothing and knows the three kinds of things that can be typed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.token import Comment, Keyword, Name, Operator, String

from relayscript.apps.repl.lexing import TypedLexer

PIECES = ("alice", " calls ", "bob", ".msg ", ".", "$ru", '"', "->", ": INVITE", "sip:a@b", "if (", "\n", "#", "é")


def tokens(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for _, kind, part in TypedLexer().get_tokens_unprocessed(text)]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join))
@settings(max_examples=100)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(part for _, part in tokens(text)) == text


def test_a_statement() -> None:
    found = {part: kind for kind, part in tokens('alice -> INVITE sip:bob@b X-A="1"')}
    assert found["alice"] is Name
    assert found["->"] is Operator
    assert found["INVITE"] is Name.Builtin
    assert found["sip:bob@b"] is String.Other


def test_commands_script_and_comments() -> None:
    assert tokens(".msg OPTIONS")[0] == (Name.Tag, ".msg")
    assert (Keyword, "if") in tokens("if (1) exit;")
    assert tokens("# x") == [(Comment, "# x")]
