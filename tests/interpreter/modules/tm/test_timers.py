"""The timers of module tm as a script sets them, and replies that come when nobody waits for them any more."""

from __future__ import annotations

import pytest

from .stage import BOB, CALLEES, Stage

RELAY = f"""
route {{
    if ($rm == "ACK") {{ if (t_check_trans()) exit; $du = "{BOB}"; t_relay(); exit; }}
    $du = "{BOB}";
    t_relay();
}}
"""


def arrivals(stage: Stage, name: str, seconds: float) -> list[float]:
    """When the messages that a callee gets in that time arrive, in seconds from now."""
    timers, found = stage.host.timers, list[float]()
    begin, address = timers.now, CALLEES[name]
    stage.host.endpoints[address] = lambda data: found.append(round(timers.now - begin, 3))
    stage.let(seconds)
    return found


def test_intervals_of_retransmissions() -> None:
    stage = Stage(f'modparam("tm", "T1_timer", 200) modparam("tm", "T2_timer", 600) {RELAY}')
    stage.invite()
    stage.take("bob")
    assert arrivals(stage, "bob", 3.1) == [0.2, 0.6, 1.2, 1.8, 2.4, 3.0]
    names = ("T1_1", "T1_2", "T1_3", "T2")
    assert [stage.statistic(f"retransmission_req_{name}") for name in names] == [1, 1, 1, 3]


def test_a_provisional_answer_slows_down_what_is_no_invite() -> None:
    stage = Stage(RELAY)
    stage.invite(method="INFO")
    stage.answer("bob", stage.take("bob"), 100)
    assert arrivals(stage, "bob", 9.0) == [0.5, 4.5, 8.5]


def test_a_provisional_answer_ends_the_retransmissions_of_an_invite() -> None:
    stage = Stage(RELAY)
    stage.invite()
    stage.answer("bob", stage.take("bob"), 100)
    assert arrivals(stage, "bob", 20.0) == []


@pytest.mark.parametrize(("setting", "seen"), [("", ["100"]), ('modparam("tm", "auto_100trying", 0)', [])])
def test_the_script_may_say_100_itself(setting: str, seen: list[str]) -> None:
    stage = Stage(f"{setting} {RELAY}")
    stage.invite()
    assert stage.seen("alice") == seen


def test_how_long_an_ended_transaction_stays() -> None:
    stage = Stage(f'modparam("tm", "wt_timer", 2) {RELAY}')
    invite = stage.invite()
    stage.answer("bob", stage.take("bob"), 486)
    stage.ack(invite)
    stage.seen("alice")
    stage.let(1.9)
    stage.invite()
    assert stage.seen("alice") == ["486"]
    stage.let(0.2)
    assert stage.leaks == (0, 0, 0)
    stage.invite()
    assert stage.seen("alice") == ["100"]


def test_a_provisional_answer_after_the_final_one_ends_here() -> None:
    stage = Stage(RELAY)
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 486)
    stage.answer("bob", at_bob, 180)
    stage.answer("bob", at_bob, 486)
    assert (stage.seen("alice"), stage.seen("bob")) == (["100", "486"], ["ACK", "ACK"])


@pytest.mark.parametrize("method", ["PRACK", "UPDATE", "INFO", "REFER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "PUBLISH"])
def test_every_other_method_has_one_answer(method: str) -> None:
    stage = Stage(RELAY)
    stage.invite(method=method)
    at_bob = stage.take("bob")
    for status in (100, 202, 202, 481):
        stage.answer("bob", at_bob, status)
    assert stage.seen("alice") == [f"202 {method}"]
    stage.let(6)
    assert stage.leaks == (0, 0, 0)
