"""What rtpproxy answers."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.replies import MediaReply, RtpproxyError, parse_media_reply, parse_numbers


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("40000", MediaReply(40000)),
        ("40000 127.0.0.1\n", MediaReply(40000, "127.0.0.1")),
        ("40000 2001:db8::1 6", MediaReply(40000, "2001:db8::1")),
        ("40000 127.0.0.1 && 0", MediaReply(40000, "127.0.0.1")),
    ],
)
def test_media_replies(text: str, reply: MediaReply) -> None:
    assert parse_media_reply(text) == reply


@pytest.mark.parametrize(
    ("text", "code", "fails_over"),
    [
        ("0", 0, False),
        ("E7", 7, False),
        ("E50\n", 50, False),
        ("E71", 71, True),
        ("E89", 89, True),
        ("E98", 98, True),
    ],
)
def test_errors(text: str, code: int, fails_over: bool) -> None:
    with pytest.raises(RtpproxyError) as caught:
        parse_media_reply(text)
    assert (caught.value.code, caught.value.fails_over) == (code, fails_over)


@pytest.mark.parametrize("text", ["", "x", "99999 1.2.3.4", "40000 a b c", "40000 a\r\nb", "E" + 5000 * "9"])
def test_strange_replies(text: str) -> None:
    with pytest.raises(EngineError):
        parse_media_reply(text)


def test_numbers() -> None:
    assert parse_numbers("60 1 2 3 4\n") == (60, 1, 2, 3, 4)
    with pytest.raises(EngineError):
        parse_numbers("a")
    with pytest.raises(RtpproxyError):
        parse_numbers("E8")


@given(
    st.text(st.characters(max_codepoint=255), max_size=300)
    | st.from_regex(r"[E04]?[0-9 ]{0,6000}", fullmatch=True)
)
def test_anything_is_read_or_refused(text: str) -> None:
    for read in (parse_media_reply, parse_numbers):
        with suppress(EngineError):
            read(text)
