"""The grammar and its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.grammar.folder import cache_folder
from relayscript.grammar.loader import FILES, grammar_text, load


class Nothing:
    """No callbacks: the parser makes lark's own trees."""


def parses(text: str, callbacks: type[object]) -> bool:
    """The parser, fed by hand, takes the text."""
    lark, scanner = load(callbacks)  # type: ignore[arg-type]
    state = lark.parse_interactive().parser_state
    for token in scanner.tokens(text, tuple, lambda trouble, start, end: None):
        tree = state.feed_token(token, token.type == "$END")
    return tree is not None


def test_tables_are_kept_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = type("Kept", (), {})
    assert parses("route { exit; }", kept)
    assert list(cache_folder().glob("grammar*"))
    assert parses("route { exit; }", type("Again", (), {}))


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert parses("route { exit; }", type("Blocked", (), {}))


def test_damaged_tables_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load(type("First", (), {}))
    for file in cache_folder().glob("grammar*"):
        file.write_bytes(b"\x80damaged")
    assert parses("route { exit; }", type("Second", (), {}))


def test_the_grammar_is_read_from_all_its_files() -> None:
    text = grammar_text()
    assert all((Path(__file__).parents[2] / "grammar" / f"{name}.lark").read_text() in text for name in FILES)


def test_a_parser_is_made_once() -> None:
    assert load(Nothing)[0] is load(Nothing)[0]
