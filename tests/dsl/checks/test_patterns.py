"""Whether regular expressions compile, as the C library judges it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.checks.patterns import pattern_mistake


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^[0-9]{3,5}$",
        "^sips?:(a|b)\\.c@",
        "a||b",
        "()",
        "a)",
        "[]a]",
        "[^]a]",
        "[a-z0-9_-]",
        "[[:alpha:]_]",
        "a{2}",
        "a{2,}",
        "\\(",
        "[(]",
        "x\\\\",
        "a**",
        "(^a$)",
        "(a)\\1",
        "a\\b",
        "a{,3}",
        "[a-]",
    ],
)
def test_good(pattern: str) -> None:
    assert pattern_mistake(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "( is never closed"),
        ("a(b", "( is never closed"),
        ("[a", "[ is never closed"),
        ("[[:alpha:]", "[ is never closed"),
        ("*a", "nothing before *"),
        ("a|+", "nothing before +"),
        ("(?a)", "nothing before ?"),
        ("{2}", "nothing before {"),
        ("a{2", "{ is never closed"),
        ("a{x}", "no numbers"),
        ("a{3,2}", "wrong way round"),
        ("a{99999}", "too large"),
        ("[z-a]", "wrong way round"),
        ("[[:foo:]]", "no class [:foo:]"),
        ("a\\", "\\ stands at the end"),
        ("[[:alpha", "[ is never closed"),
        ("$*", "nothing before *"),
        ("a\\b{2}", "nothing before {"),
        ("\\1", "refers to a group"),
        ("(a\\1)", "refers to a group"),
    ],
)
def test_bad(pattern: str, said: str) -> None:
    assert said in pattern_mistake(pattern)


@given(st.text("ab()[]{}*+?|^$\\:-,1", max_size=20))
def test_any_text_is_judged(pattern: str) -> None:
    assert isinstance(pattern_mistake(pattern), str)
