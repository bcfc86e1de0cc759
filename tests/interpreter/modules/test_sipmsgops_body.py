"""Bodies, session descriptions, URIs and validation."""

from __future__ import annotations

import json

import pytest

from .stage import Proxy, request

OFFER = (
    "v=0\no=lab 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5000 RTP/AVP 0 8 18 96\n"
    "a=rtpmap:8 PCMA/8000\na=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\na=rtpmap:96 opus/48000/2\n"
    "a=ptime:20\nm=video 5002 RTP/AVP 97\na=rtpmap:97 H264/90000\n"
)
MIXED = (
    "--sep\nContent-Type: application/pidf+xml\n\n1234\n--sep\nContent-Type: application/sdp\n\nv=0\n\n"
    "--sep\nContent-Type: text/plain\nX-Part: 3\n\nhello\n--sep--\n"
)


def run(body: str, content: str = "", kind: str = "application/sdp", uri: str = "sip:bob@192.0.2.2") -> Proxy:
    """A script that runs a route body and relays; alice has sent one message through it."""
    proxy = Proxy(f'route {{ {body} $du = "sip:192.0.2.2"; t_relay(); }}', "tm sl sipmsgops")
    headers = f"Content-Type: {kind}\n" if content else ""
    text = request("MESSAGE", uri, headers=headers, body=content.replace("\n", "\r\n"))
    proxy.send(text.replace("\r", ""))
    return proxy


def sized(proxy: Proxy) -> tuple[str | None, str]:
    """Content-Type and body as bob got them, after a look at the Content-Length."""
    got = proxy.take("bob")
    assert got.content_length == len(got.body)
    return got.header("content-type"), got.body.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("call", "kind", "body"),
    [
        ('remove_body_part("application/pidf+xml")', "multipart/mixed;boundary=sep", MIXED[MIXED.index("--sep", 4) :]),
        ('remove_body_part("application/sdp", "revert")', "application/sdp", "v=0\n"),
        ("remove_body_part()", None, ""),
        ('remove_body_part("image/png")', "multipart/mixed;boundary=sep", MIXED),
    ],
)  # fmt: skip
def test_parts_are_removed(call: str, kind: str | None, body: str) -> None:
    assert sized(run(f"{call};", MIXED, "multipart/mixed;boundary=sep")) == (kind, body)


def test_a_part_is_added_to_a_body() -> None:
    kind, body = sized(run('add_body_part("<x/>", "application/xml", "Content-ID: <1>\\r\\n");', "v=0\n"))
    assert kind == "multipart/mixed;boundary=OSS-unique-boundary-42"
    assert body == (
        "--OSS-unique-boundary-42\nContent-Type: application/sdp\n\nv=0\n\n"
        "--OSS-unique-boundary-42\nContent-Type: application/xml\nContent-ID: <1>\n\n<x/>\n"
        "--OSS-unique-boundary-42--\n"
    )


def test_the_first_part_is_the_body() -> None:
    assert sized(run('add_body_part("text", "text/plain");')) == ("text/plain", "text")


def test_edits_see_each_other() -> None:
    proxy = run(
        """
        add_body_part("a", "text/a"); add_body_part("b", "text/b"); remove_body_part("text/a");
        get_updated_body_part("text/b", $var(x)); xlog("$var(x)");
        """
    )
    assert proxy.log == ["b"]
    assert sized(proxy) == ("text/b", "b")


def test_parts_are_found() -> None:
    proxy = run(
        """
        if (has_body()) xlog("body");
        if (has_body("application/sdp")) xlog("sdp");
        if (has_body_part("image/png")) xlog("never");
        """,
        MIXED,
        "multipart/mixed;boundary=sep",
    )
    assert proxy.log == ["body", "sdp"]


@pytest.mark.parametrize(
    ("call", "rc", "audio", "video"),
    [
        ('codec_delete("g729")', 1, "5000 RTP/AVP 0 8 96", "5002 RTP/AVP 97"),
        ('codec_delete("GSM")', -1, "5000 RTP/AVP 0 8 18 96", "5002 RTP/AVP 97"),
        ('codec_delete("opus", "8000")', -1, "5000 RTP/AVP 0 8 18 96", "5002 RTP/AVP 97"),
        ('codec_delete("PCMU")', 1, "5000 RTP/AVP 8 18 96", "5002 RTP/AVP 97"),
        ('codec_move_up("PCMA")', 1, "5000 RTP/AVP 8 0 18 96", "5002 RTP/AVP 97"),
        ('codec_move_down("PCMU")', 1, "5000 RTP/AVP 8 18 96 0", "5002 RTP/AVP 97"),
        ('codec_move_up_re("^op|G7")', 1, "5000 RTP/AVP 18 96 0 8", "5002 RTP/AVP 97"),
        ('codec_move_down_re("PCM")', 1, "5000 RTP/AVP 18 96 0 8", "5002 RTP/AVP 97"),
        ('codec_delete_except_re("PCM[UA]")', 1, "5000 RTP/AVP 0 8", "0 RTP/AVP"),
        ('codec_delete_re(".*")', 1, "0 RTP/AVP", "0 RTP/AVP"),
        ('stream_delete("video")', 1, "5000 RTP/AVP 0 8 18 96", None),
        ('stream_delete("text")', -1, "5000 RTP/AVP 0 8 18 96", "5002 RTP/AVP 97"),
    ],
)
def test_codecs_and_streams(call: str, rc: int, audio: str, video: str | None) -> None:
    proxy = run(f'{call}; xlog("$rc");', OFFER)
    assert proxy.log == [str(rc)]
    body = sized(proxy)[1]
    medias = [line[2:] for line in body.splitlines() if line.startswith("m=")]
    assert medias == [f"audio {audio}", *([f"video {video}"] if video is not None else [])]
    kept = {word for line in medias for word in line.split()[3:]}
    assert {line[9:].split()[0] for line in body.splitlines() if line.startswith("a=rtpmap:")} <= kept


def test_codecs_are_found() -> None:
    proxy = run(
        """
        if (codec_exists("pcmu")) xlog("static");
        if (codec_exists("opus", "48000")) xlog("clock");
        if (codec_exists("opus", "16000")) xlog("never");
        if (codec_exists_re("^H26")) xlog("pattern");
        if (stream_exists("video", "AVP$")) xlog("video");
        if (stream_exists("video", "SAVP")) xlog("never");
        if (is_audio_on_hold()) xlog("never");
        """,
        OFFER,
    )
    assert proxy.log == ["static", "clock", "pattern", "video"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1), ("a=ptime:20", "a=sendonly", 2), ("a=ptime:20", "a=recvonly", -1)],
)
def test_hold(old: str, new: str, code: int) -> None:
    assert run('$var(k) = is_audio_on_hold(); xlog("$var(k)");', OFFER.replace(old, new)).log == [str(code)]


@pytest.mark.parametrize(
    ("uri", "call", "rc", "after"),
    [
        ("sip:b@192.0.2.2;x", 'ruri_has_param("X")', 1, "sip:b@192.0.2.2;x"),
        ("sip:b@192.0.2.2;x=1", 'ruri_has_param("x")', -1, "sip:b@192.0.2.2;x=1"),
        ("sip:b@192.0.2.2;x=1", 'ruri_has_param("x", "1")', 1, "sip:b@192.0.2.2;x=1"),
        ("sip:b@192.0.2.2?h=1", 'ruri_add_param("y=2")', 1, "sip:b@192.0.2.2;y=2?h=1"),
        ("sip:b@192.0.2.2;x=1;z", 'ruri_del_param("X")', 1, "sip:b@192.0.2.2;z"),
        ("sip:b@192.0.2.2", 'ruri_del_param("x")', -1, "sip:b@192.0.2.2"),
        ("tel:+49-30;a=b", "ruri_tel2sip()", 1, "sip:+49-30;a=b@example.com;user=phone"),
        ("sip:b@192.0.2.2", "ruri_tel2sip()", 1, "sip:b@192.0.2.2"),
        ("sip:+4930123@192.0.2.2", 'is_uri_user_e164("$ru")', 1, "sip:+4930123@192.0.2.2"),
        ("sip:+1@192.0.2.2", 'is_uri_user_e164("$ru")', -1, "sip:+1@192.0.2.2"),
    ],
)
def test_uris(uri: str, call: str, rc: int, after: str) -> None:
    proxy = run(f'{call}; xlog("$rc");', uri=uri)
    assert proxy.log == [str(rc)]
    assert proxy.take("bob").uri == after


@pytest.mark.parametrize(
    ("old", "new", "flags", "code"),
    [
        ("", "", "shrftc", 1),
        ("Max-Forwards: 70\n", "", "", -13),
        ("Max-Forwards: 70\n", "", "m", 1),
        ("Contact: <sip:alice@192.0.2.1>\n", "", "c", -14),
        ("<sip:alice@192.0.2.1>", "*", "c", -30),
        ("<sip:alice@192.0.2.1>", "<nothing>", "c", -26),
        ("From: <sip:alice@example.com>", "From: <sip:alice@exa_mple!.com>", "f", -25),
        ("From: <sip:alice@example.com>", "From: <sip:alice@exa_mple!.com>", "", 1),
        ("sip:bob@192.0.2.2", "sip:bob@exa_mple.com", "r", -12),
        ("Content-Type: application/sdp\n", "", "", -21),
        ("m=audio 5", "m=audio", "s", -6),
        ("INVITE sip:bob@", "INVITE sip:b|b@", "r", -27),
        ("From: <sip:alice@", "From: <sip:a|ice@", "f", -28),
        ("To: <sip:bob@", "To: <sip:b|b@", "t", -29),
        ("From: <sip:alice@example.com>", "From: <mailbox>", "f", -24),
        ("To: <sip:bob@example.com>", "To: <mailbox>", "t", -22),
        ("To: <sip:bob@example.com>", "To: <sip:bob@exa_mple!.com>", "t", -23),
        ("Max-Forwards: 70\n", "Max-Forwards: 70\nPath: <sip:192.0.2.9;lr>\n", "", -15),
        ("Max-Forwards: 70\n", "Max-Forwards: 70\nRoute: <sip:192.0.2.9;lr\n", "h", -2),
    ],
)
def test_validation(old: str, new: str, flags: str, code: int) -> None:
    proxy = Proxy(f'route {{ sipmsg_validate("{flags}", $var(e)); xlog("$rc"); }}', "sipmsgops")
    body = "v=0\nm=audio 5 RTP/AVP 0\n"
    text = request("INVITE", headers="Content-Type: application/sdp\n", body=body)
    proxy.send(text.replace(f"Content-Length: {len(body)}\n", "").replace(old, new, 1))
    assert proxy.log == [str(code)]


def test_a_message_as_json() -> None:
    proxy = run('sip_to_json($var(j)); xlog("$var(j)");')
    made = json.loads(proxy.log[0])
    assert made["first_line"] == "MESSAGE sip:bob@192.0.2.2 SIP/2.0"
    assert made["headers"]["CSeq"] == ["1 MESSAGE"]


def test_scripts_see_the_body_that_came_and_what_they_wrote_into_it() -> None:
    proxy = run(
        """
        codec_delete("PCMA"); xlog("$(rb{s.len}) $(sdp.line(m=))");
        $sdp.line(s=) = "s=mine"; xlog("$(sdp.line(m=)) $(sdp.line(s=))");
        codec_delete("opus");
        """,
        OFFER,
    )
    length, codecs = str(len(OFFER.replace("\n", "\r\n"))), "m=audio 5000 RTP/AVP 0 8 18 96"
    assert proxy.log == [f"{length} {codecs}", f"{codecs} s=mine"]
    lines = proxy.take("bob").body.split("\r\n")
    assert "s=mine" in lines
    assert "m=audio 5000 RTP/AVP 0 18" in lines
