"""Replies on their way back: reply routes, time-outs, late ones, media relays that are slow."""

from __future__ import annotations

import pytest

from .stage import BOB, FORK, Stage

TIMED = f"""
modparam("tm", "fr_timeout", 2)
modparam("tm", "fr_inv_timeout", 5)
route {{
    if ($rm == "ACK") exit;
    t_on_failure("f");
    $du = "{BOB}";
    t_relay();
}}
failure_route[f] {{
    xlog("$T_reply_code reply=$(<reply>rs)");
    if (t_local_replied("all")) xlog("all");
    if (t_local_replied("branch")) xlog("branch");
    if (t_local_replied("last")) xlog("last");
}}
"""


def test_no_answer_at_all() -> None:
    stage = Stage(TIMED)
    invite = stage.invite()
    at_bob = stage.take("bob")
    stage.let(1.6)
    assert stage.seen("bob") == ["INVITE", "INVITE"]
    stage.let(0.5)
    assert stage.seen("alice") == ["100", "408"]
    assert stage.log == ["408 reply=<null>", "all", "branch", "last"]
    assert (stage.statistic("timeout_finalresponse"), stage.statistic("retransmission_req_T1_2")) == (1, 1)
    stage.ack(invite)
    stage.answer("bob", at_bob, 180)
    assert [(m.method, m.header("reason")) for m in stage.got["bob"]] == [("CANCEL", None)]
    stage.answer("bob", stage.take("bob"), 200)
    stage.answer("bob", at_bob, 487)
    assert (stage.seen("alice"), stage.seen("bob")) == ([], ["ACK"])
    stage.let(20)
    assert stage.leaks == (0, 0, 0)


def test_ringing_for_too_long() -> None:
    stage = Stage(TIMED)
    stage.invite()
    at_bob = stage.take("bob")
    for _ in range(3):
        stage.answer("bob", at_bob, 180)
        stage.let(4)
    assert stage.seen("bob") == []
    stage.let(1)
    cancel = stage.take("bob")
    assert (cancel.method, cancel.header("reason")) == ("CANCEL", 'SIP;cause=480;text="NO_ANSWER"')
    assert stage.statistic("timeout_finalresponse_inv") == 1


def test_each_reply_need_not_start_the_timer_again() -> None:
    stage = Stage('modparam("tm", "restart_fr_on_each_reply", 0)\n' + TIMED)
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.let(4)
    stage.answer("bob", at_bob, 180)
    stage.let(1)
    assert stage.seen("bob") == ["CANCEL"]


def test_a_success_after_the_refusal_passes_too() -> None:
    stage = Stage(TIMED)
    stage.invite()
    at_bob = stage.take("bob")
    stage.let(2.1)
    stage.answer("bob", at_bob, 200)
    assert stage.seen("alice") == ["100", "408", "200"]


def test_a_request_other_than_invite_times_out() -> None:
    stage = Stage(TIMED)
    stage.invite(method="MESSAGE")
    at_bob = stage.take("bob")
    stage.let(2.1)
    assert stage.seen("alice") == ["408 MESSAGE"]
    stage.answer("bob", at_bob, 200)
    assert stage.seen("alice") == []
    stage.let(20)
    assert stage.leaks == (0, 0, 0)


def test_the_script_sets_the_timers_of_a_call() -> None:
    stage = Stage(
        f"""
        route {{
            xlog("$T_fr_timeout $T_fr_inv_timeout");
            $T_fr_timeout = 1; $T_fr_inv_timeout = 2;
            if (!($T_fr_timeout = 0)) xlog("no 0");
            $du = "{BOB}";
            t_on_failure("f");
            t_relay();
        }}
        failure_route[f] {{
            xlog("$T_fr_timeout $T_fr_inv_timeout");
            $T_fr_timeout = NULL;
            xlog("$T_fr_timeout");
        }}
        """
    )
    stage.invite()
    stage.let(1.1)
    assert stage.seen("alice") == ["100", "408"]
    assert stage.log == ["30 120", "no 0", "1 2", "30"]


def test_reply_routes_in_their_order_and_what_they_drop() -> None:
    stage = Stage(
        f"""
        modparam("tm", "onreply_avp_mode", 1)
        route {{ $avp(n) = 1; t_on_reply("all"); t_on_branch("b"); {FORK} t_relay(); }}
        branch_route[b] {{ $bavp(who) = $rd; if ($rd == "192.0.2.3") t_on_reply("own"); }}
        onreply_route {{ if ($rs == 181) drop; xlog("global $avp(n)"); }}
        onreply_route[own] {{ xlog("own $bavp(who)"); if ($rs == 182) drop; append_hf("X-Own: 1\\r\\n"); }}
        onreply_route[all] {{
            xlog("all $avp(n) $bavp(who) $T_branch_idx");
            $avp(n) = $avp(n) + 1;
            if ($rs >= 200) drop;
        }}
        """
    )
    stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    for status in (181, 182, 183):
        stage.answer("carol", at_carol, status)
    stage.answer("bob", at_bob, 200)
    assert [(m.status, m.header("x-own")) for m in stage.got["alice"]] == [
        (100, None),
        (183, "1"),
        (200, None),
    ]
    assert stage.log == [
        "global <null>", "own 192.0.2.3", "all 1 192.0.2.3 1",
        "global <null>", "own 192.0.2.3", "all 2 192.0.2.3 1",
        "global <null>", "all 3 192.0.2.2 0",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [200, 486])
def test_replies_wait_for_each_other_where_a_relay_is_slow(status: int) -> None:
    stage = Stage(f'route {{ $du = "{BOB}"; t_relay(); }}')
    stage.tm.on_created.append(lambda transaction, _: transaction.on_reply.append(stage.pause))
    invite = stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.answer("bob", at_bob, status)
    stage.cancel(invite)
    assert stage.seen("alice") == ["100", "200 CANCEL"]
    stage.let(0.5)
    assert stage.seen("alice") == ["180"]
    stage.let(0.5)
    assert stage.seen("alice") == [str(status)]
    stage.ack(invite)
    stage.let(60)
    assert stage.leaks == (0, 0, 0)


def test_a_reply_that_belongs_to_nothing_ends_here() -> None:
    stage = Stage(f'route {{ $du = "{BOB}"; t_relay(); }}')
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 404)
    stage.let(60)
    stage.seen("alice")
    stage.answer("bob", at_bob, 404)
    assert stage.seen("alice") == []
