"""Dictionaries in bencode."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.ng import NgDict, decode, encode

texts = st.text(st.characters(max_codepoint=255), max_size=8)
values = st.recursive(
    texts | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)
dictionaries = st.dictionaries(texts, values, max_size=5)


@given(dictionaries)
@settings(max_examples=100)
def test_a_dictionary_is_read_as_it_is_written(dictionary: NgDict) -> None:
    again = decode(encode(dictionary))
    assert again == dictionary
    assert list(again) == list(dictionary)


def test_keys_keep_their_order() -> None:
    assert encode({"sdp": "v=0", "call-id": "\xe4", "n": 5, "l": ["a", {"z": 1, "a": []}]}) == (
        b"d3:sdp3:v=07:call-id1:\xe41:ni5e1:ll1:ad1:zi1e1:aleeee"
    )


@pytest.mark.parametrize(
    "data", [b"", b"le", b"i5e", b"d3:sdp", b"d1:a9:xe", b"dex", b"d1:ai5x", b"l" * 5000, b"\xff"]
)
def test_what_is_no_dictionary(data: bytes) -> None:
    with pytest.raises(EngineError):
        decode(data)


@given(st.binary(max_size=30))
@settings(max_examples=100)
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(decode(data), dict)
    except EngineError:
        return
