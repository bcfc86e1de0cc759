"""Bodies that are not just one tidy session description: several parts, none that can be read, large ones."""

from __future__ import annotations

import pytest

from relayscript.sip.bodies import parts

from .lab import ENGAGED, Lab, is_relayed, sdp

ISUP = "\x01\x00I\x00\x00\x0a\x03\x02\x0a\xff--b\x80"
RTPENGINE_ENGAGED = 'rtp_relay_engage("rtpengine", 1);'


def part(content_type: str, content: str) -> str:
    return f"--b\r\nContent-Type: {content_type}\r\nContent-Disposition: session\r\n\r\n{content}\r\n"


def session(owner: str = "alice") -> str:
    return sdp(owner).replace("\n", "\r\n")


def send(lab: Lab, content_type: str, body: str) -> None:
    """Alice's INVITE with a body of this type."""
    text = (
        "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKa\r\n"
        "From: <sip:alice@example.com>;tag=alice\r\nTo: <sip:bob@example.com>\r\nCall-ID: call-1\r\n"
        "CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:alice@192.0.2.1>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    lab.runtime.receive(text.encode("latin-1"), ("192.0.2.1", 5060), lab.runtime.listeners[0])
    lab.host.settle()


@pytest.mark.parametrize("engaged", [ENGAGED, RTPENGINE_ENGAGED])
@pytest.mark.parametrize(
    ("kind", "order"),
    [("multipart/mixed", "si"), ("multipart/mixed", "is"), ("multipart/related", "is"), ("multipart/related", "isx")],
)
def test_the_description_is_replaced_and_the_other_parts_stay(engaged: str, kind: str, order: str) -> None:
    known = {
        "s": part("application/sdp", session()),
        "i": part("application/ISUP;version=itu-t92+", ISUP),
        "x": part("text/plain", "v=0 m=audio 5000 c=IN IP4 192.0.2.1"),
    }
    body = "".join(known[each] for each in order) + "--b--\r\n"
    content_type = f"{kind};boundary=b"
    lab = Lab(engaged)
    send(lab, content_type, body)
    invite = lab.take("bob", "INVITE")
    before, after = parts(content_type, body), parts(content_type, invite.body)
    assert invite.header("content-type") == content_type
    assert [each.content_type for each in after] == [each.content_type for each in before]
    for old, new in zip(before, after, strict=True):
        changed = old.content_type == "application/sdp"
        assert (old.of(body) != new.of(invite.body)) == changed
        if changed:
            assert "192.0.2.1" not in new.of(invite.body).partition("c=")[2]


def test_a_description_inside_of_nested_parts_is_found() -> None:
    inner = "--n\r\nContent-Type: application/sdp\r\n\r\n" + session() + "\r\n--n--\r\n"
    lab = Lab()
    send(lab, 'multipart/mixed; boundary="b"', part("multipart/alternative;boundary=n", inner) + "--b--\r\n")
    assert "c=IN IP4 10.0.0.1" in lab.take("bob", "INVITE").body


@pytest.mark.parametrize("engaged", [ENGAGED, RTPENGINE_ENGAGED])
def test_each_of_several_descriptions_is_relayed(engaged: str) -> None:
    second = session().replace("5000", "5002").replace("s=-", "s=second").removesuffix("\r\n")
    body = part("application/sdp", session()) + part("text/plain", "x") + part("application/sdp", second) + "--b--\r\n"
    lab = Lab(engaged)
    send(lab, "multipart/alternative;boundary=b", body)
    invite = lab.take("bob", "INVITE")
    first, text, last = (each.of(invite.body) for each in parts("multipart/alternative;boundary=b", invite.body))
    assert text == "x"
    assert ("s=-" in first, "s=second" in last) == (True, True)
    assert first.startswith("v=0\r\n")
    assert last.startswith("v=0\r\n")
    ports = {each.split("m=audio ")[1].split()[0] for each in (first, last)}
    assert len(ports) == 2
    assert ports.isdisjoint({"5000", "5002"})
    assert "192.0.2.1" not in (first + last).replace("o=alice 1 1 IN IP4 192.0.2.1", "")


def test_parts_in_the_answer_are_relayed_too() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    body = part("application/ISUP", ISUP) + part("application/sdp", session("bob")) + "--b--\r\n"
    kept = "".join(f"{line}\r\n" for line, key in zip(invite.lines, invite.keys, strict=True)
                   if key in ("via", "from", "call-id", "cseq"))  # fmt: skip
    lab._receive(
        f"SIP/2.0 200 OK\r\n{kept}To: <sip:bob@example.com>;tag=bob\r\nContact: <sip:bob@192.0.2.2>\r\n"
        f"Content-Type: multipart/mixed;boundary=b\r\nContent-Length: {len(body)}\r\n\r\n{body}",
        "bob",
    )
    reply = lab.take("alice", "200")
    assert "c=IN IP4 10.0.0.1" in reply.body
    assert ISUP in reply.body


@pytest.mark.parametrize("engaged", [ENGAGED, RTPENGINE_ENGAGED])
@pytest.mark.parametrize(
    "body",
    [
        "", "v=0", "\r\n\r\n", "x", "v=0\r\no=\r\nc=\r\nm=\r\n", "m=audio 5000 RTP/AVP 0\r\n", "\x00" * 1000,
        "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n",
        "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n",
        "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio 99999999 RTP/AVP 0\r\n",
        "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio\r\n",
        session() * 3, session() + "m=" * 50_000, session() + "a=x:" + "y" * 100_000 + "\r\n",
        session() + "a=rtcp:\r\na=rtcp:x IN IP4\r\n", session().replace("RTP/AVP 0", "RTP/AVP " + "0 " * 20_000),
    ],
)  # fmt: skip
def test_any_body_leads_to_a_call(engaged: str, body: str) -> None:
    lab = Lab(engaged)
    send(lab, "application/sdp", body)
    invite = lab.take("bob", "INVITE")
    lab.reply(invite, 200, body=sdp("bob"))
    lab.route = f"Route: {lab.take('alice', '200').header('record-route')}\n"
    lab.inside("ACK", cseq=1)
    lab.hang_up()
    assert lab.held() == []
    assert lab.runtime.statistics.get("core:internal_errors", 0) == 0
    lab.establish("call-2")
    assert len(lab.held()) == 1, "the relay is still in use"


def test_ten_streams_get_ten_ports() -> None:
    media = "".join(f"m=audio {6000 + 2 * number} RTP/AVP 0\n" for number in range(9))
    lab = Lab()
    invite = lab.invite(sdp("alice") + media)
    ports = [line.split()[1] for line in invite.body.splitlines() if line.startswith("m=")]
    assert len(set(ports)) == 10
    assert [each.split()[-1] for each in lab.wire.commands] == [f"alice;{number}" for number in range(1, 11)]
    lab.reply(invite, 488)
    assert lab.held() == []


def test_streams_that_rtpproxy_does_not_know_stay_as_they_are() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice") + "m=application 9 TCP/MSRP *\nm=video 0 RTP/AVP 96\nm=image 7000 udptl t38\n")
    lines = [line for line in invite.body.splitlines() if line.startswith("m=")]
    assert lines[1:3] == ["m=application 9 TCP/MSRP *", "m=video 0 RTP/AVP 96"]
    assert [each.split()[-1] for each in lab.wire.commands] == ["alice;1", "alice;3"]
    assert is_relayed(invite)
