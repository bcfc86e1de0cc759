"""Framing: however a stream is split, the same messages come out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.message import Message
from relayscript.sip.stream import PING, Framer


def framed(
    body: bytes, head: bytes = b"OPTIONS sip:h SIP/2.0\r\nTo: x\r\nContent-Length: %d\r\n\r\n"
) -> bytes:
    return head % len(body) + body


ONE = framed(b"hello")
TWO = framed(b"", b"SIP/2.0 200 OK\r\nl :\t%d\r\nTo: y\r\n\r\n")
LF = framed(b"\r\n\r\nx", b"INFO sip:h SIP/2.0\ncontent-length: %d\n\n")
FOLDED = framed(b"12", b"INFO sip:h SIP/2.0\r\nContent-Length:\r\n %d\r\n\r\n")


def test_messages_back_to_back() -> None:
    framer = Framer()
    assert framer.receive(ONE + TWO + LF + FOLDED) == [ONE, TWO, LF, FOLDED]
    assert framer.fault is None


def test_keep_alives_and_stray_line_ends() -> None:
    framer = Framer()
    assert framer.receive(PING + b"\r\n" + ONE + b"\n\r\n" + TWO) == [PING, ONE, TWO]
    assert framer.receive(b"\r\n\r") == []
    assert framer.receive(b"\n") == [PING]


def test_a_pong_alone_is_no_message() -> None:
    framer = Framer()
    assert framer.receive(b"\r\n") == []
    assert framer.receive(ONE) == [ONE]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"OPTIONS sip:h SIP/2.0\r\nTo: x\r\n\r\n", 400),
        (b"OPTIONS sip:h SIP/2.0\r\nl: x\r\n\r\n", 400),
        (b"OPTIONS sip:h SIP/2.0\r\nl: -1\r\n\r\n", 400),
        (b"OPTIONS sip:h SIP/2.0\r\nl: 99999999999\r\n\r\n", 400),
        (b"OPTIONS sip:h SIP/2.0\r\nl: 101\r\n\r\n", 513),
        (b"x" * 101, 400),
        (b"OPTIONS sip:h SIP/2.0\r\nl: 0\r\nX: " + b"x" * 80 + b"\r\n\r\n", 400),
    ],
)
def test_a_stream_that_cannot_go_on(data: bytes, status: int) -> None:
    framer = Framer(most_head=100, most_body=100)
    assert framer.receive(ONE + data) == [ONE]
    assert framer.fault is not None
    assert (framer.fault.kind, framer.fault.status) == ("framing", status)
    assert framer.receive(ONE) == []


def test_what_is_framed_can_be_parsed() -> None:
    got = Message.parse(Framer().receive(LF)[0])
    assert (got.method, got.body) == ("INFO", "\r\n\r\nx")


pieces = st.lists(
    st.sampled_from([ONE, TWO, LF, FOLDED, PING, b"\r\n", b"\n"]) | st.binary(max_size=20).map(framed),
    max_size=6,
).map(b"".join)


@given(pieces | st.binary(max_size=60), st.lists(st.integers(0, 400), max_size=8))
@settings(max_examples=100)
def test_any_split_gives_the_same(data: bytes, cuts: list[int]) -> None:
    whole, parts = Framer(most_head=200), Framer(most_head=200)
    expected = whole.receive(data)
    got: list[bytes] = []
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        got += parts.receive(data[start:end])
    assert got == expected
    assert (parts.fault is None) is (whole.fault is None)


SHORT = b"\r\nA a SIP/2.0\r\nl:2\r\n\r\nhi"


def test_a_short_message_in_every_split() -> None:
    """All ways to cut it into two and three pieces, and into single bytes."""
    size = len(SHORT)
    for first in range(size + 1):
        for second in range(first, size + 1):
            framer = Framer()
            pieces = (SHORT[:first], SHORT[first:second], SHORT[second:])
            assert [frame for piece in pieces for frame in framer.receive(piece)] == [SHORT[2:]]
            assert not framer.is_partial
    framer = Framer()
    assert [frame for byte in SHORT * 3 for frame in framer.receive(bytes([byte]))] == [SHORT[2:]] * 3


@pytest.mark.parametrize(("lengths", "is_fine"), [("l: 2\r\nl: 2\r\n", True), ("l: 2\r\nContent-Length: 3\r\n", False)])
def test_two_lengths_have_to_agree(lengths: str, is_fine: bool) -> None:
    framer = Framer()
    found = framer.receive(f"A a SIP/2.0\r\n{lengths}\r\nhi!".encode())
    assert (len(found) == 1, framer.fault is None) == (is_fine, is_fine)
