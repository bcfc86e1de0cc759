"""CANCEL at every moment, as dialogues."""

from __future__ import annotations

import pytest

from relayscript.interpreter.modules.tm import Transaction

from .stage import BOB, FORK, Stage

SCRIPT = f"""
route {{
    if ($rm == "ACK") {{ t_check_trans(); exit; }}
    if ($rm == "CANCEL") {{ if (t_check_trans()) t_relay("pass-reason-hdr"); else xlog("unknown"); exit; }}
    t_on_failure("f");
    {FORK}
    t_relay();
}}
failure_route[f] {{ if (t_was_cancelled()) xlog("cancelled $T_reply_code"); }}
"""


def test_ringing_branches_are_cancelled_at_once_others_when_they_ring() -> None:
    stage = Stage(SCRIPT)
    invite = stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("bob", at_bob, 180)
    stage.cancel(invite, headers="Reason: Q.850;cause=16\n")
    stage.cancel(invite)
    assert stage.seen("alice") == ["100", "180", "200 CANCEL", "200 CANCEL"]
    cancel = stage.take("bob")
    assert (cancel.method, cancel.header("reason")) == ("CANCEL", "Q.850;cause=16")
    assert cancel.top_via == at_bob.top_via
    assert stage.seen("carol") == []
    stage.answer("carol", at_carol, 180)
    assert stage.seen("carol") == ["CANCEL"]
    stage.answer("bob", cancel, 200)
    stage.answer("bob", at_bob, 487)
    stage.answer("carol", at_carol, 486)
    assert stage.seen("alice") == ["180", "487"]
    assert stage.log == ["cancelled 487"]
    stage.ack(invite)
    stage.let(40)
    assert stage.leaks == (0, 0, 0)


def test_a_cancel_that_is_not_answered_is_repeated_until_the_call_is_over() -> None:
    stage = Stage(SCRIPT)
    invite = stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("carol", at_carol, 404)
    stage.answer("bob", at_bob, 180)
    stage.cancel(invite)
    stage.let(1.6)
    assert stage.seen("bob") == ["CANCEL"] * 3
    stage.answer("bob", at_bob, 487)
    stage.let(10)
    assert stage.seen("bob") == ["ACK"]


def test_a_cancel_that_comes_too_late_is_answered_and_does_nothing() -> None:
    stage = Stage(SCRIPT)
    invite = stage.invite()
    stage.answer("bob", stage.take("bob"), 200)
    stage.cancel(invite)
    assert stage.seen("alice") == ["100", "200", "200 CANCEL"]
    assert stage.seen("bob") == []


def test_a_success_that_crosses_the_cancel_wins() -> None:
    stage = Stage(SCRIPT)
    invite = stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.cancel(invite)
    stage.answer("bob", at_bob, 200)
    assert stage.seen("alice") == ["100", "180", "200 CANCEL", "200"]


def test_a_transaction_without_branches_is_refused_at_once() -> None:
    stage = Stage('route { if ($rm == "CANCEL") t_relay(); else if ($rm == "INVITE") t_newtran(); }')
    invite = stage.invite()
    stage.cancel(invite)
    assert stage.seen("alice") == ["100", "200 CANCEL", "487"]


@pytest.mark.parametrize("moment", [0.1, 0.5])
def test_while_a_relay_is_asked_about_the_branches(moment: float) -> None:
    """Bob's branch takes 0.4 s, then carol's another 0.4 s: what is not sent yet never is."""
    stage = Stage(SCRIPT)
    ended: list[int] = []

    def attach(transaction: Transaction, _: object) -> None:
        transaction.on_branch.append(stage.pause)
        transaction.on_branch_end.append(lambda _, branch: ended.append(branch.index))

    stage.tm.on_created.append(attach)
    invite = stage.invite()
    stage.let(moment)
    stage.cancel(invite)
    stage.let(1)
    sent = stage.got["bob"]
    assert [message.method for message in sent[:1]] == ([] if moment < 0.4 else ["INVITE"])
    assert stage.seen("carol") == []
    if sent:
        stage.answer("bob", sent[0], 487)
    assert stage.seen("alice") == ["100", "200 CANCEL", "487"]
    assert sorted(ended) == [0, 1]
    stage.ack(invite)
    stage.let(40)
    assert stage.leaks == (0, 0, 0)


def test_a_reply_route_cancels_branches() -> None:
    stage = Stage(
        f"""
        route {{ if ($rm == "ACK") exit; t_on_reply("r"); {FORK} t_relay(); }}
        onreply_route[r] {{ if ($rs == 183) t_cancel_branch(); if ($rs == 182) t_cancel_branch("o"); }}
        """
    )
    stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("bob", at_bob, 183)
    assert (stage.seen("bob"), stage.seen("carol")) == (["CANCEL"], [])
    stage.answer("bob", at_bob, 487)
    stage.answer("carol", at_carol, 182)
    assert (stage.seen("bob"), stage.seen("carol")) == (["ACK"], [])


def test_reasons_for_the_branches() -> None:
    stage = Stage(
        f"""
        route {{
            if ($rm == "CANCEL") {{ t_add_cancel_reason("Reason: SIP;cause=200\\r\\n"); t_relay(); exit; }}
            $du = "{BOB}";
            t_relay();
        }}
        """
    )
    invite = stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.cancel(invite)
    assert stage.take("bob").header("reason") == "SIP;cause=200"
