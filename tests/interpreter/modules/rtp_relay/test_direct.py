"""Script functions of rtpproxy, rtpengine and mediaproxy, without rtp_relay (rtp-relay.md 10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import RTPENGINE, RTPPROXY, Lab, is_relayed, sdp

NG_OFFER = 'rtpengine_use_set(1); rtpengine_offer("replace-origin");'


def answered(lab: Lab) -> Lab:
    """Alice calls and bob answers."""
    invite = lab.invite(sdp("alice"))
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, body=sdp("bob"))
    lab.inside("ACK", cseq=1)
    return lab


def test_rtpproxy_offer_tells_node_and_media() -> None:
    lab = Lab('rtpproxy_offer("co", , 1, $var(node), $var(media)); xlog("$var(node) $var(media)\\n");')
    assert is_relayed(lab.invite(sdp("alice")))
    assert f"{RTPPROXY} 10.0.0.1:" in lab.log[-1]


def test_rtpproxy_works_on_a_body_in_a_variable() -> None:
    lab = Lab(
        '$var(b) = $rb; rtpproxy_offer("", "198.51.100.1", 1, , , $var(b)); xlog("$(var(b){sdp.line,c})\\n");'
    )
    assert not is_relayed(lab.invite(sdp("alice")))
    assert "c=IN IP4 198.51.100.1" in lab.log


def test_rtpproxy_functions_fail_without_description_or_relay() -> None:
    lab = Lab('if (!rtpproxy_offer("", , 1)) xlog("failed $rc\\n");')
    lab.invite()
    assert "failed -1" in lab.log


def test_rtpproxy_engage_follows_the_call_by_itself() -> None:
    lab = Lab('if (rtpproxy_engage("co", , 1)) xlog("engaged\\n");').establish()
    assert "engaged" in lab.log
    assert [each[0] for each in lab.wire.commands] == ["U", "L"]
    lab.inside("INVITE", "bob", sdp("bob", 6100), cseq=20)
    again = lab.take("alice", "INVITE")
    assert is_relayed(again)
    lab.reply(again, 200, "alice", sdp("alice", 5100))
    assert is_relayed(lab.take("bob", "200"))
    lab.hang_up()
    assert lab.held() == []


def test_rtpproxy_engage_waits_for_a_late_offer() -> None:
    lab = Lab('rtpproxy_engage("", , 1);')
    invite = lab.invite()
    lab.route = f"Route: {invite.header('record-route')}\n"
    lab.reply(invite, 200, body=sdp("bob"))
    assert is_relayed(lab.take("alice", "200"))
    lab.inside("ACK", body=sdp("alice"), cseq=1)
    assert is_relayed(lab.take("bob", "ACK"))
    assert [each[0] for each in lab.wire.commands] == ["U", "L"]


def test_rtpproxy_unforce_deletes_with_both_tags() -> None:
    lab = answered(Lab('rtpproxy_offer("", , 1);', inside='if (is_method("BYE")) rtpproxy_unforce(1);'))
    lab.inside("BYE")
    assert lab.wire.commands[-1] == "D call-1 alice bob"


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ('rtpproxy_stream2uac("hold", -1, 1)', "P-1 call-1 hold session alice;1 bob;1"),
        ('rtpproxy_stream2uas("hold", 2, 1)', "P2 call-1 hold session bob;1 alice;1"),
        ("rtpproxy_stop_stream2uac(1)", "S call-1 alice;1 bob;1"),
        ("rtpproxy_start_recording(1)", "R call-1 alice bob"),
        ('rtpproxy_start_recording(1, , , "udp:192.0.2.9:9000")', "C call-1 udp:192.0.2.9:9000 alice;1 bob;1"),
    ],
)  # fmt: skip
def test_rtpproxy_commands(call: str, command: str) -> None:
    lab = answered(Lab('rtpproxy_offer("", , 1);', inside=f'if (is_method("INFO")) {call};'))
    lab.inside("INFO")
    assert command in lab.wire.commands


def test_rtpproxy_notifications_end_calls_and_raise_events() -> None:
    event = (
        'event_route[E_RTPPROXY_DTMF] { xlog("digit $param(digit) of $param(id), $param(duration) ms\\n"); }'
    )
    lab = Lab(more=event).establish()
    module = lab.runtime.modules["rtpproxy"]
    (call,) = lab.module.calls.values()
    assert call.dialog is not None
    module._notified(b"Dccall-1 5 10 160 1\n", lambda data: None)  # type: ignore[attr-defined]
    module._notified(f"T{call.dialog.did}\nI\n".encode(), lambda data: None)  # type: ignore[attr-defined]
    lab.host.settle()
    assert "digit 5 of call-1, 160 ms" in lab.log
    lab.take("alice", "BYE")
    lab.take("bob", "BYE")
    assert lab.held() == []


def test_nodes_in_a_file_are_read_again(tmp_path: Path) -> None:
    nodes = tmp_path / "nodes"
    nodes.write_text("# ours\n1 == udp:10.0.0.7:22222\n")
    lab = Lab(settings=f'modparam("rtpproxy", "db_url", "file:{nodes}")\n')
    nodes.write_text("1 == udp:10.0.0.7:22222 udp:10.0.0.8:22222\n")
    assert lab.manage("rtpproxy:reload").result == "OK"
    shown = lab.manage("rtpproxy_show").result
    assert [each["url"] for each in shown[0]["Nodes"]] == ["udp:10.0.0.7:22222", "udp:10.0.0.8:22222"]  # type: ignore[index]


def test_rtpengine_offer_answer_delete() -> None:
    reply = "onreply_route[a] { rtpengine_use_set(1); rtpengine_answer(); }"
    end = 'if (is_method("BYE")) { rtpengine_use_set(1); if (rtpengine_delete()) xlog("deleted\\n"); }'
    lab = Lab(f'{NG_OFFER} t_on_reply("a");', inside=end, more=reply).establish()
    assert lab.host.relays.node(RTPENGINE).sessions()
    lab.hang_up()
    assert "deleted" in lab.log
    assert lab.held() == []


def test_rtpengine_manage_knows_what_to_do() -> None:
    reply = "onreply_route[a] { rtpengine_use_set(1); rtpengine_manage(); }"
    inside = 'rtpengine_use_set(1); rtpengine_manage(); t_on_reply("a");'
    lab = Lab(
        'rtpengine_use_set(1); rtpengine_manage(); t_on_reply("a");', inside=inside, more=reply
    ).establish()
    lab.hang_up()
    asked = [each.partition("7:command")[2] for each in lab.wire.commands]
    assert [each for each in asked if "query" not in each][:2] == ["5:offere", "6:answere"]
    assert lab.held() == []


def test_row_28_a_daemons_error_is_told_to_the_script() -> None:
    setting = 'modparam("rtpengine", "error_pv", "$avp(why)")'
    lab = Lab(f'{NG_OFFER} xlog("why: $avp(why)\\n");', settings=setting)
    node = lab.host.relays.node(RTPENGINE)
    node.mood, node.reason = "refuses", "Not today"
    lab.invite(sdp("alice"))
    assert "why: Not today" in lab.log


def test_rtpengine_answers_only_in_ack_and_prack() -> None:
    lab = Lab('rtpengine_use_set(1); if (!rtpengine_answer()) xlog("refused\\n");')
    lab.invite(sdp("alice"))
    assert "refused" in lab.log
    assert lab.wire.commands == []


def test_a_set_that_does_not_exist_cannot_be_used() -> None:
    lab = Lab('if (!rtpengine_use_set(7)) xlog("no set\\n"); $avp(s) = 9; if (!rtpengine_offer()) xlog("no offer\\n");',
              settings='modparam("rtpengine", "setid_avp", "$avp(s)")')  # fmt: skip
    lab.invite(sdp("alice"))
    assert {"no set", "no offer"} <= set(lab.log)


def test_the_notifications_of_rtpengine_are_events() -> None:
    event = 'event_route[E_RTPENGINE_NOTIFICATION] { xlog("$param(type) $param(volume)\\n"); }'
    lab = Lab(more=event)
    module = lab.runtime.modules["rtpengine"]
    for data in (b"nonsense", b"[1]", b'{"type": "DTMF", "volume": 8}'):
        module._notified(data, lambda answer: None)  # type: ignore[attr-defined]
    lab.host.settle()
    assert "DTMF 8" in lab.log


def test_teardown_ends_a_call() -> None:
    lab = Lab().establish()
    assert lab.manage("rtpengine:teardown", callid="nobody").result == "OK"
    assert lab.manage("rtpengine:teardown", callid="call-1").result == "OK"
    lab.take("bob", "BYE")
    assert lab.held() == []
