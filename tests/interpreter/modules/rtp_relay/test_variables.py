"""`$rtp_relay`, `$rtp_relay_peer`, `$rtp_relay_ctx`: who is meant where, inheritance, indexes, both targets."""

from __future__ import annotations

import pytest

from .lab import ENGAGED, Lab, is_relayed, sdp

SHOWN = 'xlog("[$rtp_relay] [$rtp_relay_peer]\\n");'


def options(command: str) -> str:
    """The option letters of a command to rtpproxy, without payload types."""
    return command.split()[0][1:].partition("c0")[0]


def test_row_8_a_branch_keeps_what_it_does_not_change() -> None:
    branch = 'branch_route[each] { if ($T_branch_idx == 1) $(rtp_relay(ip)) = "198.51.100.9"; }'
    lab = Lab(f'$rtp_relay_peer(iface) = "e"; t_on_branch("each"); {ENGAGED}', more=branch, to="bob carol")
    lab.invite(sdp("alice"))
    assert "c=IN IP4 198.51.100.9" in lab.take("carol", "INVITE").body
    assert [options(each) for each in lab.wire.commands] == ["E", "E"]


def test_row_9_an_index_tunes_a_branch_and_never_becomes_a_tag() -> None:
    lab = Lab(f'$(rtp_relay(iface)[1]) = "i"; {ENGAGED}', to="bob carol")
    lab.invite(sdp("alice"))
    at_carol = lab.take("carol", "INVITE")
    assert [options(each) for each in lab.wire.commands] == ["", "I"]
    lab.route = f"Route: {at_carol.header('record-route')}\n"
    lab.reply(at_carol, 200, "carol", sdp("carol"))
    lab.request("ACK", other="carol", tag="carol", cseq=1, route=lab.route)
    lab.request("INVITE", "carol", "alice", tag="alice", body=sdp("carol"), route=lab.route)
    assert is_relayed(lab.take("alice", "INVITE"))


def test_row_10_the_peer_may_be_set_first() -> None:
    lab = Lab(f'$rtp_relay_peer = "c"; $rtp_relay = "o"; {SHOWN} {ENGAGED}')
    lab.invite(sdp("alice"))
    assert "[o] [c]" in lab.log


def test_row_12_four_branches_keep_what_is_for_all() -> None:
    lab = Lab(f'$rtp_relay_peer(peer) = "i"; {ENGAGED}', to="bob carol dave erin")
    lab.invite(sdp("alice"))
    assert [options(each) for each in lab.wire.commands] == ["I"] * 4


@pytest.mark.parametrize(("target", "own"), [("4.0", "for-callee"), ("3.2", "for-caller")])
def test_whom_a_branch_route_means_depends_on_the_target(target: str, own: str) -> None:
    branch = f'branch_route[each] {{ {SHOWN} $rtp_relay(iface) = "i"; }}'
    initial = f'$rtp_relay = "for-caller"; $rtp_relay_peer = "for-callee"; t_on_branch("each"); {ENGAGED}'
    lab = Lab(initial, more=branch, target=target)
    lab.invite(sdp("alice"))
    assert any(line.startswith(f"[{own}]") for line in lab.log)
    assert "I" in options(lab.wire.commands[0])


def test_the_parameter_wins_over_the_target() -> None:
    branch = f"branch_route[each] {{ {SHOWN} }}"
    setting = 'modparam("rtp_relay", "branch_scope", "3.2")'
    lab = Lab(f'$rtp_relay = "own"; t_on_branch("each"); {ENGAGED}', more=branch, settings=setting)
    lab.invite(sdp("alice"))
    assert "[own] []" in lab.log


def test_fields_and_tags_may_be_named_by_variables() -> None:
    inside = '$var(f) = "ip"; $var(t) = "bob"; $(rtp_relay($var(f))[$var(t)]) = "198.51.100.1";'
    inside += 'xlog("ip $(rtp_relay(ip)[bob])\\n");'
    lab = Lab(inside=inside).establish()
    assert "ip 198.51.100.1" in lab.log


def test_an_unknown_tag_reads_as_null_and_cannot_be_set() -> None:
    lab = Lab(inside='$var(t) = "nobody"; if ($(rtp_relay[$var(t)]) == NULL) xlog("none\\n");').establish()
    assert "none" in lab.log


def test_values_that_a_request_sets_stay() -> None:
    lab = Lab(inside='if (is_method("INVITE")) $rtp_relay(iface) = "e";').establish()
    lab.inside("INVITE", body=sdp("alice"), cseq=20)
    lab.reply(lab.take("bob", "INVITE"), 200, body=sdp("bob"))
    lab.inside("ACK", cseq=20)
    lab.inside("UPDATE", body=sdp("alice"), cseq=21)
    assert options(lab.wire.commands[-1]) == "E"


def test_row_18_a_to_tag_of_the_script_wins() -> None:
    lab = Lab(f'$rtp_relay_ctx(to_tag) = "fixed"; {ENGAGED}').establish()
    assert lab.wire.commands[-1].endswith("alice;1 fixed;1")
    lab.hang_up()
    assert lab.wire.commands[-1] == "D call-1 alice fixed"


def test_row_20_a_participant_may_be_disabled_in_mid_call_and_enabled_again() -> None:
    toggle = 'if ($hdr(X-Relay) == "off") $rtp_relay(disabled) = 1;'
    toggle += 'if ($hdr(X-Relay) == "on") $rtp_relay(disabled) = 0;'
    lab = Lab(inside=toggle).establish()
    lab.request("INVITE", tag="bob", body=sdp("alice"), cseq=20, route=lab.route, headers="X-Relay: off\n")
    again = lab.take("bob", "INVITE")
    assert not is_relayed(again)
    assert lab.held() == []
    lab.reply(again, 200, body=sdp("bob"))
    lab.inside("ACK", cseq=20)
    lab.request("INVITE", tag="bob", body=sdp("alice"), cseq=21, route=lab.route, headers="X-Relay: on\n")
    again = lab.take("bob", "INVITE")
    assert is_relayed(again)
    lab.reply(again, 200, body=sdp("bob"))
    assert is_relayed([each for each in lab.got["alice"] if each.status == 200][-1])
    lab.hang_up()
    assert lab.held() == []


def test_row_21_the_type_is_not_for_rtpproxy() -> None:
    lab = Lab(f'$rtp_relay_peer(type) = "RTP/SAVP"; {ENGAGED}')
    lab.invite(sdp("alice"))
    assert options(lab.wire.commands[0]) == ""


def test_an_unset_value_of_the_context_is_null_and_clearing_succeeds() -> None:
    cleared = '$rtp_relay_ctx(flags) = "x"; $rtp_relay_ctx(flags) = NULL;'
    cleared += 'if ($rtp_relay_ctx(flags) == NULL) xlog("cleared\\n");'
    lab = Lab(cleared + ENGAGED)
    lab.invite(sdp("alice"))
    assert "cleared" in lab.log
