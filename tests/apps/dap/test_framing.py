"""Messages on the wire: whatever the pieces that they come in, the same messages come out."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.dap.framing import LONGEST_BODY, LONGEST_HEADER, BadFrame, Framing, Object, framed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.lists(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=6), JSON, max_size=4), max_size=4)


def unframed(pieces: list[bytes]) -> list[Object]:
    framing, found = Framing(), []
    for piece in pieces:
        framing.feed(piece)
        while (message := framing.next_message()) is not None:
            found.append(message)
    return found


@given(MESSAGES, st.lists(st.integers(0, 400), max_size=8))
def test_any_split_gives_the_same_messages(messages: list[Object], cuts: list[int]) -> None:
    stream = b"".join(framed(json.loads(json.dumps(each))) for each in messages)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert unframed(pieces) == json.loads(json.dumps(messages))


def test_the_length_is_that_of_the_bytes() -> None:
    assert framed({"a": "é"}) == b'Content-Length: 11\r\n\r\n{"a": "\xc3\xa9"}'


def test_other_fields_and_case_of_the_header_do_not_matter() -> None:
    assert unframed([b"content-type: x\r\nCONTENT-LENGTH:  2\r\n\r\n{}"]) == [{}]


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"\r\n\r\n{}", "no header field"),
        (b"Content-Type: x\r\n\r\n{}", "one Content-Length"),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "one Content-Length"),
        (b"Content-Length: -2\r\n\r\n{}", "no length"),
        (b"Content-Length: two\r\n\r\n{}", "no length"),
        (b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 1), "no length"),
        (b"Content-Length: 2\r\n\r\n{]", "no JSON"),
        (b"Content-Length: 2\r\n\r\n\xff\xff", "no JSON"),
        (b"Content-Length: 2\r\n\r\n[]", "no JSON object"),
        (b"Content-Length: 100000\r\n\r\n" + b"[" * 100000, "no JSON"),
        (b"x" * (LONGEST_HEADER + 5), "longer than"),
    ],
)
def test_what_is_no_message_is_refused(stream: bytes, why: str) -> None:
    with pytest.raises(BadFrame, match=why):
        unframed([stream])


@given(st.binary(max_size=60))
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes) -> None:
    try:
        found = unframed([noise])
    except BadFrame:
        return
    assert all(isinstance(each, dict) for each in found)
