"""How transactions end: at once, and without leaving work to the garbage collector."""

from __future__ import annotations

import gc

import pytest

from tests.interpreter.modules.stage import request

from .stage import BOB, CAROL, FORK, Stage

SCRIPT = f"""
route {{
    if ($rm == "ACK") {{ if (t_check_trans()) exit; $du = "{BOB}"; t_relay(); exit; }}
    t_on_reply("r"); t_on_failure("f"); t_on_branch("b");
    {FORK}
    t_relay();
}}
branch_route[b] {{ t_on_reply("r"); }}
onreply_route[r] {{ $avp(seen) = $rs; }}
failure_route[f] {{ if ($T_reply_code == 486) {{ $ru = "{CAROL}"; t_relay(); }} }}
"""


def calls(stage: Stage, status: int, number: int) -> None:
    """Calls that bob and carol answer alike, until nothing is left of them."""
    for each in range(number):
        invite = stage.invite(f"{status}-{each}")
        for name in ("bob", "carol", "carol"):
            for message in list(stage.got[name]):
                if message.method == "INVITE":
                    stage.answer(name, message, status)
            stage.got[name].clear()
        if status >= 300:
            stage.ack(invite)
        else:
            stage.send(request("ACK", to_tag="bob", call_id=f"{status}-{each}"))
    for name in stage.got:
        stage.got[name].clear()
    stage.let(200)


@pytest.mark.parametrize("status", [200, 404, 486])
def test_nothing_is_left_to_the_garbage_collector(status: int) -> None:
    stage = Stage(SCRIPT)
    calls(stage, status, 1)
    gc.collect()
    gc.disable()
    try:
        calls(stage, status, 5)
        assert stage.leaks == (0, 0, 0)
        assert gc.collect() < 5
    finally:
        gc.enable()
    assert stage.statistic(f"{status // 100}xx_transactions") == 6


def test_statistics_can_be_off() -> None:
    stage = Stage('modparam("tm", "enable_stats", 0)\n' + SCRIPT)
    calls(stage, 200, 1)
    assert not any(value for name, value in stage.runtime.statistics.items() if name.startswith("tm:"))


@pytest.mark.parametrize(("settings", "matches"), [("", False), ('modparam("tm", "ruri_matching", 0)', True)])
def test_an_old_phone_may_cancel_with_another_uri(settings: str, matches: bool) -> None:
    stage = Stage(f"{settings} route {{ t_relay(); }}")
    branch = ";branch=z9hG4bKaliceINVITEcall-11"
    stage.send(request("INVITE").replace(branch, ""))
    stage.answer("bob", stage.take("bob"), 180)
    cancel = request("INVITE").replace(branch, "").replace("INVITE", "CANCEL")
    stage.send(cancel.replace("sip:bob@192.0.2.2", "sip:robert@192.0.2.2"))
    assert ("200 CANCEL" in stage.seen("alice")) is matches
