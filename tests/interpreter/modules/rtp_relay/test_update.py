"""`rtp_relay:list`, `rtp_relay:update` and `rtp_relay:update_callid` (rtp-relay.md 7)."""

from __future__ import annotations

import pytest

from relayscript.interpreter.management import CommandError

from .lab import RTPENGINE, RTPPROXY, SPARE, Answer, Lab, is_relayed, requests, sdp

FLAGS: dict[str, object] = {"callid": "call-1"}
NO_MATCH = "Named parameters do not match"
BAD_SIDE = "'caller' in 'flags' is not an object"


def accept(lab: Lab, alices: str = "", bobs: str = "") -> None:
    """Both sides accept the re-INVITE that they get."""
    first = lab.take("alice", "INVITE")
    assert is_relayed(first)
    lab.reply(first, 200, "alice", alices or sdp("alice"))
    lab.take("alice", "ACK")
    second = lab.take("bob", "INVITE")
    assert is_relayed(second)
    lab.reply(second, 200, "bob", bobs or sdp("bob"))
    lab.take("bob", "ACK")


def refused(answer: Answer) -> CommandError:
    """The error of a command."""
    assert isinstance(answer.error, CommandError)
    return answer.error


def test_an_update_negotiates_anew_and_says_how_many() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update")
    accept(lab)
    assert answer.result == "Sessions: 1"
    lab.hang_up()
    assert lab.held() == []


def test_row_25_a_new_set_moves_the_call() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update", engine="rtpproxy", set=1, new_set=2)
    accept(lab)
    assert answer.result == "Sessions: 1"
    (listed,) = lab.listed()
    assert listed["node"] == SPARE
    assert lab.host.relays.node(RTPPROXY).sessions() == []
    lab.hang_up()
    assert lab.held() == []


def test_a_call_moves_to_another_engine_with_other_settings() -> None:
    lab = Lab().establish()
    flags = '{"callee": {"type": "RTP/SAVP", "peer": 5}, "others": 1}'
    lab.manage("rtp_relay:update_callid", callid="call-1", engine="rtpengine", flags=flags)
    accept(lab)
    (listed,) = lab.listed()
    assert (listed["relay"], listed["node"]) == ("rtpengine", RTPENGINE)
    assert listed["callee"]["type"] == "RTP/SAVP"
    lab.inside("INVITE", body=sdp("alice"), cseq=20)
    again = lab.take("bob", "INVITE")
    assert is_relayed(again)
    assert again.cseq[0] == 21, "the re-INVITE of the update took a number"
    lab.reply(again, 200, body=sdp("bob"))
    lab.hang_up()
    assert lab.held() == []


@pytest.mark.parametrize("side", ["alice", "bob"])
def test_row_24_a_refused_update_leads_the_call_back(side: str) -> None:
    lab = Lab().establish()
    before = lab.listed()
    flags = '{"caller": {"flags": "o"}}'
    answer = lab.manage("rtp_relay:update_callid", callid="call-1", engine="rtpengine", flags=flags)
    if side == "bob":
        lab.reply(lab.take("alice", "INVITE"), 200, "alice", sdp("alice"))
        lab.take("alice", "ACK")
    lab.reply(lab.take(side, "INVITE"), 488, side)
    if side == "bob":
        back = lab.take("alice", "INVITE")
        assert "c=IN IP4 10.0.0.1" in back.body
        lab.reply(back, 200, "alice", sdp("alice"))
    error = refused(answer)
    assert (error.code, error.message, error.data) == (400, "Failed", "Sessions: 1")
    assert lab.host.relays.node(RTPENGINE).sessions() == []
    assert lab.listed() == before
    lab.hang_up()
    assert lab.held() == []


def test_an_update_that_the_relay_refuses_troubles_nobody() -> None:
    lab = Lab().establish()
    node = lab.host.relays.node(RTPPROXY)
    node.mood, node.reason = "refuses", "E2"
    error = refused(lab.manage("rtp_relay:update"))
    assert (error.code, error.message) == (400, "RTP Relay not available")
    assert not requests(lab.got["alice"])


def test_what_the_callee_answers_anew_is_told_to_the_relay() -> None:
    lab = Lab().establish()
    lab.manage("rtp_relay:update")
    accept(lab, bobs=sdp("bob", 6100))
    assert " 6100 " in lab.wire.commands[-1]


def test_a_second_update_of_a_call_is_refused_while_the_first_runs() -> None:
    lab = Lab().establish()
    first = lab.manage("rtp_relay:update_callid", callid="call-1")
    second = refused(lab.manage("rtp_relay:update_callid", callid="call-1"))
    assert second.data == "Command handler returned null"
    assert lab.manage("rtp_relay:update").result == "OK"
    accept(lab)
    assert first.result == "Sessions: 1"


def test_an_update_waits_for_a_re_invite_that_is_under_way() -> None:
    lab = Lab().establish()
    lab.inside("INVITE", body=sdp("alice", 5100), cseq=20)
    again = lab.take("bob", "INVITE")
    answer = lab.manage("rtp_relay:update")
    assert not requests(lab.got["alice"])
    lab.reply(again, 200, body=sdp("bob"))
    assert not requests(lab.got["alice"]), "not before the ACK"
    lab.inside("ACK", cseq=20)
    accept(lab, alices=sdp("alice", 5100))
    assert answer.result == "Sessions: 1"


def test_a_re_invite_waits_for_the_update_and_gets_a_higher_number() -> None:
    lab = Lab().establish()
    lab.manage("rtp_relay:update")
    lab.reply(lab.take("alice", "INVITE"), 200, "alice", sdp("alice"))
    lab.inside("INVITE", body=sdp("alice", 5100), cseq=20)
    second = lab.take("bob", "INVITE")
    assert not lab.got["bob"]
    lab.reply(second, 200, "bob", sdp("bob"))
    lab.take("bob", "ACK")
    late = lab.take("bob", "INVITE")
    assert late.cseq[0] > second.cseq[0]
    assert is_relayed(late)
    lab.reply(late, 200, body=sdp("bob"))
    assert lab.take("alice", "200").cseq[0] == 20


def test_the_end_of_the_call_ends_its_update_and_releases_both() -> None:
    lab = Lab().establish()
    answer = lab.manage("rtp_relay:update_callid", callid="call-1", engine="rtpengine")
    first = lab.take("alice", "INVITE")
    lab.hang_up()
    lab.reply(first, 200, "alice", sdp("alice"))
    assert refused(answer).message == "Failed"
    assert lab.held() == []


def test_row_32_the_calls_of_a_node_that_fails_go_to_another() -> None:
    both = f'modparam("rtpproxy", "rtpproxy_sock", "1 == {SPARE}") modparam("rtp_relay", "reanchor", 1)'
    lab = Lab(settings=both).establish()
    used = lab.listed()[0]["node"]
    lab.manage("rtpproxy:enable", url=used, enable=2)
    accept(lab)
    (listed,) = lab.listed()
    assert {used, listed["node"]} == {RTPPROXY, SPARE}


def test_many_updates_are_paced_and_logged() -> None:
    lab = Lab(settings='modparam("rtp_relay", "update_at_once", 2)')
    for number in range(5):
        lab.establish(f"call-{number}")
    answer = lab.manage("rtp_relay:update")
    assert len(requests(lab.got["alice"])) == 2
    for _ in range(5):
        accept(lab)
    assert answer.result == "Sessions: 5"
    assert "rtp_relay: 5 of 5 calls updated, 0 of them in vain" in lab.log


def test_the_list_gives_way_and_shows_the_latest_first() -> None:
    lab = Lab()
    for number in range(3):
        lab.establish(f"call-{number}")
    listed = lab.manage("rtp_relay_list").result
    assert [each["callid"] for each in listed] == ["call-2", "call-1", "call-0"]  # type: ignore[attr-defined]


def test_the_dialog_shows_its_relay() -> None:
    lab = Lab().establish()
    shown = lab.manage("dialog:list_ctx").result
    context = shown["Dialogs"][0]["context"]  # type: ignore[index]
    assert context["rtp_relay"]["relay"] == "rtpproxy"
    assert "callid" not in context["rtp_relay"]


@pytest.mark.parametrize(
    ("command", "params", "code", "message", "data"),
    [
        ("update_callid", {"callid": "nobody"}, 404, "RTP Relay session not found", None),
        ("update_callid", {"callid": "call-1", "engine": "x"}, 404, "unknown RTP  Relay engine", None),
        ("update", {"engine": "x"}, 404, "unknown RTP  Relay engine", None),
        ("list", {"engine": "x"}, 404, "unknown RTP  Relay engine", None),
        ("update_callid", {"callid": "call-1", "new_set": 1}, -32602, "Invalid params", NO_MATCH),
        ("update_callid", FLAGS | {"flags": '["caller"]'}, -32000, "Server error", "'flags' is not an object"),
        ("update_callid", FLAGS | {"flags": '{"caller": 1}'}, -32000, "Server error", BAD_SIDE),
    ],
)  # fmt: skip
def test_bad_commands_are_refused(
    command: str, params: dict[str, object], code: int, message: str, data: str | None
) -> None:
    lab = Lab().establish()
    error = refused(lab.manage(f"rtp_relay:{command}", **params))
    assert (error.code, error.message, error.data) == (code, message, data)


def test_row_41_malformed_flags_are_refused_with_the_position() -> None:
    lab = Lab().establish()
    error = refused(lab.manage("rtp_relay:update_callid", callid="call-1", flags='{"caller" = {}}'))
    assert error.code == -32000
    assert error.data is not None
    assert "column 11" in error.data
