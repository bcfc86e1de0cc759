"""The session description, read and written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Named

LINES = (
    "v=0", "o=owner 42 43 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.10", "a=group:BUNDLE 1 2",
    "m=audio 40100 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=ptime:20",
    "m=video 40102 RTP/AVP 97", "a=rtpmap:97 H264/90000", "a=fmtp:97 profile=42/x;mode=1",
)  # fmt: skip
BODY = "".join(f"{line}\r\n" for line in LINES)


@pytest.fixture
def offered(stage: Set) -> Stage:
    """A request with a description."""
    return stage(body=BODY, content_type="application/sdp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$sdp.line(v=)", "v=0"),
        ("$sdp.line(a=)", "a=group:BUNDLE 1 2"),
        ("$sdp.line(a=[1])", "a=rtpmap:0 PCMU/8000"),
        ("$sdp.line(a=rtpmap[1])", "a=rtpmap:97 H264/90000"),
        ("$sdp.line(a=[99])", "<null>"),
        ("$sdp.line(a=none)", "<null>"),
        ("$sdp.line([1])", "o=owner 42 43 IN IP4 192.0.2.9"),
        ("$sdp.line([$var(i)])", "s=-"),
        ("$sdp.line(m=audio/[1])", "40100"),
        ("$sdp.line(m=audio/RTP)", "RTP/AVP"),
        ("$sdp.line(m=audio/RTQ)", "<null>"),
        ("$sdp.line(m=audio/[9])", "<null>"),
        ("$sdp.line(m=audio/[1]/[2])", "<null>"),
        ("$sdp.line(a=fmtp/profile=42\\/x)", "profile=42/x;mode=1"),
        ("$sdp.line([99999999999])", "<null>"),
        ("$sdp.session(c=)", "c=IN IP4 192.0.2.10"),
        ("$sdp.session(a=ptime)", "<null>"),
        ("$sdp.session(o=/[1])", "42"),
        ("$sdp.stream(/a=ptime)", "a=ptime:20"),
        ("$sdp.stream([1]/a=)", "a=rtpmap:97 H264/90000"),
        ("$sdp.stream(video/m=video/[1])", "40102"),
        ("$sdp.stream(text/a=)", "<null>"),
        ("$sdp.stream(text)", "<null>"),
        ("$(sdp.stream(video){s.len})", "81"),
        ("$sdp.stream.idx(video)", "8"),
        ("$sdp.stream.idx(video/a=fmtp)", "10"),
        ("$sdp.stream.idx(text)", "<null>"),
        ("$(sdp{s.len})", str(len(BODY))),
    ],
)
def test_reading(offered: Stage, text: str, shown: str) -> None:
    offered.write("$var(i)", 2)
    assert offered.show(text) == shown


@pytest.mark.parametrize("text", ["$sdp", "$sdp.line(v=)", "$sdp.stream(audio)", "$sdp.stream.idx(audio)"])
def test_without_a_description(stage: Set, text: str) -> None:
    assert stage().read(text) is None
    assert stage(body="hello", content_type="text/plain").read(text) is None


@pytest.mark.parametrize(
    ("text", "value", "old", "new"),
    [
        ("$sdp.line(s=)", "s=changed", "s=-\r\n", "s=changed\r\n"),
        ("$sdp.line(s=)", "s=changed\r\n", "s=-\r\n", "s=changed\r\n"),
        ("$sdp.line(a=ptime)", None, "a=ptime:20\r\n", ""),
        ("$sdp.line(m=audio/[1])", 5, "m=audio 40100", "m=audio 5"),
        ("$sdp.line(m=audio/101)", None, "RTP/AVP 0 101", "RTP/AVP 0"),
        ("$sdp.session(c=)", "c=IN IP4 1.2.3.4", "c=IN IP4 192.0.2.10", "c=IN IP4 1.2.3.4"),
        ("$sdp.stream(video/a=rtpmap)", "a=rtpmap:97 VP8/90000", "H264", "VP8"),
        ("$(sdp.line(s=)[insert])", "i=info", "s=-\r\n", "i=info\r\ns=-\r\n"),
        ("$(sdp.line(s=)[insertAfter])", "i=info", "s=-\r\n", "s=-\r\ni=info\r\n"),
        ("$sdp.stream(video)", None, "".join(f"{line}\r\n" for line in LINES[8:]), ""),
    ],
)
def test_writing(offered: Stage, text: str, value: str | int | None, old: str, new: str) -> None:
    assert offered.write(text, value)
    assert offered.context.changes.body == BODY.replace(old, new)
    assert offered.read("$rb") == offered.read("$sdp") == BODY.replace(old, new)


def test_writes_that_fail(offered: Stage) -> None:
    assert not offered.write("$sdp.line(k=)", "k=x")
    assert not offered.write("$sdp.line(s=)", Named(5, None))
    assert not offered.write("$(sdp.line(s=)[insert])", None)
    assert not offered.write("$sdp.stream(text)", None)
    assert not offered.write("$sdp", "no session")
    assert not offered.write("$sdp", 5)
    assert offered.context.changes.body is None


def test_the_whole_is_replaced_and_removed(offered: Stage) -> None:
    assert offered.write("$sdp", "v=0\r\n")
    assert offered.read("$rb") == "v=0\r\n"
    assert offered.write("$sdp", None)
    assert (offered.read("$rb"), offered.context.changes.body) == (None, "")


def test_a_message_without_a_body_gets_one(stage: Set) -> None:
    on = stage()
    assert on.write("$sdp", BODY)
    assert on.read("$sdp") == BODY
    assert on.context.changes.content_type == "application/sdp"


def test_only_the_part_that_holds_it_changes(stage: Set) -> None:
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{BODY}\r\n--b--\r\n"
    )
    on = stage(body=body, content_type="multipart/mixed;boundary=b")
    assert on.write("$sdp.line(s=)", "s=changed")
    assert on.context.changes.body == body.replace("s=-", "s=changed")
