"""Places that are out of order: the next one is tried (RFC 3263 4.3), or the caller is told."""

from __future__ import annotations

import pytest

from relayscript.interpreter.modules.tm.transaction import TransactionBranch
from tests.interpreter.modules.tm.stage import Stage

ZONE = """
_sip._udp.far.net. 60 IN SRV 10 1 5060 one.far.net.
_sip._udp.far.net. 60 IN SRV 20 1 5060 two.far.net.
one.far.net. 60 IN A 192.0.2.2
two.far.net. 60 IN A 192.0.2.3
only.far.net. 60 IN A 192.0.2.2
"""
RELAY = 'route { $ru = "sip:bob@far.net"; FIRST t_relay(ARGUMENTS); }'
BOB, CAROL = ("192.0.2.2", 5060), ("192.0.2.3", 5060)


def stage(first: str = "", arguments: str = "", globals: str = "", routes: str = "", script: str = RELAY) -> Stage:
    """Bob is the first place of far.net, carol the second."""
    routed = script.replace("FIRST", first).replace("ARGUMENTS", arguments)
    made = Stage(f'modparam("tm", "fr_timeout", 5)\n{globals}\n{routed}\n{routes}')
    made.host.zone.read(ZONE)
    return made


def test_a_503_leads_to_the_next_place_in_a_branch_of_its_own() -> None:
    on = stage()
    on.invite()
    sent = on.got["bob"][0]
    on.answer("bob", sent, 503)
    assert on.seen("bob") == ["INVITE", "ACK"]
    again = on.got["carol"][0]
    assert again.uri == sent.uri == "sip:bob@far.net"
    assert again.top_via.branch != sent.top_via.branch
    on.answer("carol", again, 200)
    assert on.seen("alice") == ["100", "200"]


def test_silence_leads_to_the_next_place() -> None:
    on = stage()
    on.invite()
    on.let(5)
    assert set(on.seen("bob")) == {"INVITE"}
    assert on.seen("carol") == ["INVITE"]
    on.let(40)
    assert set(on.seen("alice")) == {"100", "408"}
    on.let(40)
    assert on.leaks == (0, 0, 0)
    assert on.tm.table.sent_to(on.runtime.listeners[0], BOB, movable=True) == []


def test_a_place_that_rang_is_not_left_for_another() -> None:
    on = stage()
    on.invite()
    on.answer("bob", on.got["bob"][0], 180)
    on.let(60)
    assert on.seen("carol") == []


def test_a_datagram_that_comes_back_leads_to_the_next_place_at_once() -> None:
    on = stage()
    on.host.unreachable.add(BOB)
    on.invite()
    assert on.seen("carol") == ["INVITE"]


def test_if_all_come_back_the_last_one_is_asked_until_the_time_is_over() -> None:
    on = stage()
    on.host.unreachable |= {BOB, CAROL}
    on.invite()
    assert on.seen("alice") == ["100"]
    on.let(4)
    on.host.unreachable.clear()
    on.let(0.9)
    assert on.seen("carol") == []
    on.let(0.2)
    assert on.seen("alice") == ["408"]


@pytest.mark.parametrize(("arguments", "globals"), [('"no-dns-failover"', ""), ("", "disable_dns_failover=yes")])
def test_failover_can_be_switched_off(arguments: str, globals: str) -> None:
    on = stage(arguments=arguments, globals=globals)
    on.invite()
    on.answer("bob", on.got["bob"][0], 503)
    assert (on.seen("carol"), on.seen("alice")) == ([], ["100", "500"])


def test_an_address_has_no_other_place() -> None:
    on = stage('$du = "sip:192.0.2.2";')
    on.invite()
    on.answer("bob", on.got["bob"][0], 503)
    assert on.seen("alice") == ["100", "500"]


def test_a_cancelled_call_is_not_taken_elsewhere() -> None:
    on = stage()
    invite = on.invite()
    sent = on.got["bob"][0]
    on.answer("bob", sent, 180)
    on.cancel(invite)
    on.answer("bob", sent, 503)
    assert on.seen("carol") == []


def test_the_branch_route_runs_for_each_place() -> None:
    on = stage('t_on_branch("b");', routes='branch_route[b] { append_hf("X-Branch: $T_branch_idx\\r\\n"); }')
    on.invite()
    sent = on.got["bob"][0]
    on.answer("bob", sent, 503)
    assert [each.header("x-branch") for each in (sent, on.got["carol"][0])] == ["0", "1"]


def test_the_failure_route_runs_when_no_place_is_left() -> None:
    on = stage('t_on_failure("f");', routes='failure_route[f] { t_reply(480, "none"); }')
    on.invite()
    for name in ("bob", "carol"):
        on.answer(name, on.got[name][0], 503)
    assert on.seen("alice") == ["100", "480"]


def test_modules_learn_of_a_branch_that_was_lost() -> None:
    on = stage()
    ended: list[TransactionBranch] = []
    on.tm.on_created.append(lambda made, _: made.on_branch_end.append(lambda _, branch: ended.append(branch)))
    on.host.unreachable.add(BOB)
    on.invite()
    assert [(branch.index, branch.status) for branch in ended] == [(0, 477)]


# ---- connections


TCP = 'socket=tcp:127.0.0.1:5060\nloadmodule "proto_tcp.so"\n'


@pytest.mark.parametrize(("arguments", "heard"), [("", ["100", "477"]), ('"no-auto-477"', ["100", "500"])])
def test_a_place_to_which_no_connection_can_be_made(arguments: str, heard: list[str]) -> None:
    script = (
        'route { if (!t_relay(ARGUMENTS)) { xlog("code $rc\\n"); t_reply(500, "no"); } } failure_route[f] { exit; }'
    )
    on = stage(
        globals=TCP,
        arguments=arguments,
        script=f"{script}".replace("{ if", '{ $du = "sip:192.0.2.2;transport=tcp"; t_on_failure("f"); if', 1),
    )
    on.host.unreachable.add(BOB)
    on.invite()
    assert (on.seen("bob"), on.seen("alice")) == ([], heard)
    assert ("code -6" in on.log) == (arguments != "")


def test_the_next_connection_is_tried_before_anything_is_sent() -> None:
    on = stage('$ru = "sip:bob@near.net;transport=tcp";', globals=TCP)
    on.host.zone.read(ZONE.replace("_udp.far", "_tcp.near"))
    on.host.unreachable.add(BOB)
    on.invite()
    assert on.got["carol"][0].top_via.branch.endswith(".0")


def test_no_new_connection_where_the_branch_flag_says_so() -> None:
    on = stage('setbflag("OLD"); $du = "sip:192.0.2.2;transport=tcp";', globals=f"{TCP}tcp_no_new_conn_bflag=OLD")
    on.invite()
    assert (on.seen("bob"), on.seen("alice")) == ([], ["100", "477"])


# ---- blacklists


LIST = 'dst_blacklist=bad: { 192.0.2.2, (udp, 192.0.2.4, 5060, "^INVITE") }'


def test_a_forbidden_place_is_left_out() -> None:
    on = stage('use_blacklist("bad");', globals=LIST)
    on.invite()
    assert (on.seen("bob"), on.seen("carol")) == ([], ["INVITE"])


def test_if_all_places_are_forbidden_the_caller_is_told() -> None:
    on = stage('use_blacklist("bad"); $du = "sip:192.0.2.2";', globals=LIST)
    on.invite()
    assert (on.seen("bob"), on.seen("alice")) == ([], ["100", "473"])


@pytest.mark.parametrize(("method", "gets_there"), [("INVITE", False), ("OPTIONS", True)])
def test_a_rule_may_be_about_the_message(method: str, gets_there: bool) -> None:
    on = stage('use_blacklist("bad"); $du = "sip:192.0.2.4";', globals=LIST)
    on.invite(method=method)
    assert on.seen("dave") == ([method] if gets_there else [])


def test_a_list_in_use_by_default_acts_until_it_is_unused() -> None:
    flags = LIST.replace("bad:", "bad/default:")
    on = stage('$du = "sip:192.0.2.2";', globals=flags)
    on.invite()
    assert on.seen("alice") == ["100", "473"]
    on = stage('unuse_blacklist("bad"); $du = "sip:192.0.2.2";', globals=flags)
    on.invite()
    assert on.seen("bob") == ["INVITE"]


def test_a_branch_route_may_use_a_list() -> None:
    on = stage('t_on_branch("b");', globals=LIST, routes='branch_route[b] { use_blacklist("bad"); }')
    on.invite()
    assert on.seen("carol") == ["INVITE"]


def test_dead_places_are_remembered_for_a_while() -> None:
    on = stage(globals="disable_dns_blacklist=no")
    on.host.unreachable.add(BOB)
    on.invite()
    on.host.unreachable.clear()
    on.invite("call-2")
    assert (on.seen("bob"), on.seen("carol")) == ([], ["INVITE", "INVITE"])
    assert on.call("blacklists:list", name="dns") == {
        "Blacklists": [
            {
                "Name": "dns", "Flags": ["default", "expire", "readonly"],
                "Rules": [{"IP": "192.0.2.2/32", "Port": 5060, "Proto": "udp", "Match": "", "Expires": 240}],
            }
        ]
    }  # fmt: skip
    on.let(240)
    on.got["carol"].clear()
    on.invite("call-3")
    assert (on.seen("bob"), on.seen("carol")) == (["INVITE"], [])
