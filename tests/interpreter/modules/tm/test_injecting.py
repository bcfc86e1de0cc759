"""Branches injected into a running transaction."""

from __future__ import annotations

import pytest

from .stage import BOB, CAROL, DAVE, Stage

WAITING = f"""
route {{
    if ($rm == "CANCEL") {{ t_relay(); exit; }}
    if ($rm == "ACK") exit;
    t_newtran();
    t_wait_for_new_branches(COUNT);
    t_on_failure("f");
    $ru = "{BOB}";
    t_relay();
    $ru = "{CAROL}";
    INJECT
}}
failure_route[f] {{ xlog("$T_reply_code"); }}
"""


def stage_with(count: str, inject: str) -> Stage:
    return Stage(WAITING.replace("COUNT", count).replace("INJECT", inject))


def test_the_transaction_waits_for_as_many_as_it_was_told() -> None:
    stage = stage_with("2", 't_inject_branches("msg");')
    invite = stage.invite()
    for name, status in (("bob", 486), ("carol", 404)):
        stage.answer(name, stage.take(name), status)
    assert stage.seen("alice") == ["100"]
    stage.let(119)
    assert stage.log == []
    stage.let(1.2)
    assert (stage.log, stage.seen("alice")) == (["404"], ["404"])
    stage.ack(invite)
    stage.let(40)
    assert stage.leaks == (0, 0, 0)


def test_the_last_ones_are_announced_and_may_replace_the_others() -> None:
    stage = stage_with("", 't_inject_branches("msg", "cancel,last");')
    stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("bob", at_bob, 180)
    assert stage.seen("bob") == ["CANCEL"]
    stage.answer("carol", at_carol, 404)
    stage.answer("bob", at_bob, 487)
    assert stage.seen("alice") == ["100", "180", "404"]


def test_waiting_can_be_ended() -> None:
    stage = stage_with("", "t_wait_no_more_branches();")
    stage.invite()
    stage.answer("bob", stage.take("bob"), 486)
    assert stage.seen("alice") == ["100", "486"]


def test_a_success_and_a_cancel_end_the_waiting() -> None:
    stage = stage_with("", "exit;")
    stage.invite("one")
    stage.answer("bob", stage.take("bob"), 200)
    invite = stage.invite("two")
    stage.answer("bob", stage.take("bob"), 486)
    stage.cancel(invite)
    assert stage.seen("alice") == ["100", "200", "100", "200 CANCEL", "486"]
    stage.ack(invite)
    stage.let(60)
    assert stage.leaks == (0, 0, 0)


def test_what_cannot_be_injected() -> None:
    stage = Stage(
        'route { $var(a) = t_inject_branches("msg"); t_newtran(); $var(b) = t_inject_branches("event");'
        ' xlog("$var(a) $var(b)"); }'
    )
    stage.invite()
    assert stage.log[-1] == "-1 -1"


@pytest.mark.parametrize("flags", ["cancel,last", "c,l"])
def test_injecting_may_cancel_the_others_and_be_the_last(flags: str) -> None:
    stage = Stage(
        f"""
        route {{ $ru = "{BOB}"; t_on_reply("r"); t_newtran(); t_wait_for_new_branches(); t_relay(); }}
        onreply_route[r] {{ if ($rs == 182) {{ append_msg_branch("{DAVE}"); t_inject_branches("msg", "{flags}"); }} }}
        """
    )
    stage.invite()
    invite = stage.take("bob")
    stage.answer("bob", invite, 182)
    assert (stage.seen("bob"), stage.got["dave"][0].method) == (["CANCEL"], "INVITE")
    stage.answer("bob", invite, 487)
    stage.answer("dave", stage.take("dave"), 486)
    assert stage.seen("alice") == ["100", "182", "486"]


def test_a_reply_route_injects_what_it_added() -> None:
    stage = Stage(
        f"""
        route {{ $ru = "{BOB}"; t_on_reply("r"); t_relay(); }}
        onreply_route[r] {{ if ($rs == 182) {{ append_msg_branch("{DAVE}"); t_inject_branches("msg"); }} }}
        """
    )
    stage.invite()
    stage.answer("bob", stage.take("bob"), 182)
    assert stage.seen("dave") == ["INVITE"]
