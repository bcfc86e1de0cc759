"""Updates that meet the participants' own negotiations: who waits for whom, and what is tried again."""

from __future__ import annotations

from relayscript.interpreter.management import CommandError

from .lab import Answer, Lab, is_relayed, requests, sdp
from .test_update import accept


def until_asked(lab: Lab, party: str) -> None:
    """Time passes until a party gets a request."""
    assert lab.host.until(lambda: requests(lab.got[party]), 30)


def moving(lab: Lab) -> Answer:
    """The call is to move to rtpengine, and alice has accepted."""
    answer = lab.manage("rtp_relay:update_callid", callid="call-1", engine="rtpengine")
    lab.reply(lab.take("alice", "INVITE"), 200, "alice", sdp("alice"))
    lab.take("alice", "ACK")
    return answer


def test_an_update_waits_for_the_ack_of_the_call() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, body=sdp("bob"))
    lab.take("alice", "200")
    answer = lab.manage("rtp_relay:update")
    assert not requests(lab.got["alice"])
    lab.inside("ACK", cseq=1)
    lab.take("bob", "ACK")
    accept(lab)
    assert answer.result == "Sessions: 1"


def test_a_2xx_that_comes_again_does_not_hold_updates() -> None:
    lab = Lab()
    invite = lab.invite(sdp("alice"))
    lab.route = f"Route: {invite.header('record-route')}\n"
    for _ in range(2):
        lab.reply(invite, 200, body=sdp("bob"))
    lab.inside("ACK", cseq=1)
    lab.reply(invite, 200, body=sdp("bob"))
    answer = lab.manage("rtp_relay:update")
    accept(lab)
    assert answer.result == "Sessions: 1"


def test_an_ack_that_never_comes_does_not_hold_updates_for_ever() -> None:
    lab = Lab()
    lab.reply(lab.invite(sdp("alice")), 200, body=sdp("bob"))
    lab.take("alice", "200")
    lab.manage("rtp_relay:update")
    until_asked(lab, "alice")


def test_an_update_that_meets_a_re_invite_is_tried_again_after_it() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update")
    first = lab.take("alice", "INVITE")
    lab.inside("INVITE", body=sdp("alice", 5100), cseq=20)
    assert not lab.got["bob"], "it waits for the update"
    lab.reply(first, 491, "alice")
    own = lab.take("bob", "INVITE")
    lab.reply(own, 200, body=sdp("bob"))
    lab.take("alice", "200")
    lab.inside("ACK", cseq=20)
    lab.take("bob", "ACK")
    lab.got["alice"].clear()
    until_asked(lab, "alice")
    accept(lab, alices=sdp("alice", 5100))
    assert answer.result == "Sessions: 1"
    lab.hang_up()
    assert lab.held() == []


def test_it_is_tried_three_times_at_most() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update")
    for _ in range(3):
        until_asked(lab, "alice")
        lab.reply(lab.take("alice", "INVITE"), 491, "alice")
        lab.take("alice", "ACK")
    lab.host.pass_time(10)
    assert not requests(lab.got["alice"])
    assert isinstance(answer.error, CommandError)


def test_a_roll_back_that_meets_a_re_invite_is_tried_again() -> None:
    lab = Lab().establish()
    answer = moving(lab)
    lab.reply(lab.take("bob", "INVITE"), 488)
    lab.take("bob", "ACK")
    lab.reply(lab.take("alice", "INVITE"), 491, "alice")
    lab.take("alice", "ACK")
    assert not requests(lab.got["alice"])
    until_asked(lab, "alice")
    back = lab.take("alice", "INVITE")
    assert "c=IN IP4 10.0.0.1" in back.body
    lab.reply(back, 200, "alice", sdp("alice"))
    assert isinstance(answer.error, CommandError)
    assert lab.listed()[0]["relay"] == "rtpproxy"


def test_a_callee_that_meets_ours_leaves_the_caller_where_it_was_until_the_next_attempt() -> None:
    lab = Lab().establish()
    answer = moving(lab)
    lab.reply(lab.take("bob", "INVITE"), 491)
    lab.take("bob", "ACK")
    lab.reply(lab.take("alice", "INVITE"), 200, "alice", sdp("alice"))
    lab.take("alice", "ACK")
    assert answer.result is None
    until_asked(lab, "alice")
    accept(lab)
    assert answer.result == "Sessions: 1"
    assert lab.listed()[0]["relay"] == "rtpengine"


def test_the_end_of_the_call_ends_the_attempts() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update")
    lab.reply(lab.take("alice", "INVITE"), 491, "alice")
    lab.hang_up()
    lab.got["alice"].clear()
    lab.host.pass_time(10)
    assert isinstance(answer.error, CommandError)
    assert not requests(lab.got["alice"])


def test_an_offer_of_a_participant_is_relayed_after_a_roll_back() -> None:
    lab = Lab().establish()
    moving(lab)
    second = lab.take("bob", "INVITE")
    lab.inside("INVITE", "bob", sdp("bob", 6100), cseq=30)
    lab.reply(second, 500)
    lab.reply(lab.take("alice", "INVITE"), 200, "alice", sdp("alice"))
    lab.take("alice", "ACK")
    late = lab.take("alice", "INVITE")
    assert is_relayed(late)
    lab.reply(late, 200, "alice", sdp("alice"))
    lab.take("bob", "200")
