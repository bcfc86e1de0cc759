"""Two user agents speak with each other: the messages of a call, and what each side remembers."""

from __future__ import annotations

import pytest

from relayscript.apps.testing.useragent import ScriptedWrongly, UserAgent, media_of, sdp
from relayscript.sip.message import Message


class Line:
    """Two agents on one wire; what is sent stays on it until it is passed on."""

    def __init__(self) -> None:
        self.wire: list[tuple[UserAgent, bytes]] = []
        self.alice = UserAgent("alice", ("192.0.2.1", 5060), ("192.0.2.2", 5070), lambda d: self._sent(self.bob, d))
        self.bob = UserAgent("bob", ("192.0.2.2", 5070), ("192.0.2.1", 5060), lambda d: self._sent(self.alice, d))

    def _sent(self, to: UserAgent, data: bytes) -> None:
        self.wire.append((to, data))

    def pass_on(self) -> list[str]:
        """Deliver all that was sent; the first lines of what was new to its receiver."""
        sent, self.wire = self.wire, []
        got = [to.receive(data) for to, data in sent]
        return [message.first_line for message in got if message is not None]

    def last(self) -> Message:
        return Message.parse(self.wire[-1][1])


def test_a_call() -> None:
    line = Line()
    alice, bob = line.alice, line.bob
    alice.invite("sip:bob@192.0.2.2:5070", sdp("alice", "192.0.2.1", 4000))
    assert line.last().header("content-type") == "application/sdp"
    assert line.pass_on() == ["INVITE sip:bob@192.0.2.2:5070 SIP/2.0"]
    bob.respond(180)
    bob.respond(200, body=sdp("bob", "192.0.2.2", 4010))
    assert line.pass_on() == ["SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    alice.ack()
    assert line.pass_on() == ["ACK sip:bob@192.0.2.2:5070 SIP/2.0"]
    bob.request("BYE")
    bye = line.last()
    assert (bye.uri, bye.header("to")) == ("sip:alice@192.0.2.1", "<sip:alice@192.0.2.1>;tag=alice")
    assert line.pass_on() == ["BYE sip:alice@192.0.2.1 SIP/2.0"]
    alice.respond(200)
    assert line.pass_on() == ["SIP/2.0 200 OK"]
    assert not alice.pending
    assert not bob.pending


def test_requests_in_a_call_follow_the_record_route_in_the_right_order() -> None:
    line = Line()
    line.alice.invite("sip:bob@192.0.2.2:5070", headers=[("Record-Route", "<sip:p2;lr>, <sip:p1;lr>")])
    line.pass_on()
    line.bob.respond(200)
    line.pass_on()
    line.alice.ack()
    assert line.last().headers("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    line.bob.request("INFO")
    assert line.last().headers("route") == ["<sip:p2;lr>", "<sip:p1;lr>"]


def test_a_negative_final_is_acknowledged_by_itself_each_time() -> None:
    line = Line()
    line.alice.invite("sip:bob@192.0.2.2:5070")
    invite = line.last()
    line.pass_on()
    line.bob.respond(486)
    refusal = line.wire[-1]
    assert line.pass_on() == ["SIP/2.0 486 Busy Here"]
    ack = line.last()
    assert (ack.method, ack.header("via"), ack.cseq) == ("ACK", invite.header("via"), (1, "ACK"))
    assert ack.header("to") == "<sip:bob@192.0.2.2:5070>;tag=bob"
    line.pass_on()
    line.wire.append(refusal)
    assert line.pass_on() == []
    assert line.last().method == "ACK"


def test_cancelling_uses_the_branch_of_the_invite() -> None:
    line = Line()
    line.alice.invite("sip:bob@192.0.2.2:5070")
    via = line.last().header("via")
    line.pass_on()
    line.alice.cancel()
    assert (line.last().header("via"), line.last().cseq) == (via, (1, "CANCEL"))
    line.pass_on()
    line.bob.respond(200)
    line.bob.respond(487)
    assert line.pass_on() == ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]


def test_headers_are_added_replaced_and_left_out() -> None:
    line = Line()
    line.alice.request("OPTIONS", "sip:x@y", headers=[("X-A", "1"), ("Max-Forwards", "0"), ("Contact", None)])
    message = line.last()
    assert (message.header("x-a"), message.headers("max-forwards"), message.header("contact")) == (
        "1",
        ["0"],
        None,
    )


def test_what_the_calls_do_not_allow() -> None:
    alice = Line().alice
    with pytest.raises(ScriptedWrongly, match="has no call"):
        alice.ack()
    with pytest.raises(ScriptedWrongly, match="has no call"):
        alice.cancel()
    with pytest.raises(ScriptedWrongly, match="has no request to answer"):
        alice.respond(200)
    alice.invite("sip:bob@192.0.2.2")
    with pytest.raises(ScriptedWrongly, match="no final response"):
        alice.ack()


def test_media_addresses() -> None:
    assert media_of(sdp("a", "192.0.2.1", 4000)) == ("192.0.2.1", 4000)
    assert media_of("c=IN IP4 1.1.1.1\r\nm=audio 5 RTP/AVP 0\r\nc=IN IP4 2.2.2.2\r\nm=video 6 RTP/AVP 9\r\n") == (
        "2.2.2.2",
        5,
    )
    assert media_of("") is None


@pytest.mark.parametrize("line", ["m=audio RTP/AVP 0", "m=", "m=audio -1 RTP/AVP 0"])
def test_a_stream_that_cannot_be_read_has_no_address(line: str) -> None:
    assert media_of(f"c=IN IP4 1.1.1.1\r\n{line}\r\n") is None


def test_several_headers_of_a_name_follow_each_other() -> None:
    line = Line()
    contacts = [("Contact", "<sip:a@h>"), ("Contact", "<sip:b@h>"), ("contact", "<sip:c@h>")]
    line.alice.request("REGISTER", "sip:example.com", "", [*contacts, ("X-Two", "1"), ("X-Two", "2")])
    assert line.last().headers("contact") == ["<sip:a@h>", "<sip:b@h>", "<sip:c@h>"]
    assert line.last().headers("x-two") == ["1", "2"]


def test_calls_have_the_names_that_they_are_given() -> None:
    line = Line()
    alice, bob = line.alice, line.bob
    alice.invite(bob.uri, call_id="one")
    alice.request("INVITE", bob.uri, call_id="two")
    assert line.pass_on() == [f"INVITE {bob.uri} SIP/2.0"] * 2
    bob.respond(200, method="INVITE", call_id="one")
    assert line.last().call_id == "one"
    line.pass_on()
    assert alice.call is alice.calls["two"]
    alice.request("ACK", call_id="one")
    assert (line.last().call_id, alice.call) == ("one", alice.calls["one"])
    alice.request("MESSAGE", bob.uri, call_id="three")
    assert (line.last().call_id, alice.call) == ("three", alice.calls["one"])
    with pytest.raises(ScriptedWrongly, match="bob has no INVITE to answer"):
        bob.respond(200, method="INVITE", call_id="four")


def test_messages_are_repeated_by_kind() -> None:
    line = Line()
    alice, bob = line.alice, line.bob
    alice.invite(bob.uri)
    alice.request("MESSAGE", bob.uri)
    line.pass_on()
    alice.repeat("INVITE")
    assert line.last().method == "INVITE"
    alice.repeat()
    assert line.last().method == "MESSAGE"
    bob.respond(200, method="MESSAGE")
    bob.respond(200, method="INVITE")
    bob.repeat("MESSAGE", 200)
    assert (line.last().status, line.last().method) == (200, "MESSAGE")
    with pytest.raises(ScriptedWrongly, match="bob has sent no 180 to repeat"):
        bob.repeat("INVITE", 180)
