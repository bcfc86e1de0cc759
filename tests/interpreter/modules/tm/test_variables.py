"""Variables of transactions and branches in every kind of route."""

from __future__ import annotations

import pytest

from .stage import BOB, CAROL, FORK, Stage


def test_of_the_transaction() -> None:
    stage = Stage(
        f"""
        route {{
            xlog("$T_id $T_reply_code $T_ruri $T_branch_idx");
            t_newtran();
            xlog("$T_reply_code $T_branch_idx");
            $ru = "{BOB}";
            t_on_branch("b"); t_on_reply("r"); t_on_failure("f");
            t_relay();
            xlog("$(T_branch_last_reply_code[0]) $T_branch_last_reply_code");
        }}
        branch_route[b] {{ xlog("branch $T_branch_idx $tm.branch.uri"); }}
        onreply_route[r] {{ xlog("reply $T_reply_code $T_ruri $T_branch_last_reply_code"); }}
        failure_route[f] {{ xlog("failure $T_reply_code $T_branch_idx $(T_branch_last_reply_code[*])"); }}
        """
    )
    stage.invite()
    at_bob = stage.take("bob")
    stage.answer("bob", at_bob, 180)
    stage.answer("bob", at_bob, 404)
    assert stage.log == [
        "<null> 0 <null> <null>", "100 <null>", "branch 0 <null>", "0 <null>",
        f"reply 180 {BOB} 0", f"reply 404 {BOB} 180", "failure 404 0 404",
    ]  # fmt: skip


def test_of_the_branches() -> None:
    stage = Stage(
        f"""
        route {{
            $ru = "{BOB}"; $du = "{BOB}"; $ru_q = 500; setbflag("F"); $(msg.branch.attr(a)[0]) = "one";
            append_msg_branch("{CAROL}");
            t_on_reply("r");
            t_relay();
        }}
        onreply_route[r] {{
            xlog("$tm.branch.uri $tm.branch.duri $tm.branch.q $tm.branch.path $tm.branch.socket $tm.branch.type");
            xlog("$tm.branch.flags $tm.branch.flag(F) $tm.branch.attr(a) $tm.branch.last_received");
            xlog("$(tm.branch.uri[1]) $(tm.branch.uri[-2]) $(tm.branch.uri[2]) $(tm.branch.uri[*])");
            $tm.branch.flag(F) = 0;
            $(tm.branch.attr(a)[1]) = "two";
            $tm.branch.attr(a) = NULL;
            xlog("$tm.branch.flag(F) $(tm.branch.attr(a)[*])");
            if (t_get_branch_idx_by_attr("a", "two", , $var(i))) xlog("index $var(i)");
            if (!t_get_branch_idx_by_attr("a", "one")) xlog("no one");
            if (!t_get_branch_idx_by_attr("a", , , , 2)) xlog("not from there");
        }}
        """
    )
    stage.invite()
    stage.answer("bob", stage.take("bob"), 180)
    assert stage.log == [
        f"{BOB} {BOB} 0.5 <null> udp:127.0.0.1:5060 sip", "F true one <null>",
        f"{CAROL} {BOB} <null> {BOB}, {CAROL}", "false two", "index 1", "no one", "not from there",
    ]  # fmt: skip


def test_values_of_a_branch() -> None:
    stage = Stage(
        f"""
        route {{ t_on_branch("b"); t_on_failure("f"); $bavp(x) = 1; xlog("$bavp(x)"); {FORK} t_relay(); }}
        branch_route[b] {{ $bavp(x) = $rd; $bavp(x) = "newer"; }}
        failure_route[f] {{ xlog("$bavp(x) $(bavp(x)[1]) $(bavp(x)[*])"); }}
        """
    )
    stage.invite()
    stage.answer("bob", stage.take("bob"), 486)
    stage.answer("carol", stage.take("carol"), 404)
    assert stage.log == ["<null>", "newer 192.0.2.3 newer, 192.0.2.3"]


def test_branches_counted_from_the_latest_attempt() -> None:
    stage = Stage(
        f"""
        route {{ $ru = "{BOB}"; t_on_failure("f"); t_relay(); }}
        failure_route[f] {{
            $ru = "{CAROL}"; t_on_reply("r"); t_on_branch("b");
            t_relay();
            xlog("$(tm.branch.last_received[0]) $(tm.branch.last_received[1])");
        }}
        branch_route[b] {{ $tm.branch.attr(a) = "x"; xlog("$tm.branch.uri $tm.branch.attr(a)"); }}
        onreply_route[r] {{
            xlog("$(tm.branch.uri[0]) $(tm.branch.uri[0/active]) $(tm.branch.uri[0/all]) $(tm.branch.uri[-1/active])");
            xlog("$(tm.branch.uri[1/active]) $(tm.branch.uri[0/some]) $(tm.branch.uri[x/all])");
        }}
        """
    )
    stage.invite()
    stage.answer("bob", stage.take("bob"), 404)
    stage.answer("carol", stage.take("carol"), 180)
    assert stage.log == [
        "<null> x", "404 <null>", f"{BOB} {CAROL} {BOB} {CAROL}", "<null> <null> <null>",
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "ended"), [(9.0, False), (11.0, True)])
def test_a_reply_route_changes_how_long_its_branch_may_ring(seconds: float, ended: bool) -> None:
    stage = Stage(
        f"""
        route {{ $ru = "{BOB}"; t_on_reply("r"); t_relay(); }}
        onreply_route[r] {{ if ($rs == 180) $T_fr_inv_timeout = 10; }}
        """
    )
    stage.invite()
    invite = stage.take("bob")
    stage.answer("bob", invite, 100)
    stage.let(50)
    stage.answer("bob", invite, 180)
    stage.let(seconds)
    assert ("408" in stage.seen("alice")) is ended
    assert ("CANCEL" in stage.seen("bob")) is ended
