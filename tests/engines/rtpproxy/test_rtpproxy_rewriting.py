"""What changes in a session description, and what does not (the recorded cases, and the rules one by one)."""

from __future__ import annotations

import pytest

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.flags import parse_options
from relayscript.engines.rtpproxy.rewriting import Allocation, relayed_streams, rewrite
from relayscript.sip.sdp import Description

MARKER = "a=nortpproxy:yes"
HEAD = "v=0\no=lab 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n"


def rewritten(text: str, letters: str = "", host: str = "203.0.113.9", marker: str = MARKER) -> str:
    """The description, written with LF, after all streams were allocated on ports 40000, 40002, ..."""
    description, options = Description(text.replace("\n", "\r\n")), parse_options(letters)
    streams = relayed_streams(description, options, marker)
    allocations = [Allocation(host, 40000 + 2 * index) for index in range(len(streams))]
    rewrite(description, streams, allocations, options, marker)
    return str(description).replace("\r\n", "\n")


def test_the_session_address_counts_for_streams_without_one() -> None:
    assert rewritten(HEAD + "m=audio 5000 RTP/AVP 0\nm=video 5002 RTP/AVP 31\n") == (
        "v=0\no=lab 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 203.0.113.9\nt=0 0\n"
        "m=audio 40000 RTP/AVP 0\nm=video 40002 RTP/AVP 31\na=nortpproxy:yes\n"
    )


STREAM = (
    "m=audio 5000 RTP/AVP 0\nc=IN IP4 192.0.2.11\na=rtcp:5003 IN IP4 192.0.2.11\nm=message 5010 TCP/MSRP *\n"
)
RELAYED = "m=audio 40000 RTP/AVP 0\nc=IN IP4 203.0.113.9\n"
RELAYED += "a=rtcp:40001 IN IP4 203.0.113.9\nm=message 5010 TCP/MSRP *\n"


def test_a_stream_with_an_address_of_its_own() -> None:
    assert rewritten(HEAD + STREAM, "r") == HEAD + RELAYED + MARKER + "\n"


def test_flag_c_changes_the_session_address_too() -> None:
    head = HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 203.0.113.9")
    assert rewritten(HEAD + STREAM, "rc") == head + RELAYED + MARKER + "\n"


def test_flag_o_changes_the_origin() -> None:
    head = HEAD.replace("o=lab 1 1 IN IP4 192.0.2.1", "o=lab 1 1 IN IP4 203.0.113.9")
    assert rewritten(HEAD + STREAM, "o") == head + RELAYED + MARKER + "\n"


def test_streams_on_port_zero_and_others_are_left_alone() -> None:
    text = HEAD + "m=video 0 RTP/AVP 31\nm=audio 5004 RTP/AVP 9\nm=x 7 DCCP/RTP/AVP 0\nm=image 8 udptl t38\n"
    description = Description(text)
    streams = relayed_streams(description, parse_options(""), MARKER)
    assert [(each.number, each.stream.port, each.payload_types) for each in streams] == [
        (2, 5004, ("9",)),
        (3, 8, ()),
    ]


def test_a_null_address_stays_and_shows_in_the_origin() -> None:
    held = HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0")
    assert rewritten(held + "m=audio 5000 RTP/AVP 0\n", "co") == (
        "v=0\no=lab 1 1 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\n"
        "m=audio 40000 RTP/AVP 0\na=nortpproxy:yes\n"
    )


@pytest.mark.parametrize(
    ("host", "shown"), [("2001:db8::9", "IP6 2001:db8::9"), ("192.0.2.9", "IP4 192.0.2.9")]
)
def test_the_family_changes_with_the_address(host: str, shown: str) -> None:
    text = HEAD.replace("IP4 192.0.2.1", "IP6 2001:db8::1") + "m=audio 5000 RTP/AVP 0\na=rtcp:1\n"
    assert rewritten(text, "o", host) == (
        f"v=0\no=lab 1 1 IN {shown}\ns=-\nc=IN {shown}\nt=0 0\nm=audio 40000 RTP/AVP 0\n"
        f"a=rtcp:40001 IN {shown}\na=nortpproxy:yes\n"
    )


def test_several_descriptions_in_one_body() -> None:
    text = (HEAD + "m=audio 5000 RTP/AVP 0\n") * 2
    assert rewritten(text).count("c=IN IP4 203.0.113.9") == 2
    assert rewritten(text).endswith("m=audio 40002 RTP/AVP 0\na=nortpproxy:yes\n")


def test_the_marker() -> None:
    text = HEAD + "m=audio 5000 RTP/AVP 0\n" + MARKER + "\n"
    with pytest.raises(EngineError, match="already"):
        rewritten(text)
    assert rewritten(text, "f").count(MARKER) == 1
    assert rewritten(text, marker="").count(MARKER) == 1
    assert MARKER not in rewritten(HEAD + "m=audio 5000 RTP/AVP 0\n", marker="")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (HEAD, "m="),
        ("v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 0\n", "o="),
        ("v=0\no=lab 1 1 IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 0\n", "c="),
        ("v=0\no=lab 1 1 IN IP4 192.0.2.1\nc=x\nm=audio 5000 RTP/AVP 0\n", "c="),
        ("", "o="),
    ],
)
def test_a_line_that_must_be_there(text: str, missing: str) -> None:
    with pytest.raises(EngineError, match=missing):
        rewritten(text)


def test_a_body_without_a_last_line_end() -> None:
    assert rewritten(HEAD + "m=audio 5000 RTP/AVP 0").endswith("m=audio 40000 RTP/AVP 0\na=nortpproxy:yes\n")
