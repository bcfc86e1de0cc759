"""Relaying, answering and their return codes, as dialogues."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError
from tests.interpreter.modules.stage import request

from .stage import BOB, CAROL, DAVE, Stage, follow_up

RELAY = f"""
route {{
    if (!t_check_trans()) xlog("new $rm");
    $du = "{BOB}";
    $var(rc) = t_relay();
    xlog("$rm $var(rc)");
}}
"""


def test_a_call_and_what_each_side_sees() -> None:
    stage = Stage(RELAY)
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 100)
    stage.answer("bob", at_bob, 180)
    stage.answer("bob", at_bob, 200)
    assert stage.seen("alice") == ["100", "180", "200"]
    stage.send(request("ACK", to_tag="bob"))
    stage.send(request("BYE", to_tag="bob", cseq=2))
    assert [shown.method for shown in stage.got["bob"]] == ["ACK", "BYE"]
    stage.answer("bob", stage.got["bob"][1], 200)
    assert stage.seen("alice") == ["200 BYE"]
    assert stage.statistic("UAS_transactions") == stage.statistic("inuse_transactions") == 2
    assert (stage.statistic("received_replies"), stage.statistic("relayed_replies")) == (4, 3)
    stage.let(6)
    assert stage.leaks == (0, 0, 0)
    assert stage.statistic("2xx_transactions") == 2


def test_a_retransmission_ends_the_script_and_gets_the_latest_answer() -> None:
    stage = Stage(RELAY)
    stage.invite()
    at_bob = stage.take("bob")
    stage.invite()
    stage.answer("bob", at_bob, 180)
    stage.invite()
    assert stage.seen("alice") == ["100", "100", "180", "180"]
    assert stage.seen("bob") == []
    assert stage.log == ["new INVITE", "INVITE 1"]


def test_a_retransmission_is_absorbed_by_t_relay_too() -> None:
    stage = Stage(f'route {{ $du = "{BOB}"; t_relay(); xlog("relayed"); }}')
    stage.invite(method="MESSAGE")
    stage.invite(method="MESSAGE")
    assert stage.seen("bob") == ["MESSAGE"]
    assert stage.log == ["relayed"]


def test_the_ack_to_a_refusal_ends_here() -> None:
    stage = Stage(RELAY)
    invite = stage.invite()
    stage.answer("bob", stage.take("bob"), 486)
    assert stage.seen("bob") == ["ACK"]
    stage.let(0.6)
    stage.ack(invite)
    stage.let(2)
    assert stage.seen("alice") == ["100", "486", "486"]
    assert stage.seen("bob") == []


@pytest.mark.parametrize("missing", ["From", "To", "Call-ID", "CSeq"])
def test_no_transaction_for_a_request_without_what_it_is_made_of(missing: str) -> None:
    stage = Stage(
        'route { $var(a) = t_newtran(); $var(b) = t_reply(200, "OK"); $var(c) = t_relay();'
        ' xlog("$var(a) $var(b) $var(c)"); }'
    )
    lines = [line for line in request("OPTIONS").split("\n") if not line.startswith(missing)]
    stage.send("\n".join(lines))
    assert stage.log[-1] == "-9 -1 -9"
    assert stage.leaks == (0, 0, 0)


TARGETS = [
    ("sip:", -4, "476"), ("sip:nobody.example", -4, "476"), ("sip:192.0.2.2;transport=tcp", -6, "477"),
    ("sips:192.0.2.2", -6, "477"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "code", "status"), TARGETS)
def test_what_cannot_be_sent_is_refused_and_counts_as_done(target: str, code: int, status: str) -> None:
    stage = Stage(
        f'route {{ if ($rm == "ACK") exit; $du = "{target}"; $var(rc) = t_relay(); xlog("$var(rc)"); }}'
    )
    stage.invite()
    assert stage.seen("alice") == ["100", status]
    assert stage.log[-1] == "1"
    stage.let(40)
    assert stage.leaks == (0, 0, 0)


@pytest.mark.parametrize(("target", "code", "status"), TARGETS)
def test_what_cannot_be_sent_is_left_to_the_script_on_demand(target: str, code: int, status: str) -> None:
    stage = Stage(f'route {{ $du = "{target}"; $var(rc) = t_relay("no-auto-477"); xlog("$var(rc)"); }}')
    stage.invite()
    assert stage.seen("alice") == ["100"]
    assert stage.log[-1] == str(code)
    stage.let(6)
    assert stage.leaks == (0, 0, 0)


def test_without_any_branch_left_there_is_no_destination() -> None:
    stage = Stage(
        f'route {{ $du = "{BOB}"; t_on_branch("b"); $var(rc) = t_relay("no-auto-477"); xlog("$var(rc)"); }}'
        " branch_route[b] { drop; }"
    )
    stage.invite()
    assert stage.log == ["-3"]


def test_a_proxy_takes_the_request_in_place_of_the_request_uri() -> None:
    stage = Stage('route { t_relay(, "udp:192.0.2.3:5060"); xlog("du=$du"); }')
    stage.invite()
    assert stage.seen("carol") == ["INVITE"]
    assert stage.log == ["du=<null>"]


def test_a_next_hop_of_its_own_is_stronger_than_the_proxy() -> None:
    stage = Stage(f'route {{ $du = "{DAVE}"; t_relay(, "udp:192.0.2.3:5060"); }}')
    stage.invite()
    assert (stage.seen("carol"), stage.seen("dave")) == ([], ["INVITE"])


def test_answers_of_the_script() -> None:
    stage = Stage(
        """
        route {
            if ($rm == "ACK") { $var(rc) = t_check_trans(); xlog("ack $var(rc)"); exit; }
            t_newtran();
            t_reply(183, "Early");
            append_to_reply("X-One: 1\\r\\n");
            t_reply_with_body(200, "OK", "hello");
            $var(rc) = t_reply(500, "Late");
            xlog("$var(rc)");
        }
        """
    )
    stage.invite()
    early, answer = stage.got["alice"][1:]
    assert (early.status, answer.status, answer.body, answer.header("x-one")) == (183, 200, "hello", "1")
    assert early.to_tag == answer.to_tag
    stage.send(request("ACK", to_tag=answer.to_tag))
    stage.send(request("ACK", to_tag="other"))
    assert stage.log == ["-1", "ack -2", "ack -1"]
    stage.let(6)
    assert stage.leaks == (0, 0, 0)
    stage.send(request("ACK", to_tag=answer.to_tag))
    assert stage.log[-1] == "ack -1"


def test_a_final_answer_of_the_script_cancels_what_is_open() -> None:
    stage = Stage(
        f"""
        route {{ $du = "{BOB}"; t_on_reply("r"); t_relay(); }}
        onreply_route[r] {{ xlog("$rs"); }}
        """
    )
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    (transaction,) = stage.tm.table.transactions()
    stage.call("tm:reply", code=480, reason="Gone", trans_id=transaction.token, to_tag="t")
    assert stage.seen("alice") == ["100", "180", "480"]
    assert stage.seen("bob") == ["CANCEL"]


def test_a_transaction_that_is_left_alone_ends() -> None:
    stage = Stage('route { t_newtran(); if ($rm == "INVITE") t_reply(180, "Ringing"); }')
    stage.invite("a", method="OPTIONS")
    stage.invite("b")
    stage.let(6)
    assert stage.statistic("inuse_transactions") == 1
    stage.let(120)
    assert stage.seen("alice")[:3] == ["100", "180", "408"]
    stage.let(40)
    assert stage.leaks == (0, 0, 0)


def test_an_answer_for_another_call() -> None:
    stage = Stage(
        """
        route {
            if ($rm == "INVITE") { t_newtran(); exit; }
            $var(a) = t_reply_by_callid(487, "Gone", "nothing", "1");
            $var(b) = t_reply_by_callid(487, "Gone", $ci, "1");
            xlog("$var(a) $var(b)");
        }
        """
    )
    stage.invite("c")
    stage.send(request("BYE", call_id="c", cseq=2))
    assert stage.seen("alice") == ["100", "487"]
    assert stage.log == ["-1 1"]


def test_header_lines_for_all_requests_of_a_transaction() -> None:
    stage = Stage(
        f"""
        route {{
            if ($rm == "CANCEL") {{ t_relay(); exit; }}
            t_newtran();
            t_add_hdrs("X-All: yes\\r\\n");
            $du = "{BOB}";
            t_relay();
        }}
        """
    )
    invite = stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.cancel(invite)
    stage.answer("bob", at_bob, 487)
    requests = [at_bob, *stage.got["bob"]]
    assert [(each.method, each.header("x-all")) for each in requests] == [
        ("INVITE", "yes"), ("CANCEL", "yes"), ("ACK", "yes")
    ]  # fmt: skip


def test_a_copy_of_a_request_and_its_answer_stay_unseen() -> None:
    stage = Stage(f'route {{ $du = "{BOB}"; t_relay(); t_replicate("{CAROL}"); }}')
    stage.invite(method="MESSAGE")
    stage.answer("carol", stage.take("carol"), 500)
    assert stage.seen("alice") == []
    stage.answer("bob", stage.take("bob"), 200)
    assert stage.seen("alice") == ["200 MESSAGE"]
    stage.let(6)
    assert stage.leaks == (0, 0, 0)


def test_copies_go_to_all_added_branches_too() -> None:
    stage = Stage(
        f'route {{ $du = "{BOB}"; t_relay(); append_msg_branch("{DAVE}"); t_replicate("{CAROL}", "no-dns-failover"); }}'
    )
    stage.invite(method="MESSAGE")
    assert [stage.seen(name) for name in ("bob", "carol", "dave")] == [["MESSAGE"]] * 3


def test_there_are_no_clusters() -> None:
    stage = Stage("route { t_anycast_replicate(); xlog($rc); }".replace("$rc", '"$rc"'))
    stage.invite()
    assert stage.log[-1] == "-1"
    with pytest.raises(ScriptError, match="no clusters"):
        Stage('modparam("tm", "tm_replication_cluster", 1) route { exit; }', "tm sl")
    Stage('modparam("tm", "tm_replication_cluster", 0) route { exit; }')


def test_flags_and_avps_go_with_the_transaction() -> None:
    stage = Stage(
        f"""
        route {{
            setflag("ONE"); $avp(x) = "kept"; $ru = "{BOB}"; setbflag("B");
            t_on_reply("r"); t_on_failure("f"); t_relay();
        }}
        onreply_route[r] {{
            xlog("reply avp=$avp(x) ru=$ru req=$(<request>ru)");
            if (isflagset("ONE")) xlog("flag one");
            if (isbflagset("B")) xlog("branch flag");
            setflag("TWO");
        }}
        failure_route[f] {{
            xlog("failure avp=$avp(x) ru=$ru reply=$(<reply>rs)");
            if (isflagset("TWO")) xlog("flag two");
            if (!isbflagset("B")) xlog("no branch flag");
        }}
        """
    )
    stage.send(request("INVITE", uri="sip:team@example.com"))
    stage.answer("bob", stage.take("bob"), 404)
    assert stage.log == [
        f"reply avp=<null> ru=<null> req={BOB}", "flag one", "branch flag",
        "failure avp=kept ru=sip:team@example.com reply=404", "flag two", "no branch flag",
    ]  # fmt: skip


def test_an_ack_to_a_success_follows_its_own_way() -> None:
    stage = Stage(RELAY)
    invite = stage.invite()
    stage.answer("bob", stage.take("bob"), 200)
    stage.send(follow_up(invite, "ACK", "bob"))
    assert stage.seen("bob") == ["ACK"]
