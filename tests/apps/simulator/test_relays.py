"""Dialogues with relay nodes in memory: commands in, replies out, sessions held."""

from __future__ import annotations

import pytest

from relayscript.apps.simulator.relays import Node
from relayscript.apps.simulator.rtpengine import decoded, encoded


def node(url: str = "udp:10.0.0.9:22222") -> Node:
    return Node(url, "10.0.0.9")


def say(to: Node, *commands: str) -> list[str]:
    """The replies to rtpproxy commands, each under a cookie of its own."""
    replies = []
    for command in commands:
        cookie = f"c{len(to.answered)}"
        (reply,) = to.receive(f"{cookie} {command}".encode())
        assert reply.startswith(f"{cookie} ".encode())
        assert reply.endswith(b"\n")
        replies.append(reply.decode().partition(" ")[2].rstrip("\n"))
    return replies


def test_an_rtpproxy_call() -> None:
    proxy = node()
    assert say(proxy, "V", "VF 20050322", "VF 19991231") == ["20040107", "1", "0"]
    offer, answer, again = say(
        proxy,
        "UIE call 192.0.2.1 4000 alice;1",
        "LEI call 192.0.2.2 4010 alice;1 bob;1",
        "U call 192.0.2.1 4000 alice;1 bob;1",
    )
    assert (offer, answer, again) == ("40000 10.0.0.9", "40002 10.0.0.9", "40000 10.0.0.9")
    assert proxy.sessions() == ["call alice;1 bob;1"]
    assert say(proxy, "D call alice bob", "D call alice bob") == ["0", "E50"]
    assert proxy.sessions() == []


def test_the_callee_may_offer_anew_and_is_found_by_either_tag() -> None:
    proxy = node()
    say(proxy, "U call 192.0.2.1 4000 alice;1", "L call 192.0.2.2 4010 alice;1 bob;1")
    assert say(proxy, "U call 192.0.2.2 4010 bob;1 alice;1") == ["40002 10.0.0.9"]
    assert say(proxy, "L call 192.0.2.1 4000 bob;1 alice;1") == ["40000 10.0.0.9"]
    assert say(proxy, "D call bob alice") == ["0"]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("L call 1.2.3.4 5 a;1 b;1", "0"),
        ("U call 1.2.3.4", "E1"),
        ("Z", "E3"),
        ("D call a", "E50"),
        ("Q call a;1 b;1", "E50"),
        ("I", "sessions created: 0"),
    ],
)
def test_what_rtpproxy_refuses(command: str, reply: str) -> None:
    assert say(node(), command) == [reply]


def test_a_repeated_command_is_answered_the_same_and_done_once() -> None:
    proxy = node()
    command = b"1_2_3 U call 1.2.3.4 5000 a;1"
    assert proxy.receive(command) == proxy.receive(command) == [b"1_2_3 40000 10.0.0.9\n"]


def test_lines_of_a_stream_have_no_cookie() -> None:
    stream = node("rtp.io:auto")
    assert stream.receive(b"V\nU call 1.2.3.4 5000 a;1\n") == [b"20040107\n", b"40000 10.0.0.9\n"]


def test_ipv6_is_marked() -> None:
    assert say(Node("udp6:[::1]:1", "::1"), "U6 call ::2 5000 a;1") == ["40000 ::1 6"]


def test_moods() -> None:
    proxy = node()
    proxy.mood = "silent"
    assert proxy.receive(b"1 V") == []
    proxy.mood, proxy.reason = "refuses", ""
    assert say(proxy, "V", "U call 1.2.3.4 5000 a;1") == ["20040107", "E72"]
    proxy.reason = "E99"
    assert say(proxy, "U call 1.2.3.4 5000 a;1") == ["E99"]


# ---- rtpengine


def ng(to: Node, **fields: object) -> dict[str, object]:
    """The reply to an ng command."""
    cookie = f"c{len(to.answered)} ".encode()
    (reply,) = to.receive(cookie + encoded({name.replace("_", "-"): value for name, value in fields.items()}))
    assert reply.startswith(cookie)
    return decoded(reply[len(cookie) :])


SDP = "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def test_an_rtpengine_call() -> None:
    engine = node()
    assert ng(engine, command="ping") == {"result": "pong"}
    offered = ng(engine, command="offer", call_id="c", from_tag="a", sdp=SDP, replace=["origin"])
    body = "v=0\r\no=a 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
    assert offered == {"result": "ok", "sdp": body}
    answered = ng(
        engine,
        command="answer",
        call_id="c",
        from_tag="a",
        to_tag="b",
        sdp=SDP,
        transport_protocol="RTP/SAVP",
    )
    assert "m=audio 40002 RTP/SAVP 0\r\n" in str(answered["sdp"])
    assert "o=a 1 1 IN IP4 192.0.2.1\r\n" in str(answered["sdp"])
    assert engine.sessions() == ["c a b"]
    assert ng(engine, command="query", call_id="c") == {"result": "ok", "tags": {"a": {}, "b": {}}}
    assert ng(engine, command="delete", call_id="c", from_tag="a") == {"result": "ok"}
    assert engine.sessions() == []


def test_a_branch_of_an_rtpengine_call_ends_alone() -> None:
    engine = node()
    ng(engine, command="offer", call_id="c", from_tag="a", sdp=SDP)
    for branch, tag in (("br0", "b"), ("br1", "c")):
        ng(engine, command="answer", call_id="c", from_tag="a", to_tag=tag, via_branch=branch, sdp=SDP)
    ng(engine, command="delete", call_id="c", from_tag="a", via_branch="br0")
    assert engine.sessions() == ["c a c"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"command": "offer", "call_id": "c", "sdp": SDP}, "No from-tag in message"),
        ({"command": "answer", "call_id": "c", "to_tag": "b", "sdp": SDP}, "Unknown call-id"),
        ({"command": "play media", "call_id": "c"}, "Unknown call-id"),
    ],
)
def test_what_rtpengine_refuses(fields: dict[str, object], reason: str) -> None:
    assert ng(node(), **fields) == {"result": "error", "error-reason": reason}


def test_rtpengine_junk_unknown_calls_and_moods() -> None:
    engine = node()
    assert engine.receive(b"1 d1:") == [b"1 d12:error-reason27:Could not decode dictionary6:result5:errore"]
    assert ng(engine, command="delete", call_id="c")["warning"] == "Call-ID not found or tags didn't match"
    engine.mood, engine.reason = "refuses", "Parallel session limit reached"
    assert ng(engine, command="ping") == {"result": "pong"}
    assert ng(engine, command="offer", call_id="c", from_tag="a", sdp=SDP)["error-reason"] == engine.reason
