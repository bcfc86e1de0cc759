"""Parallel and serial forking: who is tried, what the caller gets."""

from __future__ import annotations

import pytest

from .stage import BOB, CAROL, DAVE, FORK, Stage

PARALLEL = f"""
route {{
    if ($rm == "ACK") {{ if (t_check_trans()) exit; $du = "{CAROL}"; t_relay(); exit; }}
    t_on_failure("f");
    {FORK}
    append_msg_branch("{DAVE}");
    t_relay();
}}
failure_route[f] {{ xlog("$T_reply_code $(<reply>rr)"); }}
"""
SERIAL = f"""
route {{
    if ($rm == "ACK") exit;
    t_on_failure("f");
    $avp(next) = "{CAROL}";
    $avp(next) = "{DAVE}";
    $ru = "{BOB}";
    t_relay();
}}
failure_route[f] {{
    xlog("$T_reply_code $T_branch_idx");
    if ($avp(next) == NULL) exit;
    $ru = $avp(next);
    $avp(next) = NULL;
    t_on_failure("f");
    t_relay();
}}
"""


@pytest.mark.parametrize(
    ("statuses", "wins"),
    [
        ((404, 486, 480), "404"), ((503, 404, 500), "404"), ((302, 404, 486), "302"), ((603, 404, 302), "603"),
        ((500, 503, 501), "500"), ((408, 480, 503), "480"), ((503, 504, 501), "500"), ((408, 503, 500), "408"),
    ],
)  # fmt: skip
def test_the_best_refusal_goes_back(statuses: tuple[int, ...], wins: str) -> None:
    stage = Stage(PARALLEL)
    stage.invite()
    for name, status in zip(("bob", "carol", "dave"), statuses, strict=True):
        stage.answer(name, stage.take(name), status)
    assert stage.seen("alice") == ["100", wins]


def test_a_503_passes_as_it_is_on_demand() -> None:
    stage = Stage("disable_503_translation=yes\n" + PARALLEL)
    stage.invite()
    for name, status in zip(("bob", "carol", "dave"), (503, 501, 504), strict=True):
        stage.answer(name, stage.take(name), status)
    assert stage.seen("alice") == ["100", "501"]


def test_the_first_success_cancels_the_others_and_a_second_one_passes() -> None:
    stage = Stage(PARALLEL)
    stage.invite()
    at_bob, at_carol, at_dave = (stage.take(name) for name in ("bob", "carol", "dave"))
    stage.answer("bob", at_bob, 180)
    stage.answer("carol", at_carol, 200)
    cancel = stage.take("bob")
    assert cancel.header("reason") == 'SIP ;cause=200 ;text="Call completed elsewhere"'
    stage.answer("bob", at_bob, 200)
    stage.answer("bob", at_bob, 200)
    stage.answer("dave", at_dave, 404)
    assert stage.seen("alice") == ["100", "180", "200", "200", "200"]
    assert stage.seen("dave") == ["ACK"]
    stage.let(60)
    assert stage.leaks == (0, 0, 0)
    assert stage.log == []


def test_a_6xx_cancels_the_others_and_ends_serial_forking() -> None:
    stage = Stage(PARALLEL.replace("xlog", f'$ru = "{BOB}"; $var(rc) = t_relay(); xlog("$var(rc)"); xlog'))
    stage.invite()
    at_bob, at_carol, at_dave = (stage.take(name) for name in ("bob", "carol", "dave"))
    stage.answer("bob", at_bob, 180)
    stage.answer("carol", at_carol, 603)
    assert stage.seen("bob") == ["CANCEL"]
    stage.answer("bob", at_bob, 487)
    stage.answer("dave", at_dave, 404)
    assert stage.seen("alice") == ["100", "180", "603"]
    assert stage.log == ["-3", "603 X"]


def test_a_6xx_is_like_any_other_on_demand() -> None:
    stage = Stage('modparam("tm", "disable_6xx_block", 1)\n' + SERIAL)
    stage.invite()
    stage.answer("bob", stage.take("bob"), 603)
    stage.answer("dave", stage.take("dave"), 603)
    stage.answer("carol", stage.take("carol"), 404)
    assert stage.seen("alice") == ["100", "404"]


def test_one_after_the_other_as_often_as_the_script_likes() -> None:
    stage = Stage(SERIAL)
    invite = stage.invite()
    for name, status in (("bob", 486), ("dave", 408), ("carol", 500)):
        at = stage.take(name)
        stage.answer(name, at, 180)
        stage.answer(name, at, status)
    assert stage.log == ["486 0", "408 1", "500 2"]
    assert stage.seen("alice") == ["100", "180", "180", "180", "500"]
    stage.ack(invite)
    stage.let(60)
    assert stage.leaks == (0, 0, 0)


def test_a_late_success_of_an_earlier_attempt_still_passes() -> None:
    stage = Stage('modparam("tm", "fr_timeout", 2)\n' + SERIAL)
    stage.invite()
    at_bob = stage.take("bob")
    stage.let(2.1)
    at_dave = stage.take("dave")
    stage.answer("dave", at_dave, 180)
    stage.answer("bob", at_bob, 200)
    assert stage.seen("alice") == ["100", "180", "200"]
    assert stage.seen("dave") == ["CANCEL"]


def test_a_failure_route_that_sends_nowhere_leaves_the_answer_as_it_was() -> None:
    stage = Stage(
        f'route {{ t_on_failure("f"); $ru = "{BOB}"; t_relay(); }} failure_route[f] {{ $ru = "sip:"; t_relay(); }}'
    )
    stage.invite()
    stage.answer("bob", stage.take("bob"), 486)
    assert stage.seen("alice") == ["100", "486"]


def test_edits_of_the_failure_route_are_for_its_branches() -> None:
    stage = Stage(
        f"""
        route {{ append_hf("X-All: 1\\r\\n"); t_on_failure("f"); t_on_branch("b"); $ru = "{BOB}"; t_relay(); }}
        branch_route[b] {{ append_hf("X-Branch: $T_branch_idx\\r\\n"); $rU = "b"; }}
        failure_route[f] {{ append_hf("X-Again: 1\\r\\n"); $ru = "{CAROL}"; t_relay(); }}
        """
    )
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 486)
    at_carol = stage.take("carol")
    names = ("x-all", "x-branch", "x-again")
    assert [at_bob.header(name) for name in names] == ["1", "0", None]
    assert [at_carol.header(name) for name in names] == ["1", "1", "1"]
    assert (at_bob.uri, at_carol.uri) == ("sip:b@192.0.2.2", "sip:b@192.0.2.3")
    assert at_bob.top_via.branch != at_carol.top_via.branch


def test_nobody_waits_for_a_minor_branch() -> None:
    stage = Stage(
        f"""
        modparam("tm", "minor_branch_flag", "MINOR")
        route {{ t_on_branch("b"); {FORK} t_relay(); }}
        branch_route[b] {{ if ($T_branch_idx == 1) setbflag("MINOR"); }}
        """
    )
    stage.invite()
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("carol", at_carol, 183)
    stage.answer("bob", at_bob, 486)
    assert stage.seen("alice") == ["100", "183", "486"]
    assert stage.seen("carol") == ["CANCEL"]


def test_the_others_go_on_if_the_caller_asks_for_it() -> None:
    stage = Stage(f'route {{ {FORK} t_relay("allow-no-cancel"); }}')
    stage.invite(headers="Request-Disposition: fork, no-cancel\n")
    at_bob, at_carol = stage.take("bob"), stage.take("carol")
    stage.answer("bob", at_bob, 180)
    stage.answer("carol", at_carol, 200)
    assert stage.seen("bob") == []


NAMED = """
modparam("tm", "fr_timeout", 2)
route { if ($rm == "ACK") exit; $du = "sip:two.example"; t_on_branch("b"); t_on_failure("f"); t_relay(FLAGS); }
branch_route[b] { append_hf("X-Branch: $T_branch_idx\\r\\n"); $rU = "to-" + $rU; }
failure_route[f] { xlog("$T_reply_code"); }
"""


def named(flags: str = "") -> Stage:
    stage = Stage(NAMED.replace("FLAGS", flags))
    stage.host.names["two.example"] = ("192.0.2.2", "192.0.2.3")
    stage.invite()
    return stage


def test_the_next_address_of_a_name_is_tried_if_the_first_is_dead_or_out_of_service() -> None:
    stage = named()
    stage.let(2.1)
    at_carol = stage.take("carol")
    assert (at_carol.uri, at_carol.header("x-branch")) == ("sip:to-bob@192.0.2.2", "1")
    stage.answer("carol", at_carol, 503)
    assert stage.log == ["408"]
    assert stage.seen("alice") == ["100", "408"]

    stage = named()
    stage.answer("bob", stage.take("bob"), 503)
    stage.answer("carol", stage.take("carol"), 200)
    assert stage.seen("alice") == ["100", "200"]
    stage.let(60)
    assert stage.leaks == (0, 0, 0)


def test_other_refusals_are_final() -> None:
    stage = named()
    stage.answer("bob", stage.take("bob"), 500)
    assert (stage.seen("alice"), stage.seen("carol")) == (["100", "500"], [])


def test_only_the_first_address_is_tried_on_demand() -> None:
    stage = named('"no-dns-failover"')
    stage.answer("bob", stage.take("bob"), 503)
    assert (stage.seen("alice"), stage.seen("carol")) == (["100", "500"], [])
