"""Parallel and serial forking: one session for each branch, released the moment its branch is over."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message

from .lab import ENGAGED, Lab, is_relayed, port, sdp

ALL = "bob carol dave erin"
TO_RTPENGINE = 'rtp_relay_engage("rtpengine", 1);'


def ring(lab: Lab, callee: str, invite: Message) -> Message:
    """Early media of a callee, as alice gets it."""
    lab.reply(invite, 183, callee, sdp(callee))
    return lab.take("alice", "183")


@pytest.mark.parametrize("engaged", [ENGAGED, TO_RTPENGINE])
def test_row_2_losing_branches_are_released_when_one_answers(engaged: str) -> None:
    lab = Lab(engaged, to=ALL)
    invites = {"bob": lab.invite(sdp("alice"))} | {name: lab.take(name, "INVITE") for name in ALL.split()[1:]}
    assert engaged != ENGAGED or len({port(each) for each in invites.values()}) == 4
    assert all(is_relayed(ring(lab, name, invites[name])) for name in ALL.split())
    lab.reply(invites["carol"], 200, "carol", sdp("carol"))
    lab.take("alice", "200")
    assert len(lab.held()) == 1
    assert "carol" in lab.held()[0]


def test_row_9_each_reply_is_answered_with_its_own_tag() -> None:
    lab = Lab(to="bob carol")
    at_bob = lab.invite(sdp("alice"))
    ring(lab, "bob", at_bob)
    ring(lab, "carol", lab.take("carol", "INVITE"))
    assert [each.split(" ", 4)[4] for each in lab.wire.commands[-2:]] == ["alice;1 bob;1", "alice;1 carol;1"]


def test_row_25_a_branch_that_fails_is_released_at_once() -> None:
    lab = Lab(to="bob carol")
    at_bob = lab.invite(sdp("alice"))
    lab.reply(at_bob, 486)
    assert lab.wire.commands[-1] == "D call-1-0 alice"
    assert len(lab.held()) == 1


def test_row_7_the_engagement_holds_for_a_branch_made_later() -> None:
    failure = 'failure_route[again] { $ru = "sip:carol@192.0.2.3"; t_relay(); }'
    lab = Lab(f't_on_failure("again"); {ENGAGED}', more=failure)
    lab.reply(lab.invite(sdp("alice")), 486)
    invite = lab.take("carol", "INVITE")
    assert is_relayed(invite)
    assert [each.split()[1] for each in lab.wire.commands] == ["call-1", "call-1", "call-1-1"]
    lab.reply(invite, 200, "carol", sdp("carol"))
    assert is_relayed(lab.take("alice", "200"))


def test_row_6_a_failure_route_may_engage() -> None:
    failure = f'failure_route[again] {{ $ru = "sip:carol@192.0.2.3"; {ENGAGED} t_relay(); }}'
    lab = Lab('t_on_failure("again");', more=failure)
    first = lab.invite(sdp("alice"))
    assert not is_relayed(first)
    lab.reply(first, 486)
    assert is_relayed(lab.take("carol", "INVITE"))


def test_a_failed_branch_is_released_before_the_failure_route() -> None:
    failure = 'failure_route[again] { xlog("held: $stat(rtp_relay:rtpproxy_sessions)\\n"); }'
    lab = Lab(f't_on_failure("again"); {ENGAGED}', more=failure, settings='loadmodule "statistics.so"\n')
    lab.reply(lab.invite(sdp("alice")), 486)
    assert "held: 0" in lab.log


def test_row_39_a_branch_that_was_given_settings_joins_the_engagement() -> None:
    branch = """branch_route[each] {
        if ($T_branch_idx == 0) rtp_relay_engage("rtpproxy", 1);
        if ($T_branch_idx == 1) $rtp_relay = "co";
    }"""
    lab = Lab('t_on_branch("each");', more=branch, to="bob carol dave")
    assert is_relayed(lab.invite(sdp("alice")))
    assert is_relayed(lab.take("carol", "INVITE"))
    assert not is_relayed(lab.take("dave", "INVITE"))


def test_a_branch_engagement_wins_over_that_of_the_main_route() -> None:
    branch = 'branch_route[each] { if ($T_branch_idx == 1) rtp_relay_engage("rtpengine", 1); }'
    lab = Lab(f't_on_branch("each"); {ENGAGED}', more=branch, to="bob carol")
    lab.invite(sdp("alice"))
    lab.take("carol", "INVITE")
    assert [each[0] for each in lab.wire.commands] == ["U", "d"]


def test_the_callee_that_answered_may_re_invite_after_forking() -> None:
    lab = Lab(to="bob carol")
    at_bob, at_carol = lab.invite(sdp("alice")), lab.take("carol", "INVITE")
    ring(lab, "carol", at_carol)
    lab.route = f"Route: {at_bob.header('record-route')}\n"
    lab.reply(at_bob, 200, body=sdp("bob"))
    lab.take("alice", "200")
    lab.inside("ACK", cseq=1)
    lab.inside("INVITE", "bob", sdp("bob", 6100), cseq=30)
    assert is_relayed(lab.take("alice", "INVITE"))
    assert lab.wire.commands[-1].endswith("bob;1 alice;1")


def test_a_cancel_while_the_relay_is_asked_leaves_nothing() -> None:
    lab = Lab()
    lab.host.relays.node("udp:10.0.0.1:22222").mood = "silent"
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    lab.request("CANCEL", cseq=1)
    lab.host.relays.node("udp:10.0.0.1:22222").mood = "answers"
    lab.host.pass_time(2)
    assert lab.take("alice", "487")
    assert not lab.got["bob"]
    assert lab.held() == []
