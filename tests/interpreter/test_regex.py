"""POSIX extended regular expressions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.regex import compile_ere

MATCHES = [
    ("alice", "sip:Alice", (4, 9)),
    ("", "anything", (0, 0)),
    ("^sip:[a-z.]+@", "SIP:Alice.Smith@example.com", (0, 16)),
    (r"^\+40[0-9]{7}$", "+401234567", (0, 10)),
    (r"^(\+|00)40", "0040123", (0, 4)),
    ("^[+]40[[:digit:]]+$", "+4012", (0, 5)),
    ("ali.?ce?", "alice", (0, 5)),
    ("(x|)alice", "alice", (0, 5)),
    ("foo|foobar", "foobar", (0, 6)),
    ("a{2,3}", "xaaaa", (1, 4)),
    ("a{2}", "aaa", (0, 2)),
    ("a{,2}b", "aab", (0, 3)),
    ("ab**", "abbb", (0, 4)),
    ("[]x]+", "a]x]b", (1, 4)),
    ("[^]x]+", "]ab", (1, 3)),
    ("[a-]+", "b-a-", (1, 4)),
    ("[[.a.][=b=]]+", "cab", (1, 3)),
    ("[[:ALPHA:]]".lower(), "1a", (1, 2)),
    (r"\bsmith\b", "Alice.Smith@x", (6, 11)),
    (r"\w+\W\s", "ab: c", (0, 4)),
    (r"\<b", "ab bc", (3, 4)),
    (r"b\>", "bc ab", (4, 5)),
    (r"\D", "xd", (1, 2)),
    (r"a\.b", "axb a.b", (4, 7)),
    ("first.second", "first\nsecond", (0, 12)),
    ("a)", "(a)", (1, 3)),
    ("a|b|", "xb", (0, 0)),
    ("\xe9", "caf\xe9", (3, 4)),
]


@pytest.mark.parametrize(("pattern", "text", "span"), MATCHES)
def test_the_leftmost_longest_match_is_found(pattern: str, text: str, span: tuple[int, int]) -> None:
    found = compile_ere(pattern).search(text)
    assert found is not None
    assert found.spans[0] == span
    assert compile_ere(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^alice", "sip:alice"),
        ("first$", "first\nsecond"),
        ("^second", "first\nsecond"),
        (r"\d", "4711"),
        (r"\d", "dD"),
        (r"\<$", "a b"),
        (".", ""),
        ("\xc9", "caf\xe9"),
        ("a{3}", "aa"),
    ],
)
def test_what_does_not_match(pattern: str, text: str) -> None:
    assert compile_ere(pattern).search(text) is None
    assert not compile_ere(pattern).matches(text)


def test_case_counts_if_it_is_asked_for() -> None:
    assert compile_ere("Alice[A-C]", ignore_case=False).search("aliceb") is None
    assert compile_ere("Alice[A-C]").search("aliceb") is not None


def test_line_feeds_can_end_lines() -> None:
    text = "first\nsecond"
    assert compile_ere("^second$", newline=True).matches(text)
    assert not compile_ere("first.second", newline=True).matches(text)
    assert not compile_ere("first[^x]second", newline=True).matches(text)


def test_groups_tell_where_they_matched() -> None:
    found = compile_ere("sip:(.*)@(x)?").search("<sip:bob@home>")
    assert found is not None
    assert found.group(0) == "sip:bob@"
    assert found.group(1) == "bob"
    assert found.group(2) is None
    assert found.group(3) is None


def test_a_search_can_start_later_without_a_new_beginning() -> None:
    matcher = compile_ere("^a|b")
    found = matcher.search("aab", 1)
    assert found is not None
    assert found.spans[0] == (2, 3)


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("a", "banana", [(1, 2), (3, 4), (5, 6)]),
        ("a*", "baac", [(0, 0), (1, 3), (4, 4)]),
        ("^a", "aa", [(0, 1)]),
        (r"(.)\1", "aabcc", [(0, 2), (3, 5)]),
        ("x", "", []),
        ("x*", "", [(0, 0)]),
    ],
)
def test_all_matches(pattern: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert [found.spans[0] for found in compile_ere(pattern).each(text)] == spans


class TestBackReferences:
    """What a group matched, once more."""

    def test_they_match_the_same_text(self) -> None:
        assert compile_ere(r"(i)p:al\1ce").matches("sip:Alice")
        assert not compile_ere(r"(s)mith.*\1ip").matches("Smith@example")

    def test_they_give_spans(self) -> None:
        found = compile_ere(r"(.)\1").search("abba")
        assert found is not None
        assert found.spans == ((1, 3), (1, 2))

    def test_a_search_that_takes_too_long_finds_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relayscript.interpreter.regex.BACKTRACKING_SECONDS", 0.000001)
        assert not compile_ere(r"((a|aa)+)\1c$").matches("a" * 5000)


@pytest.mark.parametrize(
    "pattern",
    ["a(b", "*a", "a|*b", "(+)", "{1}", "a{x", "a{", "a{2,1}", "a{9999}", "[a", "[", "[z-a]", "[[:none:]]", "[[.ab.]]",
     "[[.a", "\\", r"\1", r"(a\1)", "(" * 200 + ")" * 200, "a" + "*" * 200, "[a-"],
)  # fmt: skip
def test_malformed_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compile_ere(pattern)


def test_a_hostile_text_does_not_make_it_slow() -> None:
    """Exponential for an engine that backtracks: this would never come back."""
    assert not compile_ere("^(a+)+$").matches("a" * 20_000 + "b")
    assert not compile_ere("(a|aa)+c").matches("a" * 20_000)


_ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(a)", "(ab|c)", "(b|)"])
_PIECES = st.builds(lambda atom, sign: atom + sign, _ATOMS, st.sampled_from(["", "", "*", "+", "?", "{1,2}"]))
_PATTERNS = st.lists(_PIECES, min_size=1, max_size=4).map("".join)


@pytest.mark.parametrize("pattern", ["a{1,1000}b", "a*b", "^(a*)*b", "^xa*|a*b", "^a*a*a*b"])
def test_repetitions_do_not_multiply(pattern: str) -> None:
    """Quadratic or worse for an engine that backtracks."""
    assert not compile_ere(f"{pattern}c").matches("a" * 60_000)


@settings(max_examples=100)
@given(_PATTERNS, st.text(alphabet="abcd\n", max_size=8))
def test_it_agrees_with_another_engine(pattern: str, text: str) -> None:
    expected = re.search(pattern, text, re.DOTALL)
    found = compile_ere(pattern, ignore_case=False).search(text)
    assert (found is None) == (expected is None)
    assert compile_ere(pattern, ignore_case=False).matches(text) is (expected is not None)
    if found is not None and expected is not None:
        assert found.spans[0][0] == expected.start()
        assert found.spans[0][1] >= expected.end()


@settings(max_examples=100)
@given(st.text(alphabet="ab|()[]^$.*+?{}\\1,-:=", max_size=10))
def test_any_pattern_compiles_or_is_refused(pattern: str) -> None:
    try:
        compile_ere(pattern).search("ab")
    except ValueError:
        return
