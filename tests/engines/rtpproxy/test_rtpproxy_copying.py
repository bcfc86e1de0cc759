"""Copies with rtpproxy: what is offered for them, and the commands that an answer leads to."""

from __future__ import annotations

import pytest

from relayscript.engines.contract import Copy, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.copying import offered, started, stopped
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.sip.sdp import Description

SESSION = Session("call-1", "alice", "bob", branch=1)


def sdp(*media: str, host: str = "192.0.2.1", more: str = "") -> str:
    lines = "".join(f"m={each}\r\n" for each in media)
    return f"v=0\r\no=x 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n{more}{lines}"


def copy(flags: str = "") -> Copy:
    """Two streams of the caller, one of which is not RTP, and two of the callee."""
    caller = sdp("image 5000 udptl t38", "audio 5002 RTP/AVP 0 101") + "a=rtpmap:101 telephone-event/8000\r\n"
    callee = sdp("audio 6000 RTP/AVP 0") + "a=inactive\r\nm=video 6002 RTP/AVP 96\r\n"
    return Copy(flags, (caller, callee))


def settings(**given: object) -> RtpproxySettings:
    return RtpproxySettings((), **given)  # type: ignore[arg-type]


def test_all_rtp_streams_are_offered() -> None:
    made = offered(copy(), settings(generated_sdp_port_min=40000, generated_sdp_media_ip="192.0.2.9"))
    assert [line for line in made.split("\r\n") if line[:2] in ("c=", "m=", "a=")] == [
        "c=IN IP4 192.0.2.9",
        "m=audio 40000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly", "a=label:1",
        "m=audio 40002 RTP/AVP 0", "a=inactive", "a=label:2",
        "m=video 40004 RTP/AVP 96", "a=sendonly", "a=label:3",
    ]  # fmt: skip
    assert len(Description(made).streams) == 3


def test_the_flags_are_the_address() -> None:
    assert "c=IN IP6 2001:db8::1\r\n" in offered(copy("2001:db8::1"), settings())


def test_there_must_be_a_port_for_each() -> None:
    with pytest.raises(EngineError, match="more streams"):
        offered(copy(), settings(generated_sdp_port_min=40000, generated_sdp_port_max=40003))


def test_what_is_answered_is_copied_and_what_is_held_is_not() -> None:
    made = copy()
    answer = sdp("audio 7000 RTP/AVP 0", "audio 0 RTP/AVP 0", "video 7004 RTP/AVP 96", host="192.0.2.8")
    assert started(SESSION, made, answer) == [
        "C call-1-1 udp:192.0.2.8:7000 alice;2 bob;2", "C call-1-1 udp:192.0.2.8:7004 bob;2 alice;2"
    ]  # fmt: skip
    held = answer.replace("c=IN IP4 192.0.2.8", "c=IN IP4 0.0.0.0")
    assert started(SESSION, made, held) == ["N call-1-1 alice;2 bob;2", "N call-1-1 bob;2 alice;2"]
    assert stopped(SESSION, made) == []


def test_the_end_ends_what_was_started() -> None:
    made = copy()
    inactive = sdp("audio 7000 RTP/AVP 0", "audio 7002 RTP/AVP 0", "video 7004 RTP/AVP 96") + "a=inactive\r\n"
    started(SESSION, made, inactive)
    assert stopped(SESSION, made) == ["N call-1-1 alice;2 bob;2", "N call-1-1 bob;1 alice;1"]
    assert made.handle == ""


def test_the_answer_must_have_as_many_streams() -> None:
    with pytest.raises(EngineError, match="1 streams are answered, 3"):
        started(SESSION, copy(), sdp("audio 7000 RTP/AVP 0"))
