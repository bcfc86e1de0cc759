"""The syntax of POSIX extended regular expressions, translated."""

from __future__ import annotations

import pytest

from relayscript.interpreter.ere import Translation


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("^a0$", r"\Aa0\z"),
        ("a.c", r"a[\x00-\xff]c"),
        ("[b-da]", r"[\x61-\x64]"),
        ("[^\xff]", r"[\x00-\xfe]"),
        ("a**", "(?:a*)*"),
        ("(a|b){2,}", "(a|b){2,}"),
        (r"\w\b", r"[\x30-\x39\x41-\x5a\x5f\x61-\x7a](?:\b)"),
        (r"(a)\1", r"(a)(?:\1)"),
    ],
)
def test_translation(pattern: str, written: str) -> None:
    assert Translation(pattern, ignore_case=False, newline=False).run() == written


def test_case_is_folded_for_letters_only() -> None:
    assert Translation("a-[x-z]", ignore_case=True, newline=False).run() == r"[\x41\x61][\x2d][\x58-\x5a\x78-\x7a]"


def test_with_line_feeds() -> None:
    assert Translation("^.$", ignore_case=False, newline=True).run() == r"(?m:^)[\x00-\x09\x0b-\xff](?m:$)"


@pytest.mark.parametrize(
    ("pattern", "simple"),
    [
        ("^sip:", True),
        ("INVITE|ACK", True),
        ("^sip:[0-9]+@", True),
        ("a?b", True),
        ("a{3}", True),
        ("a+b", False),
        ("^a+b|c", False),
        ("^a+b+", False),
        ("(a)?", False),
        ("a{1,999}", False),
        ("a{2,}", False),
        ("|".join("abcdefghij"), False),
    ],
)
def test_what_backtracking_cannot_make_slow(pattern: str, simple: bool) -> None:
    translation = Translation(pattern, ignore_case=True, newline=False)
    translation.run()
    assert translation.is_simple is simple
