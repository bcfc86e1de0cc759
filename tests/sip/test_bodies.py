"""Finding and replacing the session description in a message body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.bodies import media_type, parts, replace_part, sdp_of, sdp_part, sdp_parts

MIXED = (
    "preamble\r\n--b1\r\nContent-Type: application/sdp\r\nContent-Disposition: session\r\n\r\n"
    "v=0\r\ns=-\r\n\r\n--b1 \r\nContent-type:\r\n text/plain\r\n\r\n"
    "hello\r\n--b1\r\n\r\nno headers\r\n--b1--\r\nend"
)


def test_a_plain_body_is_its_own_part() -> None:
    part = sdp_part("application/SDP ; charset=utf-8", "v=0\r\n")
    assert part is not None
    assert (part.start, part.end) == (0, 5)
    assert replace_part("v=0\r\n", part, "v=1\r\n") == "v=1\r\n"


@pytest.mark.parametrize(
    ("content_type", "body"), [("text/plain", "v=0"), ("", "v=0"), ("application/sdp", "")]
)
def test_no_session_description(content_type: str, body: str) -> None:
    assert sdp_part(content_type, body) is None


def test_the_parts_of_a_multipart_body() -> None:
    found = parts('multipart/mixed; boundary="b1"', MIXED)
    assert [part.of(MIXED) for part in found] == ["v=0\r\ns=-\r\n", "hello", "no headers"]
    assert [part.content_type for part in found] == ["application/sdp", "\r\n text/plain", "text/plain"]
    assert media_type(found[1].content_type) == "text/plain"


def test_only_the_part_is_replaced() -> None:
    (part,) = sdp_parts("multipart/mixed;boundary=b1", MIXED)
    assert replace_part(MIXED, part, "v=9\r\n") == MIXED.replace("v=0\r\ns=-\r\n", "v=9\r\n")


def test_a_multipart_in_a_multipart() -> None:
    inner = "--in\n\nx\n--in\nContent-Type: application/sdp\n\nv=0\n\n--in--\n"
    body = f"--out\nContent-Type: multipart/alternative; boundary=in\n\n{inner}\n--out--"
    (part,) = sdp_parts("multipart/mixed; boundary=out", body)
    assert part.of(body) == "v=0\n"


def test_a_multipart_without_its_boundary_holds_nothing() -> None:
    assert sdp_parts("multipart/mixed; boundary=other", MIXED) == ()
    assert sdp_parts("multipart/mixed", MIXED) == ()


contents = st.text(st.sampled_from("ab-=\r\n "), max_size=20).filter(lambda text: "--" not in text)


@given(st.lists(contents, min_size=1, max_size=4))
@settings(max_examples=80)
def test_what_is_put_together_is_taken_apart(texts: list[str]) -> None:
    body = (
        "".join(f"--xyz\r\nContent-Type: application/sdp\r\n\r\n{text}\r\n" for text in texts) + "--xyz--\r\n"
    )
    assert [part.of(body) for part in sdp_parts("multipart/mixed; boundary=xyz", body)] == texts


@given(st.text(st.sampled_from("-b\r\nx:"), max_size=40))
@settings(max_examples=80)
def test_parts_lie_in_order_within_the_body(body: str) -> None:
    position = 0
    for part in parts("multipart/mixed; boundary=b", body):
        assert position <= part.start <= part.end <= len(body)
        position = part.end


def test_the_session_description_itself() -> None:
    mixed = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n"
    assert sdp_of("application/sdp", "v=0\r\n") == "v=0\r\n"
    assert sdp_of("Application/SDP;charset=utf-8", "v=0\r\n") == "v=0\r\n"
    assert sdp_of("multipart/mixed;boundary=b", mixed) == "v=0"
    assert sdp_of("text/plain", "v=0\r\n") == sdp_of("application/sdp", "") == ""
