"""Requests that module dialog makes itself: pings, PRACKs, what management asks for, the end of races."""

from __future__ import annotations

from typing import Any

import pytest

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.management import CommandError, Management
from relayscript.sip.message import Message

from .stage import BOB, Proxy, reply, request
from .test_dialog import Call, script

OFFER, ANSWER, CHANGED = (f"v=0\r\no=- 1 {n} IN IP4 192.0.2.{n}\r\ns=-\r\nt=0 0\r\n" for n in (1, 2, 3))
TYPE = "Content-Type: application/sdp\n"
RELIABLE = "Require: 100rel\nRSeq: 5\n"


def flat(text: str) -> str:
    """A message with bare line feeds in its body too, as it is sent."""
    return text.replace("\r\n", "\n")


class MediaCall(Call):
    """A call with descriptions in INVITE and 200; the one in the 200 is changed by the script."""

    def __init__(self, create: str = "create_dialog();", settings: str = "", more: str = "") -> None:
        more = f"onreply_route[r] {{ {self.edit} }} {more}"
        text = script(f'{create} t_on_reply("r");', more=more, settings=settings)
        self.proxy = Proxy(text, "tm sl rr sipmsgops textops dialog")
        self.proxy.send(flat(request("INVITE", cseq=7, headers=TYPE, body=OFFER)))
        self.invite = self.proxy.take("bob")
        module = self.proxy.runtime.modules["dialog"]
        self.module: Any = module
        self.reply("bob", self.invite, 200, ANSWER)
        self.alice("ACK", 7)
        self.proxy.got = {"alice": [], "bob": []}

    edit = 'if ($rs == 200 && $rm == "INVITE") $sdp.line(s=) = "s=relayed";'

    def reply(self, party: str, to: Message, status: int = 200, body: str = "") -> None:
        """A party answers a request of ours."""
        text = reply(to, status, "Whatever", TYPE if body else "", body)
        source = BOB
        if party == "alice":
            text, source = text.replace("<sip:bob@192.0.2.2>", "<sip:alice@192.0.2.1>"), ("192.0.2.1", 5060)
        self.proxy.send(flat(text), source)


# ---- pings with re-INVITEs


def test_a_ping_with_a_re_invite_repeats_what_was_sent_last() -> None:
    call = MediaCall('create_dialog("reinvite-ping-caller,reinvite-ping-callee,options-ping-caller");')
    call.proxy.host.pass_time(299)
    assert call.proxy.got == {"alice": [], "bob": []}
    call.proxy.host.pass_time(1)
    to_alice, to_bob = call.take("alice"), call.take("bob")
    assert (to_alice.method, to_alice.cseq[0], to_alice.body) == ("INVITE", 1, ANSWER.replace("s=-", "s=relayed"))
    assert (to_bob.method, to_bob.cseq[0], to_bob.body) == ("INVITE", 8, OFFER)
    assert (to_alice.header("contact"), to_bob.header("contact")) == ("<sip:bob@192.0.2.2>", "<sip:alice@192.0.2.1>")
    call.reply("alice", to_alice, 200, OFFER)
    ack = call.take("alice")
    assert (ack.method, ack.cseq[0], ack.body) == ("ACK", 1, "")
    call.reply("bob", to_bob, 491)
    assert call.take("bob").method == "ACK"
    assert not call.dialog.is_ended
    call.alice("INFO", 8)
    assert call.take("bob").cseq[0] == 9


@pytest.mark.parametrize("status", [408, 481])
def test_a_re_invite_to_nobody_ends_the_call(status: int) -> None:
    call = MediaCall('create_dialog("r");')
    call.proxy.host.pass_time(300)
    call.reply("bob", call.take("bob"), status)
    assert call.take("alice").method == "BYE"
    assert call.dialog.end_reason == "ReINVITE Ping Timeout"


def test_a_lost_re_invite_ends_the_call_when_its_next_one_is_due() -> None:
    call = MediaCall('create_dialog("r");', 'modparam("dialog", "reinvite_ping_interval", 60)')
    call.proxy.host.pass_time(60)
    assert {each.method for each in call.proxy.got["bob"]} == {"INVITE"}
    call.proxy.host.pass_time(59)
    assert not call.dialog.is_ended
    call.proxy.host.pass_time(1)
    assert call.dialog.end_reason == "ReINVITE Ping Timeout"
    assert call.take("alice").method == "BYE"


# ---- PRACK


def prack_call(hangup: int = 0) -> Call:
    """A call that rings reliably."""
    call = Call(script('create_dialog("auto-prack");', settings=f"""
        modparam("dialog", "auto_prack_hangup_on_failure", {hangup})
        modparam("dialog", "auto_prack_fr_timeout", 2)
    """))  # fmt: skip
    return call.answer(183, headers=RELIABLE)


def test_a_reliable_reply_is_acknowledged_once() -> None:
    call = prack_call()
    prack = call.take("bob")
    assert (prack.method, prack.uri, prack.header("rack"), prack.cseq[0], prack.to_tag) == (
        "PRACK", "sip:bob@192.0.2.2", "5 7 INVITE", 8, "bob",
    )  # fmt: skip
    call.answer(183, headers=RELIABLE)
    assert call.proxy.got["bob"] == []
    call.answer(180, headers=RELIABLE.replace("5", "6"))
    assert call.take("bob").header("rack") == "6 7 INVITE"
    call.answer(180)
    assert call.proxy.got["bob"] == []


@pytest.mark.parametrize(("hangup", "final"), [(0, []), (1, [502])])
def test_a_prack_that_fails_may_end_the_call(hangup: int, final: list[int]) -> None:
    call = prack_call(hangup)
    call.proxy.send(reply(call.take("bob"), 500, "No"), BOB)
    assert [each.status for each in call.proxy.got["alice"] if each.status >= 200] == final
    lost = prack_call(hangup)
    lost.proxy.host.pass_time(2)
    assert [each.status for each in lost.proxy.got["alice"] if each.status >= 200] == final


# ---- races


def test_a_call_that_is_answered_while_it_is_cancelled_ends() -> None:
    cancel = 'if ($rm == "CANCEL") { t_relay(); exit; }'
    for early in (True, False):
        call = Call(script(f'{cancel} create_dialog("end-on-race-condition");'))
        call.answer(180)
        text = request("CANCEL", cseq=7).replace("bKaliceCANCEL", "bKaliceINVITE")
        for step in (call.answer, lambda: call.proxy.send(text)) if not early else (  # noqa: B023
            lambda: call.proxy.send(text), call.answer  # noqa: B023
        ):  # fmt: skip
            step()
        call.proxy.got = {"alice": [], "bob": []}
        call.proxy.host.pass_time(4)
        assert not call.dialog.is_ended
        call.proxy.host.pass_time(1)
        assert [call.take(party).method for party in ("alice", "bob")] == ["BYE", "BYE"]
        assert call.dialog.end_reason == "SIP Race Condition"


@pytest.mark.parametrize(("flags", "sent"), [("E", ["BYE"]), ("", [])])
def test_a_bye_before_the_answer_ends_the_call_too_if_the_script_wants_it(flags: str, sent: list[str]) -> None:
    call = Call(script(f'create_dialog("{flags}");')).answer(180)
    call.alice("BYE", 8)
    call.proxy.send(reply(call.take("bob"), 200), BOB)
    call.answer(200)
    call.proxy.got = {"alice": [], "bob": []}
    call.proxy.host.pass_time(5)
    assert [[each.method for each in call.proxy.got[party]] for party in ("alice", "bob")] == [sent, sent]


# ---- management


def test_a_ringing_call_is_ended_with_a_cancel() -> None:
    call = Call(script()).answer(180)
    assert call.proxy.call("dlg_end_dlg", dialog_id="call-1") == "OK"
    assert call.take("bob").method == "CANCEL"
    call.answer(487)
    assert call.proxy.got["alice"][-1].status == 487
    assert call.dialog.is_ended
    call.proxy.host.pass_time(60)
    assert call.proxy.host.timers.pending() == 0


def ask(call: Call, **params: object) -> list[Any]:
    """Send something by management; what it answers comes into the list."""
    told: list[Any] = []

    def run() -> None:
        told.append(Management(call.proxy.runtime).call("dlg_send_sequential", {"callid": "call-1", **params}))

    call.proxy.runtime.spawn(run)
    call.proxy.host.settle()
    return told


@pytest.mark.parametrize(
    ("params", "party", "kind", "body"),
    [
        ({}, "alice", None, ""),
        ({"mode": "callee", "body": "inbound"}, "bob", "application/sdp", OFFER),
        ({"mode": "caller", "body": "inbound"}, "alice", "application/sdp", ANSWER),
        ({"mode": "caller", "body": "outbound"}, "alice", "application/sdp", ANSWER.replace("s=-", "s=relayed")),
        ({"mode": "callee", "body": "custom:text/plain:a:b"}, "bob", "text/plain", "a:b"),
    ],
)
def test_a_request_by_management(params: dict[str, object], party: str, kind: str | None, body: str) -> None:
    call = MediaCall()
    told = ask(call, **params)
    sent = call.take(party)
    assert (sent.method, sent.header("content-type"), sent.body) == ("INVITE", kind, body)
    call.reply(party, sent, 200)
    assert told == [{"Code": 200, "Reason": "Whatever"}]
    assert call.take(party).method == "ACK"


def test_any_method_and_headers_by_management() -> None:
    call = MediaCall()
    headers = "Refer-To: <sip:carol@example.com>"
    told = ask(call, method="REFER", mode="callee", body="none", headers=headers)
    refer = call.take("bob")
    assert (refer.method, refer.header("refer-to")) == ("REFER", "<sip:carol@example.com>")
    call.reply("bob", refer, 603)
    assert told == [{"Code": 603, "Reason": "Whatever"}]


def test_a_challenge_asks_one_side_and_tells_the_other() -> None:
    call = MediaCall()
    told = ask(call, mode="challenge")
    first = call.take("alice")
    assert (first.method, first.body) == ("INVITE", "")
    call.reply("alice", first, 200, CHANGED)
    second = call.take("bob")
    assert (second.method, second.body, told) == ("INVITE", CHANGED, [])
    assert call.proxy.got["alice"] == []
    call.reply("bob", second, 200, ANSWER)
    assert [call.take("bob").method, told] == ["ACK", [{"Code": 200, "Reason": "Whatever"}]]
    ack = call.take("alice")
    assert (ack.method, ack.body) == ("ACK", ANSWER)
    assert call.dialog.caller.sdp == CHANGED


def test_a_challenge_with_an_offer_or_a_refusal() -> None:
    call = MediaCall()
    told = ask(call, mode="challenge-callee", body="outbound", method="UPDATE")
    first = call.take("bob")
    assert (first.method, first.body) == ("UPDATE", OFFER)
    call.reply("bob", first, 200, CHANGED)
    second = call.take("alice")
    assert (second.method, second.body) == ("UPDATE", CHANGED)
    call.reply("alice", second, 488)
    assert told == [{"Code": 488, "Reason": "Whatever"}]
    refused = ask(call, mode="challenge")
    call.reply("alice", call.take("alice"), 491)
    assert refused == [{"Code": 491, "Reason": "Whatever"}]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"callid": "nobody"}, 404),
        ({"callid": "call-1", "mode": "both"}, -32602),
        ({"callid": "call-1", "mode": "challenge", "method": "INFO"}, -32602),
        ({"callid": "call-1", "body": "some"}, -32602),
    ],
)
def test_what_management_cannot_send(params: dict[str, object], code: int) -> None:
    with pytest.raises(CommandError) as found:
        Management(MediaCall().proxy.runtime).call("dialog:send_sequential", params)
    assert found.value.code == code


# ---- from scripts


def test_a_re_invite_of_the_script_is_acknowledged() -> None:
    call = Call(script(inside='if ($rm == "INFO") dlg_send_sequential("INVITE", "callee", "v=0");')).confirm()
    call.alice("INFO", 8)
    invite = call.take("bob")
    assert (invite.method, invite.header("content-type"), invite.body) == ("INVITE", "application/sdp", "v=0")
    call.proxy.send(reply(invite, 200), BOB)
    assert [each.method for each in call.proxy.got["bob"]] == ["INFO", "ACK"]


@pytest.mark.parametrize(("arguments", "numbers"), [("", (10, 1)), ('"alice"', (9, 2)), ('"bob",3', (12, 1))])
def test_numbers_go_up_for_the_side_that_is_named(arguments: str, numbers: tuple[int, int]) -> None:
    call = Call(script(inside=f'if ($rm == "OPTIONS") {{ dlg_inc_cseq({arguments}); xlog("$rc"); }}')).confirm()
    call.alice("OPTIONS", 8)
    call.proxy.got = {"alice": [], "bob": []}
    call.alice("INFO", 9)
    call.bob("INFO", 1)
    assert (call.take("bob").cseq[0], call.take("alice").cseq[0]) == numbers
    assert call.proxy.log == ["1"]


def test_only_one_other_dialog_at_a_time() -> None:
    call = Call(
        script(
            """
            if ($rm == "MESSAGE") {
                load_dialog_ctx("call-1"); load_dialog_ctx("call-1"); xlog("$rc $DLG_did"); unload_dialog_ctx();
                load_dialog_ctx($hdr(X-Did)); xlog("$rc");
                load_dialog_ctx($hdr(X-Did), "did"); xlog("$rc"); unload_dialog_ctx();
                exit;
            }
            create_dialog();
            """
        )
    ).confirm()
    call.alice("BYE", 8)
    call.proxy.send(request("MESSAGE", call_id="call-2", headers=f"X-Did: {call.dialog.did}\n"))
    assert call.proxy.log == [f"-1 {call.dialog.did}", "-1", "1"]


@pytest.mark.parametrize("name", ["cachedb_url", "dialog_replication_cluster", "profile_replication_cluster"])
def test_nothing_is_shared_with_other_servers(name: str) -> None:
    value = '"redis://127.0.0.1/"' if name == "cachedb_url" else "1"
    with pytest.raises(ScriptError, match="share"):
        Proxy(script(settings=f'modparam("dialog", "{name}", {value})'), "tm sl rr sipmsgops dialog")
