"""Parameter lists: quotes are whole, blanks do not count, nothing fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.params import (
    find_param,
    format_params,
    parse_params,
    quote,
    split_outside_quotes,
    unquote,
)

byte_text = st.text(st.characters(max_codepoint=255), max_size=40)
token = st.text("abcXYZ09-.!%*_+`'~", min_size=1, max_size=8)
value = token | byte_text.map(quote)
params = st.lists(st.tuples(token, st.none() | value), max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (";lr", (("lr", None),)),
        ("a=b;c", (("a", "b"), ("c", None))),
        (" ; a = b \r\n ;; c ", (("a", "b"), ("c", None))),
        ('x="a;b\\";c";y', (("x", '"a;b\\";c"'), ("y", None))),
        ('x="open;y=1', (("x", '"open;y=1'),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a=", (("a", ""),)),
    ],
)
def test_parameters(text: str, expected: tuple[tuple[str, str | None], ...]) -> None:
    assert parse_params(text) == expected


@given(params)
@settings(max_examples=60)
def test_what_is_written_is_read_back(known: tuple[tuple[str, str | None], ...]) -> None:
    assert parse_params(format_params(known)) == known


@given(byte_text | st.text(';="\\ \tab', max_size=12), st.sampled_from(["a", "tag", "b"]))
@settings(max_examples=100)
def test_finding_agrees_with_parsing(text: str, name: str) -> None:
    named = [value or "" for key, value in parse_params(text) if key.lower() == name]
    assert find_param(text, name) == (named[0] if named else None)


def test_the_first_of_two_counts_whatever_its_case() -> None:
    assert find_param("x; TAG = one;tag=two", "tag") == "one"


@given(byte_text)
@settings(max_examples=60)
def test_quoting_is_undone(text: str) -> None:
    assert unquote(quote(text)) == text


@pytest.mark.parametrize("text", ["plain", '"open', '"', ""])
def test_what_is_not_quoted_stays(text: str) -> None:
    assert unquote(text) == text


@given(byte_text | st.text(',"\\a', max_size=12))
@settings(max_examples=60)
def test_splitting_loses_nothing(text: str) -> None:
    assert ",".join(split_outside_quotes(text, ",")) == text
