"""Calls from INVITE to BYE: what the relay is told, what the parties get, and that nothing stays (event table)."""

from __future__ import annotations

import pytest

from .lab import ENGAGED, RTPENGINE, RTPPROXY, Lab, is_relayed, port, sdp

TO_RTPENGINE = 'rtp_relay_engage("rtpengine", 1);'


@pytest.mark.parametrize("engaged", [ENGAGED, TO_RTPENGINE])
def test_a_call_is_relayed_and_released_once(engaged: str) -> None:
    lab = Lab(engaged)
    lab.establish()
    assert len(lab.held()) == 1
    lab.hang_up()
    assert lab.held() == []
    deletes = [each for each in lab.wire.commands if each.startswith("D ") or "6:delete" in each]
    assert len(deletes) == 1


def test_the_delete_names_both_tags() -> None:
    lab = Lab().establish()
    lab.hang_up()
    assert lab.wire.commands[-1] == "D call-1 alice bob"


def test_a_dialog_is_created_for_a_script_that_does_not() -> None:
    lab = Lab().establish()
    assert lab.listed() == [
        {
            "callid": "call-1", "caller": {"tag": "alice"}, "callee": {"tag": "bob"}, "relay": "rtpproxy",
            "node": RTPPROXY, "set": 1, "ctx": {"from-tag": "alice", "to-tag": "bob"},
        }
    ]  # fmt: skip


def test_a_reply_that_comes_again_gets_the_same_body_without_asking() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    lab.reply(invite, 183, body=sdp("bob"))
    first = lab.take("alice", "183")
    asked = len(lab.wire.commands)
    lab.reply(invite, 183, body=sdp("bob"))
    assert port(lab.take("alice", "183")) == port(first)
    assert len(lab.wire.commands) == asked


@pytest.mark.parametrize("side", ["alice", "bob"])
def test_a_re_invite_of_either_side_is_relayed(side: str) -> None:
    lab = Lab().establish()
    other = "bob" if side == "alice" else "alice"
    lab.inside("INVITE", side, sdp(side, 5555), cseq=20)
    again = lab.take(other, "INVITE")
    assert is_relayed(again)
    lab.reply(again, 200, other, sdp(other, 5557))
    assert is_relayed(lab.take(side, "200"))
    assert lab.wire.commands[-2].split()[-2:] == [f"{side};1", f"{other};1"]
    lab.inside("ACK", side, cseq=20)
    lab.hang_up()
    assert lab.held() == []


def test_row_24_a_refused_re_invite_restores_what_was_agreed() -> None:
    lab = Lab().establish()
    lab.inside("INVITE", "alice", sdp("alice", 5555), cseq=20)
    lab.reply(lab.take("bob", "INVITE"), 488)
    lab.take("alice", "488")
    assert [each.split()[3] for each in lab.wire.commands[-2:]] == ["5000", "6000"]


def test_an_offer_in_the_2xx_is_answered_by_the_ack() -> None:
    lab = Lab()
    invite = lab.invite()
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, body=sdp("bob"))
    assert is_relayed(lab.take("alice", "200"))
    lab.inside("ACK", body=sdp("alice"), cseq=1)
    first = lab.take("bob", "ACK")
    assert is_relayed(first)
    assert [each.split(" ", 4)[4] for each in lab.wire.commands] == ["bob;1 alice;1", "bob;1 alice;1"]
    lab.inside("ACK", body=sdp("alice"), cseq=1)
    assert port(lab.take("bob", "ACK")) == port(first), "an ACK that comes again"
    assert len(lab.wire.commands) == 2
    lab.hang_up()
    assert lab.held() == []


def test_an_offer_in_a_reliable_18x_is_answered_by_the_prack() -> None:
    lab = Lab()
    invite = lab.invite()
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 183, body=sdp("bob"))
    lab.take("alice", "183")
    lab.inside("PRACK", body=sdp("alice"))
    prack = lab.take("bob", "PRACK")
    assert is_relayed(prack)
    assert [each[0] for each in lab.wire.commands] == ["U", "L"]
    lab.reply(prack, 200)
    lab.reply(invite, 200)
    lab.inside("ACK", cseq=1)
    lab.hang_up()
    assert lab.held() == []


def test_after_an_ack_without_body_an_offer_of_the_caller_is_an_offer() -> None:
    lab = Lab()
    invite = lab.invite()
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, body=sdp("bob"))
    lab.inside("ACK", cseq=1)
    lab.inside("UPDATE", body=sdp("alice"))
    assert lab.wire.commands[-1].startswith("U")


def test_row_36_a_2xx_without_description_is_released_at_the_end() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200)
    lab.inside("ACK", cseq=1)
    assert lab.listed() == []
    lab.hang_up()
    assert lab.held() == []


def test_a_cancelled_call_is_released_before_the_487_arrives_at_the_caller() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    lab.reply(invite, 180)
    lab.request("CANCEL", cseq=1)
    assert lab.take("bob", "CANCEL")
    lab.reply(invite, 487)
    assert lab.held() == []


def test_a_silent_callee_is_released_at_the_timeout() -> None:
    lab = Lab(settings='modparam("tm", "fr_timeout", 2)')
    lab.invite(sdp("alice"))
    lab.host.pass_time(3)
    lab.take("alice", "408")
    assert lab.held() == []


def test_the_lifetime_of_a_dialog_ends_its_relay() -> None:
    lab = Lab(f"create_dialog(); $DLG_timeout = 5; {ENGAGED}").establish()
    lab.host.pass_time(6)
    assert lab.held() == []


def test_an_in_dialog_request_of_an_ended_call_asks_nobody() -> None:
    lab = Lab().establish()
    lab.hang_up()
    asked = len(lab.wire.commands)
    lab.inside("INVITE", body=sdp("alice"), cseq=40)
    assert len(lab.wire.commands) == asked


def test_what_a_relay_serves_is_counted() -> None:
    lab = Lab().establish()
    counted = {name.partition("_relay:")[2]: number for name, number in lab.runtime.statistics.items()}
    assert counted["rtpproxy_sessions"] == counted["rtpproxy_offers"] == counted["rtpproxy_answers"] == 1
    lab.hang_up()
    assert lab.runtime.statistics["rtp_relay:rtpproxy_sessions"] == 0
    assert lab.runtime.statistics["rtp_relay:rtpproxy_deletes"] == 1


def test_rtpengine_is_told_the_whole_call_at_the_end() -> None:
    lab = Lab(TO_RTPENGINE).establish()
    lab.hang_up()
    assert "from-tag" not in lab.wire.commands[-1]
    assert "via-branch" not in lab.wire.commands[-1]
    assert lab.host.relays.node(RTPENGINE).sessions() == []
