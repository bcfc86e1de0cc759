"""Relays that are silent, refuse, or die in mid-call; descriptions that cannot be read: the call goes on."""

from __future__ import annotations

import pytest

from .lab import ENGAGED, RTPPROXY, SPARE, Lab, is_relayed, port, sdp

TWO = f'modparam("rtpproxy", "rtpproxy_sock", "1 == {SPARE}") modparam("rtpproxy", "rtpproxy_retr", 1)'
ONCE = 'modparam("rtpproxy", "rtpproxy_retr", 1)'


def test_row_35_without_relay_the_invite_goes_on_and_an_event_tells() -> None:
    event = 'event_route[E_RTP_RELAY_UNAVAILABLE] { xlog("none for $param(callid) $param(engine) $param(set)\\n"); }'
    lab = Lab(settings=ONCE, more=event)
    lab.host.relays.node(RTPPROXY).mood = "silent"
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    lab.host.pass_time(3)
    assert not is_relayed(lab.take("bob", "INVITE"))
    assert "none for call-1 rtpproxy 1" in lab.log


def test_row_35_without_relay_the_call_may_be_rejected() -> None:
    setting = f'{ONCE} modparam("rtp_relay", "no_relay_reply", 480)'
    lab = Lab(settings=setting)
    lab.host.relays.node(RTPPROXY).mood = "silent"
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    lab.host.pass_time(3)
    lab.take("alice", "480")
    assert not lab.got["bob"]


def test_after_a_failed_offer_replies_pass_as_they_are_and_nothing_is_deleted() -> None:
    lab = Lab()
    node = lab.host.relays.node(RTPPROXY)
    node.mood, node.reason = "refuses", "E2"
    invite = lab.invite(sdp("alice"))
    node.mood = "answers"
    lab.reply(invite, 200, body=sdp("bob"))
    assert port(lab.take("alice", "200")) == 6000
    assert len(lab.wire.commands) == 1


def test_a_node_that_dies_after_the_offer_leaves_the_answer_as_it_is() -> None:
    lab = Lab(settings=ONCE)
    invite = lab.invite(sdp("alice"))
    lab.host.relays.node(RTPPROXY).mood = "silent"
    lab.reply(invite, 200, body=sdp("bob"))
    lab.host.pass_time(3)
    assert port(lab.take("alice", "200")) == 6000


def test_row_26_a_syntax_error_in_an_answer_is_a_plain_failure() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    node = lab.host.relays.node(RTPPROXY)
    node.mood, node.reason = "refuses", "E7"
    lab.reply(invite, 200, body=sdp("bob"))
    assert port(lab.take("alice", "200")) == 6000
    assert lab.manage("rtpproxy:show").result[0]["Nodes"][0]["disabled"] == 0  # type: ignore[index]


def test_an_offer_fails_over_and_the_call_stays_where_it_went() -> None:
    lab = Lab(settings=TWO)
    lab.invite(sdp("alice"), call_id="call-0")
    (used,) = [url for url in (RTPPROXY, SPARE) if lab.host.relays.node(url).sessions()]
    lab.host.relays.node(used).mood = "silent"
    other = SPARE if used == RTPPROXY else RTPPROXY
    lab.request("INVITE", body=sdp("alice"), cseq=1, call_id="call-256")
    lab.request("INVITE", body=sdp("alice"), cseq=1, call_id="call-255")
    lab.host.pass_time(3)
    assert len(lab.host.relays.node(other).sessions()) == 2


def test_a_node_that_dies_in_the_call_gives_way_at_the_next_offer() -> None:
    lab = Lab(settings=TWO).establish()
    (used,) = [url for url in (RTPPROXY, SPARE) if lab.host.relays.node(url).sessions()]
    lab.host.relays.node(used).mood = "silent"
    lab.inside("INVITE", body=sdp("alice"), cseq=20)
    lab.host.pass_time(3)
    again = lab.take("bob", "INVITE")
    assert is_relayed(again)
    lab.reply(again, 200, body=sdp("bob"))
    assert is_relayed([each for each in lab.got["alice"] if each.status == 200][-1])
    other = SPARE if used == RTPPROXY else RTPPROXY
    lab.hang_up()
    assert lab.host.relays.node(other).sessions() == []


def test_other_calls_go_on_while_a_relay_is_silent() -> None:
    lab = Lab(f'if ($ci == "call-9") rtp_relay_engage("rtpproxy", 2); else {ENGAGED}')
    lab.host.relays.node(SPARE).mood = "silent"
    lab.request("INVITE", body=sdp("alice"), cseq=1, call_id="call-9")
    lab.establish()
    assert lab.listed()


@pytest.mark.parametrize(
    "body",
    [
        "garbage",
        "v=0\no=a 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio 5000 RTP/AVP 0\n",
        "v=0\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 5000 RTP/AVP 0\n",
        sdp("alice") + "a=nortpproxy:yes\n",
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_relayed_passes_as_it_is(body: str) -> None:
    lab = Lab()
    invite = lab.invite(body)
    assert invite.body == body.replace("\n", "\r\n")
    assert lab.wire.commands == []


@pytest.mark.parametrize(
    ("more", "commands"),
    [
        ("".join(f"m=audio {5002 + 2 * n} RTP/AVP 0\n" for n in range(9)), 10),
        ("m=audio 0 RTP/AVP 0\n", 1),
        ("m=message 5100 TCP/MSRP *\n", 1),
        ("a=x:" + "y" * 100_000 + "\n", 1),
    ],
)  # fmt: skip
def test_odd_descriptions_are_relayed_as_far_as_possible(more: str, commands: int) -> None:
    lab = Lab()
    lab.invite(sdp("alice") + more)
    assert len(lab.wire.commands) == commands


def test_the_same_failure_in_mid_call_keeps_what_was_agreed() -> None:
    lab = Lab().establish()
    lab.inside("INVITE", body="v=0\n", cseq=20)
    again = lab.take("bob", "INVITE")
    lab.reply(again, 488)
    lab.hang_up()
    assert lab.held() == []
