"""Calls as module dialog sees them: from INVITE to BYE, timeouts, management, renumbered requests."""

from __future__ import annotations

from typing import Any

import pytest

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.sip.dialog import Direction
from relayscript.sip.message import Message

from .stage import ALICE, BOB, Proxy, reply, request

MODULES = "tm sl rr sipmsgops dialog"
ALICES = "sip:alice@192.0.2.1"


def script(create: str = "create_dialog();", inside: str = "", more: str = "", settings: str = "") -> str:
    """A script that creates a dialog for each call and relays all there is."""
    return f"""
    {settings}
    route {{
        if (has_totag()) {{ loose_route(); {inside} t_relay(); exit; }}
        {create}
        record_route();
        t_relay();
    }}
    {more}
    """


class Call:
    """A call through a proxy, taken as far as its test wants."""

    def __init__(self, text: str) -> None:
        self.proxy = Proxy(text, MODULES)
        self.proxy.send(request("INVITE", cseq=7))
        self.invite = self.proxy.take("bob")
        module = self.proxy.runtime.module(DialogModule)
        assert module is not None
        self.module = module

    @property
    def dialog(self) -> Dialog:
        """The only dialog there is."""
        (found,) = self.module.table
        return found

    def answer(self, status: int = 200, body: str = "", headers: str = "") -> Call:
        """Bob answers."""
        self.proxy.send(reply(self.invite, status, "Whatever", headers, body), BOB)
        return self

    def confirm(self) -> Call:
        """Bob answers, alice acknowledges."""
        self.answer()
        self.alice("ACK", 7)
        self.proxy.got = {"alice": [], "bob": []}
        return self

    def routes(self) -> str:
        """The Route header that leads back through the proxy."""
        return f"Route: {self.invite.header('record-route')}\n"

    def alice(self, method: str, cseq: int) -> None:
        """Alice sends a request inside the dialog."""
        self.proxy.send(request(method, to_tag="bob", cseq=cseq, headers=self.routes()))

    def bob(self, method: str, cseq: int) -> None:
        """Bob sends a request inside the dialog."""
        text = request(method, ALICES, sender="bob", to_tag="alice", cseq=cseq, headers=self.routes())
        self.proxy.send(text, BOB)

    def take(self, party: str) -> Message:
        """What a party got next."""
        return self.proxy.take(party)


# ---- from beginning to end


def test_the_states_of_a_call() -> None:
    call = Call(
        script(
            'create_dialog(); dlg_on_answer("a"); dlg_on_hangup("h"); xlog("$DLG_status $DLG_dir $DLG_timeout");',
            'xlog("$rm $DLG_status $DLG_dir $DLG_end_reason");',
            """
            route[a] { xlog("answered $DLG_status"); }
            route[h] { xlog("over $DLG_status"); }
            event_route[E_DLG_STATE_CHANGED] { xlog("event $param(old_state)->$param(new_state) $param(callid)"); }
            """,
        )
    )
    call.answer(180).answer(200)
    call.alice("ACK", 7)
    call.bob("INFO", 1)
    call.alice("BYE", 8)
    assert call.proxy.log == [
        "1 downstream 43200",
        "event 1->2 call-1",
        "answered 3", "event 2->3 call-1",
        "ACK 4 downstream <null>", "event 3->4 call-1",
        "INFO 4 upstream <null>",
        "over 5", "BYE 5 downstream Downstream BYE", "event 4->5 call-1",
    ]  # fmt: skip


def test_the_hooks_of_a_call() -> None:
    call = Call(script())
    told: list[Any] = []
    dialog = call.dialog
    dialog.on_reply.append(lambda _, context: told.append(context.message.status))
    dialog.on_confirmed.append(lambda _: told.append("confirmed"))
    dialog.on_request.append(lambda _, context, downstream: told.append((context.message.method, downstream)))
    dialog.on_end.append(lambda _, reason, downstream: told.append((reason, downstream)))
    call.answer(180).answer(200)
    call.alice("ACK", 7)
    call.bob("BYE", 1)
    call.bob("BYE", 1)
    assert told == [
        180, 200, "confirmed", ("ACK", True), ("BYE", False), ("Upstream BYE", False),
    ]  # fmt: skip


def test_the_name_of_the_dialog_is_in_record_route() -> None:
    call = Call(script())
    assert f";did={call.dialog.did}>" in (call.invite.header("record-route") or "")


def test_a_retransmitted_invite_makes_no_second_dialog() -> None:
    call = Call(script())
    call.proxy.send(request("INVITE", cseq=7))
    assert call.proxy.runtime.statistics["dialog:processed_dialogs"] == 1


def test_only_an_initial_invite_creates_one() -> None:
    proxy = Proxy('route { create_dialog(); xlog("$rc"); }', MODULES)
    proxy.send(request("MESSAGE"))
    assert proxy.log[-1] == "-1"


def test_a_refused_call_has_failed() -> None:
    call = Call(script('create_dialog(); dlg_on_hangup("h");', more='route[h] { xlog("never"); }'))
    told: list[Any] = []
    call.dialog.on_end.append(lambda _, reason, downstream: told.append((reason, downstream)))
    call.answer(180).answer(486)
    assert told == [("486", None)]
    statistics = call.proxy.runtime.statistics
    assert (statistics["dialog:failed_dialogs"], statistics["dialog:early_dialogs"]) == (1, 0)
    assert call.proxy.log == []
    call.proxy.host.pass_time(60)
    assert list(call.module.table) == []


def test_both_sides_are_remembered() -> None:
    call = Call(script())
    sdp = "v=0\no=x\n"
    call.answer(200, sdp, "Record-Route: <sip:10.0.0.1;lr>\nContent-Type: application/sdp\n")
    callee = call.dialog.callee
    assert callee is not None
    assert (callee.tag, callee.contact) == ("bob", "sip:bob@192.0.2.2")
    assert call.dialog.sdp(Direction.UPSTREAM).startswith("v=0")
    assert str(call.dialog.callee_socket) == "udp:127.0.0.1:5060"


# ---- matching


@pytest.mark.parametrize(
    ("mode", "routed", "found"),
    [
        ("DID_ONLY", True, True), ("DID_ONLY", False, False), ("DID_FALLBACK", False, True),
        ("DID_NONE", True, True), ("NONSENSE", True, False),
    ],
)  # fmt: skip
def test_matching(mode: str, routed: bool, found: bool) -> None:
    inside = f'match_dialog("{mode}"); xlog("rc=$rc $DLG_status"); exit;'
    call = Call(f"route {{ if (has_totag()) {{ {inside} }} create_dialog(); record_route(); t_relay(); }}")
    call.answer()
    headers = call.routes() if routed else ""
    call.proxy.send(request("INFO", to_tag="bob", cseq=8, headers=headers))
    assert call.proxy.log[-1] == ("rc=1 3" if found else "rc=-1 <null>")


def test_a_stranger_is_not_matched() -> None:
    call = Call(script(inside='xlog("$DLG_status");')).confirm()
    call.proxy.send(request("INFO", to_tag="eve", cseq=8, headers=call.routes()))
    assert call.proxy.log[-1] == "<null>"


@pytest.mark.parametrize(
    ("cseq", "uri", "code"), [(8, "sip:bob@192.0.2.2", 1), (7, "sip:bob@192.0.2.2", -1), (8, "sip:x@x", -2)]
)
def test_validation(cseq: int, uri: str, code: int) -> None:
    call = Call(script(inside='validate_dialog(); xlog("$rc"); exit;')).confirm()
    call.proxy.send(request("INFO", uri, to_tag="bob", cseq=cseq, headers=call.routes()))
    assert call.proxy.log[-1] == str(code)


def test_a_request_is_sent_where_the_dialog_says() -> None:
    call = Call(script(inside='fix_route_dialog(); $du = "sip:192.0.2.2";'))
    call.answer(200, headers="Record-Route: <sip:10.0.0.1;lr>\n")
    call.proxy.got["bob"].clear()
    call.proxy.send(request("INFO", "sip:wrong@x", to_tag="bob", cseq=8, headers=call.routes()))
    got = call.take("bob")
    assert got.uri == "sip:bob@192.0.2.2"


# ---- values and flags


def test_values_and_flags() -> None:
    call = Call(
        script(
            """
            create_dialog(); $dlg_val(a) = 1; $dlg_val(b) = "x"; $var(v) = "kept";
            store_dlg_value("c", $var(v)); $dlg_val(b) = NULL; set_dlg_flag("F");
            """,
            """
            fetch_dlg_value("c", $var(c)); fetch_dlg_value("none", $var(n)); xlog("$rc $var(c) $dlg_val(a)");
            if (is_dlg_flag_set("F")) xlog("[$DLG_flags]");
            reset_dlg_flag("F"); if (!is_dlg_flag_set("F")) xlog("reset");
            if (test_and_set_dlg_flag("G", 0)) xlog("turned");
            if (test_and_set_dlg_flag("G", 0)) xlog("never");
            $DLG_flags = "H I"; xlog("[$DLG_flags]");
            """,
        )
    ).confirm()
    assert call.proxy.log == ["-1 kept 1", "[F]", "reset", "turned", "[H I]"]


def test_profiles() -> None:
    call = Call(
        script(
            """
            create_dialog(); set_dlg_profile("calls"); set_dlg_profile("kind", "voice");
            set_dlg_profile("kind", "video"); set_dlg_profile("none"); xlog("$rc");
            get_profile_size("kind", , $var(n)); get_profile_size("kind", "video", $var(v)); xlog("$var(n) $var(v)");
            if (is_in_profile("kind", "video")) xlog("video");
            unset_dlg_profile("kind", "video"); if (!is_in_profile("kind", "video")) xlog("no video");
            set_dlg_profile("kind", "text", 1); get_profile_size("kind", , $var(n)); xlog("$var(n)");
            """,
            settings="""
            modparam("dialog", "profiles_with_value", "kind ; other")
            modparam("dialog", "profiles_no_value", "calls")
            """,
        )
    )
    log = [line for line in call.proxy.log if "profile" not in line]
    assert log == ["-1", "2 1", "video", "no video", "1"]
    assert call.proxy.call("dialog:profile_get_values", profile="kind") == {
        "Profile": "kind", "Values": [{"value": "text", "count": 1}],
    }  # fmt: skip
    call.confirm().alice("BYE", 8)
    size = call.proxy.call("dialog:profile_get_size", profile="calls")
    assert isinstance(size, dict)
    assert size["Profile"]["count"] == 0


# ---- our own ends


def test_the_lifetime_ends_with_a_bye_to_both() -> None:
    call = Call(
        script(
            'create_dialog("bye-on-timeout"); $DLG_timeout = 20; dlg_on_timeout("t");',
            more='route[t] { xlog("expired $DLG_status"); } local_route { xlog("local $rm"); }',
            settings='modparam("dialog", "dlg_extra_hdrs", "X-Why: time\\r\\n")',
        )
    ).confirm()
    call.bob("INFO", 21)
    call.proxy.send(reply(call.take("alice"), 200), ALICE)
    call.proxy.got = {"alice": [], "bob": []}
    call.proxy.host.pass_time(19)
    assert call.proxy.got == {"alice": [], "bob": []}
    call.proxy.host.pass_time(1)
    to_alice, to_bob = call.take("alice"), call.take("bob")
    assert [(m.method, m.cseq[0], m.header("x-why")) for m in (to_alice, to_bob)] == [
        ("BYE", 22, "time"), ("BYE", 8, "time"),
    ]  # fmt: skip
    assert (to_alice.from_tag, to_alice.to_tag, to_alice.uri) == ("bob", "alice", ALICES)
    assert (to_bob.from_tag, to_bob.to_tag, to_bob.uri) == ("alice", "bob", "sip:bob@192.0.2.2")
    assert call.proxy.log == ["expired 4", "local BYE", "local BYE"]
    assert call.proxy.runtime.statistics["dialog:active_dialogs"] == 0


def test_without_the_flag_the_lifetime_ends_silently() -> None:
    call = Call(script("create_dialog(); $DLG_timeout = 20;")).confirm()
    told: list[Any] = []
    call.dialog.on_end.append(lambda _, reason, downstream: told.append((reason, downstream)))
    call.proxy.host.pass_time(20)
    assert told == [("Lifetime Timeout", None)]
    assert call.proxy.got == {"alice": [], "bob": []}


def test_a_new_timeout_counts_from_now() -> None:
    call = Call(script("create_dialog(); $DLG_timeout = 20;", "$DLG_timeout = 100;")).confirm()
    call.proxy.host.pass_time(99)
    assert not call.dialog.is_ended
    call.proxy.host.pass_time(1)
    assert call.dialog.is_ended


def test_management_ends_a_call() -> None:
    call = Call(script('create_dialog(); dlg_on_hangup("h");', more='route[h] { xlog("$DLG_end_reason"); }'))
    with pytest.raises(CommandError, match="not found"):
        call.proxy.call("dlg_end_dlg", dialog_id="nobody")
    call.confirm()
    assert call.proxy.call("dlg_end_dlg", dialog_id=call.dialog.did, extra_hdrs="X-By: me\r\n") == "OK"
    assert [call.take(party).header("x-by") for party in ("alice", "bob")] == ["me", "me"]
    assert call.proxy.log[-1] == "MI Termination"


def test_a_ping_that_finds_nobody_ends_the_call() -> None:
    call = Call(script('create_dialog("options-ping-callee");')).confirm()
    call.proxy.host.pass_time(30)
    ping = call.take("bob")
    assert (ping.method, ping.cseq[0]) == ("OPTIONS", 8)
    call.proxy.send(reply(ping, 200), BOB)
    call.proxy.host.pass_time(30)
    call.proxy.send(reply(call.take("bob"), 481, "Gone"), BOB)
    assert call.take("alice").method == "BYE"
    assert call.dialog.is_ended


def test_requests_after_a_ping_are_renumbered_and_their_replies_back() -> None:
    call = Call(script('create_dialog("options-ping-callee");')).confirm()
    call.proxy.host.pass_time(30)
    call.proxy.send(reply(call.take("bob"), 200), BOB)
    call.alice("INVITE", 8)
    again = call.take("bob")
    assert again.cseq == (9, "INVITE")
    call.proxy.send(reply(again, 200), BOB)
    assert [m.cseq for m in call.proxy.got["alice"]] == [(8, "INVITE"), (8, "INVITE")]
    call.alice("ACK", 8)
    assert call.take("bob").cseq == (9, "ACK")


# ---- lists and storing


def test_lists() -> None:
    call = Call(script('create_dialog(); $dlg_val(a) = 1; $dlg_val(b) = "x";')).confirm()
    call.module.on_list_context.append(lambda dialog, context: context.update(extra=dialog.call_id))
    (listed,) = call.proxy.call("dialog:list")["Dialogs"]  # type: ignore[index]
    assert (listed["state"], listed["callid"], listed["caller_tag"]) == (4, "call-1", "alice")
    assert listed["CALLEES"] == [
        {
            "callee_tag": "bob", "callee_contact": "sip:bob@192.0.2.2", "caller_cseq": "7",
            "callee_route_set": "", "callee_bind_addr": "udp:127.0.0.1:5060",
        }
    ]  # fmt: skip
    (listed,) = call.proxy.call("dialog:list_ctx", callid="call-1")["Dialogs"]  # type: ignore[index]
    assert listed["context"] == {"values": [{"b": "x"}, {"a": 1}], "profiles": [], "extra": "call-1"}
    assert call.proxy.call("dialog:list", index=1, counter=5) == {"count": 1, "Dialogs": []}
    assert call.proxy.call("dialog:push_var", dlg_val_name="c", dlg_val_value="y", DID=["call-1"]) == "OK"
    assert call.dialog.values["c"] == "y"


def test_another_dialog_can_be_worked_on() -> None:
    call = Call(
        script(
            """
            if (is_method("MESSAGE")) {
                load_dialog_ctx("call-1"); xlog("$rc $dlg_val(a)");
                unload_dialog_ctx(); xlog("$rc $dlg_val(a)");
                unload_dialog_ctx(); xlog("$rc");
                load_dialog_ctx("nobody"); xlog("$rc");
                exit;
            }
            create_dialog(); $dlg_val(a) = $ci;
            """
        )
    ).confirm()
    call.proxy.send(request("MESSAGE", call_id="call-2"))
    assert call.proxy.log == ["1 call-1", "1 <null>", "-1", "-1"]


@pytest.mark.parametrize("setting", ['"default_timeout", 0', '"rr_param", ""', '"dlg_match_mode", 3'])
def test_settings_that_are_none(setting: str) -> None:
    with pytest.raises(ScriptError, match="module dialog"):
        Proxy(f'modparam("dialog", {setting}) route {{ exit; }}', "tm sl rr dialog")
