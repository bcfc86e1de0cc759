"""The Pygments lexer: it loses nothing, knows the language's words, and is found by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Error, Keyword, Name, Number, String, Token

from relayscript.dsl.highlighting import RouteScriptLexer
from relayscript.dsl.tree import Items
from relayscript.grammar.loader import load

ROOT = Path(__file__).resolve().parents[2]
PIECES = (
    '"', "'", "/*", "*/", "$(", "$var(x)", "$", "(", ")", "{", "}", "{s.len}", "\n", "#", "route[", "if", "\\", " ",
)  # fmt: skip
SCRIPT = 'route[x] { if ($ru =~ "a$(fu{uri.user})" && f(3)) exit; } # end'


def tokens(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for _, kind, part in RouteScriptLexer().get_tokens_unprocessed(text)]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5))).map("".join))
@settings(max_examples=100)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(part for _, part in tokens(text)) == text


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*/*.cfg")), ids=lambda path: path.name)
def test_examples_have_nothing_unknown(script: Path) -> None:
    found = tokens(script.read_text("latin-1"))
    assert [part for kind, part in found if kind in (Error, Token.Text)] == []


def test_each_thing_has_its_token() -> None:
    found = {part: kind for kind, part in tokens(SCRIPT)}
    assert found["route"] is Keyword.Declaration
    assert found["x"] is Name.Label
    assert found["if"] is Keyword
    assert found["$ru"] is Name.Variable
    assert found["uri.user"] is Name.Decorator
    assert found["f"] is Name.Function
    assert found["3"] is Number.Integer
    assert found["# end"] is Comment.Single
    assert found["a"] is String.Double


def test_comments_nest_as_in_the_language() -> None:
    assert {kind for kind, _ in tokens("/* a /* b */ c */")} == {Comment.Multiline}


def test_no_keyword_of_the_grammar_is_taken_for_a_name() -> None:
    _, scanner = load(Items)
    sockets = {"ALIAS", "ANY", "ANYCAST", "BOND", "FRAG", "REUSE_PORT", "ACCEPT_SUBDOMAIN", "SOCKET", "TAG", "EXPIRE"}
    keywords = [word for word, kind in scanner.keywords.items() if kind not in sockets and "_PARAMETER" not in kind]
    parameters = ("AUTO_SCALING_PROFILE", "DST_BLACKLIST", "TOS", "ADVERTISED_ADDRESS")
    plain = [word for word in keywords if tokens(f"{word}(")[0][0] in (Name, Name.Function)]
    assert [word for word in plain if scanner.keywords[word] not in parameters] == []


def test_it_is_found_by_its_name() -> None:
    assert isinstance(get_lexer_by_name("relayscript"), RouteScriptLexer)
