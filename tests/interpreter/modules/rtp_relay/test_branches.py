"""Settings of single branches: four of them, every way to name one, both targets, failed and late ones."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError

from .lab import ENGAGED, Lab, is_relayed, sdp

FOUR = "bob carol dave erin"


def offers(lab: Lab) -> list[str]:
    """The option letters of the offers, in the order of the branches."""
    sent = (each.split() for each in lab.wire.commands if each[0] == "U")
    letters = {words[1]: words[0][1:].partition("c0")[0] for words in sent}
    return [letters[name] for name in sorted(letters)]


def four(initial: str, target: str, branch: str = "") -> Lab:
    """An INVITE to four parties."""
    more = f"branch_route[each] {{ {branch} }}"
    lab = Lab(f'{initial} t_on_branch("each"); {ENGAGED}', more=more, to=FOUR, target=target)
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    return lab


@pytest.mark.parametrize(
    ("initial", "old", "new"),
    [
        ('$rtp_relay = "x";', "x x x x", "x x x x"),
        ('$(rtp_relay[*]) = "x";', "x x x x", "x x x x"),
        ('$(rtp_relay[1]) = "x";', "- x - -", "- - - -"),
        ('$(rtp_relay(peer)[1]) = "x";', "- - - -", "- x - -"),
        ('$(rtp_relay_peer(peer)[1]) = "x";', "- x - -", "- - - -"),
        ('$var(i) = 3; $(rtp_relay(peer)[$var(i)]) = "x";', "- - - -", "- - - x"),
        ('$rtp_relay_peer(peer) = "x";', "x x x x", "x x x x"),
        ('$rtp_relay_peer(peer) = "x"; $(rtp_relay(peer)[2]) = "y";', "x x x x", "x x y x"),
        ('$rtp_relay_peer(peer) = "x"; $(rtp_relay_peer(peer)[2]) = "y";', "x x y x", "x x x x"),
        ('$rtp_relay = "x"; $(rtp_relay[2]) = "y";', "x x y x", "x x x x"),
        ('$rtp_relay = "x"; $(rtp_relay[2]) = "y"; $(rtp_relay[2]) = NULL;', "x x x x", "x x x x"),
        ('$rtp_relay = "x"; $rtp_relay_peer(peer) = "y";', "xy xy xy xy", "xy xy xy xy"),
        ('$rtp_relay_ctx(flags) = "q"; $rtp_relay = "x"; $rtp_relay_peer(peer) = "y";', "qxy " * 4, "qxy " * 4),
    ],
)  # fmt: skip
def test_the_main_route_sets_all_or_one(initial: str, old: str, new: str) -> None:
    for target, expected in (("3.2", old), ("4.0", new)):
        assert offers(four(initial, target)) == expected.replace("-", "").split(" ")[:4]


@pytest.mark.parametrize(
    ("branch", "old", "new"),
    [
        ('$rtp_relay = "x";', ["", "", "x", ""], ["", "", "", ""]),
        ('$rtp_relay(peer) = "x";', ["", "", "", ""], ["", "", "x", ""]),
        ('$rtp_relay_peer(peer) = "x";', ["", "", "x", ""], ["", "", "", ""]),
        ('$rtp_relay_peer = "x";', ["", "", "", ""], ["", "", "x", "x"]),
        ('$rtp_relay_peer(iface) = "e";', ["", "", "E", ""], ["", "", "E", "E"]),
    ],
)
def test_a_branch_route_sets_its_branch_and_a_caller_for_those_after(
    branch: str, old: list[str], new: list[str]
) -> None:
    for target, expected in (("3.2", old), ("4.0", new)):
        assert offers(four("", target, f"if ($T_branch_idx == 2) {{ {branch} }}")) == expected


def test_a_caller_that_a_branch_route_disables_is_disabled_from_there_on() -> None:
    lab = four("", "4.0", "if ($T_branch_idx == 2) $rtp_relay_peer(disabled) = 1;")
    assert [each.split()[1] for each in lab.wire.commands] == ["call-1-0", "call-1-1"]


@pytest.mark.parametrize("target", ["3.2", "4.0"])
def test_every_route_reads_and_writes_whom_it_means(target: str) -> None:
    show = "[$rtp_relay(delete)] [$rtp_relay_peer(delete)]\\n"
    lab = Lab(
        f'$rtp_relay(delete) = "a"; $rtp_relay_peer(delete) = "b"; xlog("main {show}");'
        f't_on_branch("each"); t_on_reply("each"); t_on_failure("each"); {ENGAGED}',
        inside=f'xlog("in $rm {show}"); t_on_branch("later"); t_on_reply("later");',
        more=f"""
        branch_route[each] {{ xlog("branch {show}"); }}
        onreply_route[each] {{ xlog("reply {show}"); if ($rs == 200) $rtp_relay(delete) = "B"; }}
        failure_route[each] {{ xlog("failure {show}"); $ru = "sip:carol@192.0.2.3"; t_on_reply("each"); t_relay(); }}
        branch_route[later] {{ xlog("branch of $rm {show}"); }}
        onreply_route[later] {{ xlog("reply to $rm {show}"); }}
        """,
        target=target,
    )
    lab.reply(lab.invite(sdp("alice")), 486)
    lab.reply(lab.take("carol", "INVITE"), 200, "carol", sdp("carol"))
    lab.route = f"Route: {lab.take('alice', '200').header('record-route')}\n"
    for sender, other in (("alice", "carol"), ("carol", "alice")):
        lab.request("UPDATE", sender, other, tag=other, route=lab.route)
        lab.reply(lab.take(other, "UPDATE"), 200, other)
    in_branch = "[b] [a]" if target == "4.0" else "[a] [b]"
    assert lab.log == [
        "main [a] [b]", f"branch {in_branch}", "reply [b] [a]", "failure [a] [b]", f"branch {in_branch}",
        "reply [b] [a]", "in UPDATE [a] [B]", "branch of UPDATE [B] [a]", "reply to UPDATE [B] [a]",
        "in UPDATE [B] [a]", "branch of UPDATE [a] [B]", "reply to UPDATE [a] [B]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "variable", ["$rtp_relay(bogus)", "$(rtp_relay_peer(flag)[1])", "$rtp_relay_ctx(ip)", "$(rtp_relay(FLAGSS))"]
)
@pytest.mark.parametrize("statement", ['{} = "x";', 'if ({} == "x") exit;', 'xlog("{}\\n");'])
def test_a_field_that_does_not_exist_keeps_the_script_from_running(variable: str, statement: str) -> None:
    with pytest.raises(ScriptError, match="has no field"):
        Lab(statement.replace("{}", variable))


@pytest.mark.parametrize("field", ["ip", "IP", "Iface", "DISABLED", "delete", "body", "type", "peer", "flags"])
def test_fields_are_known_in_any_case(field: str) -> None:
    lab = Lab(f'$rtp_relay({field}) = 1; xlog("$rtp_relay({field.lower()})\\n"); {ENGAGED}')
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    assert lab.log[0] == ("disabled" if field == "DISABLED" else "1")


@pytest.mark.parametrize("index", ["-1", "$var(i)"])
def test_there_is_no_branch_below_0(index: str) -> None:
    lab = Lab(f'$var(i) = -2; $(rtp_relay[{index}]) = "x"; {ENGAGED}')
    lab.request("INVITE", body=sdp("alice"), cseq=1)
    assert "there is no participant" in lab.log[0]


def test_a_tag_may_be_set_something_for_before_anybody_has_it() -> None:
    lab = Lab(f'$(rtp_relay(iface)[carol]) = "e"; xlog("$(rtp_relay(iface)[carol])\\n"); {ENGAGED}', to="bob carol")
    lab.invite(sdp("alice"))
    lab.reply(lab.take("carol", "INVITE"), 180, "carol", sdp("carol"))
    assert lab.log == ["e"]
    assert lab.wire.commands[-1].startswith("LE")


def test_a_branch_after_a_failure_has_what_is_for_all_and_its_own() -> None:
    failed = '$rtp_relay_peer(peer) = "y"; $(rtp_relay(iface)[1]) = "i";'
    more = f'failure_route[next] {{ {failed} $ru = "sip:carol@192.0.2.3"; t_relay(); }}'
    lab = Lab(f'$rtp_relay = "x"; t_on_failure("next"); {ENGAGED}', more=more)
    lab.reply(lab.invite(sdp("alice")), 486)
    assert [each.split()[0] for each in lab.wire.commands] == ["Uxc0", "D", "UIxyc0"]
    lab.reply(lab.take("carol", "INVITE"), 200, "carol", sdp("carol"))
    assert is_relayed(lab.take("alice", "200"))


def test_late_branches_are_offered_by_whoever_answers() -> None:
    lab = Lab(ENGAGED, to="bob carol")
    lab.request("INVITE", cseq=1)
    lab.reply(lab.take("bob", "INVITE"), 183, body=sdp("bob"))
    at_carol = lab.take("carol", "INVITE")
    lab.reply(at_carol, 200, "carol", sdp("carol"))
    lab.request("ACK", other="carol", tag="carol", cseq=1, body=sdp("alice"),
                route=f"Route: {at_carol.header('record-route')}\n")  # fmt: skip
    verbs = [(each[0], each.split()[1]) for each in lab.wire.commands]
    assert verbs == [("U", "call-1-0"), ("U", "call-1-1"), ("D", "call-1-0"), ("L", "call-1-1")]
    assert lab.wire.commands[-1].endswith("carol;1 alice;1")
    assert is_relayed(lab.take("carol", "ACK"))


def test_the_body_of_a_late_caller_makes_it_an_early_one() -> None:
    lab = Lab(f'$rtp_relay(body) = "{sdp("alice").replace(chr(10), chr(92) + "r" + chr(92) + "n")}"; {ENGAGED}')
    lab.request("INVITE", cseq=1)
    invite = lab.take("bob", "INVITE")
    assert is_relayed(invite)
    lab.reply(invite, 200, body=sdp("bob"))
    assert is_relayed(lab.take("alice", "200"))
    assert [each[0] for each in lab.wire.commands] == ["U", "L"]
