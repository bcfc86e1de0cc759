"""Lists and dictionaries in flags."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.brackets import parse_brackets, split_tokens
from relayscript.engines.rtpengine.ng import NgValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[]", []),
        ("[image]", ["image"]),
        ("[a..b c--d]", ["a b", "c=d"]),
        ("[strip=[EVS] accept=[AMR-WB..x]]", {"strip": ["EVS"], "accept": ["AMR-WB x"]}),
        ("[[a=b] c]", [{"a": "b"}, "c"]),
        ("[a=b c]", {"a": "b", "c": ""}),
    ],
)
def test_brackets(text: str, value: NgValue) -> None:
    assert parse_brackets(text) == value


def test_tokens_are_split_outside_of_brackets() -> None:
    assert split_tokens("  a  b=[c d=[e f]] g ") == ["a", "b=[c d=[e f]]", "g"]


@pytest.mark.parametrize("text", ["a=[b", "a]", "]["])
def test_brackets_must_match(text: str) -> None:
    with pytest.raises(EngineError):
        split_tokens(text)


@pytest.mark.parametrize("text", ["[" * 9 + "]" * 9, "[" + "x" * 4096 + "]"])
def test_too_much(text: str) -> None:
    with pytest.raises(EngineError):
        parse_brackets(text)


plain = st.text(st.sampled_from("ab=. "), min_size=1, max_size=5).filter(lambda text: ".." not in text)
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


def written(value: NgValue) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(written, value))}]"
    return str(value).replace("=", "--").replace(" ", "..")


@given(st.lists(nested, max_size=3))
@settings(max_examples=100)
def test_a_list_is_read_as_it_is_written(value: list[NgValue]) -> None:
    text = written(value)
    if "..." not in text:  # a dot beside a space cannot be told apart
        assert parse_brackets(text) == value
