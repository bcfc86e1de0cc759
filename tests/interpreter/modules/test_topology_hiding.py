"""Calls whose sides do not see each other, with module dialog and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.modules.topology_hiding.contact import Options
from relayscript.interpreter.modules.topology_hiding.packing import Scheme, Target, pack, unpack
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr

from .stage import BOB, Proxy, reply, request

DIALOG = "tm sl rr sipmsgops dialog topology_hiding"
ALONE = "tm sl rr sipmsgops topology_hiding"
SCRIPT = """
route {
    if (has_totag()) {
        if (topology_hiding_match()) { xlog("$rm ru=$ru du=$du callid=$TH_callee_callid"); t_relay(); }
        else { xlog("$rm is unknown"); send_reply(481, "Unknown"); }
        exit;
    }
    %s
    $du = "sip:192.0.2.2";
    t_relay();
}
"""
WITH_DIALOG = SCRIPT.replace("send_reply", "sl_send_reply") % 'create_dialog(); $var(rc) = topology_hiding("%s", "%s");'
WITHOUT = SCRIPT.replace("send_reply", "sl_send_reply") % 'topology_hiding("%s", "%s");'
UPSTREAM = "Record-Route: <sip:192.0.2.1:5060;lr>\n"


class Call:
    """A call through a script that hides: what bob and alice got, and requests inside it."""

    def __init__(self, script: str, modules: str, flags: str = "", users: str = "", headers: str = "") -> None:
        self.proxy = Proxy(script % (flags, users), modules)
        self.proxy.send(request("INVITE", headers=headers))
        self.invite = self.proxy.take("bob")
        self.proxy.send(reply(self.invite, 200, headers="Record-Route: <sip:192.0.2.2:5060;lr>\n"), BOB)
        assert self.proxy.take("alice").status == 100
        self.ok = self.proxy.take("alice")

    def bye_of_alice(self) -> Message:
        """Alice hangs up: the BYE that bob gets."""
        self.proxy.send(request("BYE", uri_in(self.ok), to_tag="bob", cseq=2))
        return self.proxy.take("bob")

    def bye_of_bob(self) -> Message:
        """Bob hangs up: the BYE that alice gets."""
        call_id = self.invite.call_id
        text = request("BYE", uri_in(self.invite), sender="bob", to_tag="alice", call_id=call_id)
        self.proxy.send(text, BOB)
        return self.proxy.take("alice")


def uri_in(message: Message) -> str:
    """The URI of a message's Contact."""
    return parse_nameaddr(message.header("contact") or "").uri


def shows(message: Message, *secrets: str) -> list[str]:
    """Which of these texts can be read in a message."""
    text = "\n".join([message.first_line, *message.lines])
    return [each for each in secrets if each in text]


@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_nobody_sees_the_other_side(script: str, modules: str) -> None:
    call = Call(script, modules, headers=UPSTREAM)
    assert shows(call.invite, "192.0.2.1") == []
    assert call.invite.headers("via") == [call.invite.header("via")]
    assert shows(call.ok, "192.0.2.2") == []
    assert call.ok.headers("record-route") == ["<sip:192.0.2.1:5060;lr>"]
    bye = call.bye_of_alice()
    assert (bye.uri, bye.headers("route")) == ("sip:bob@192.0.2.2", ["<sip:192.0.2.2:5060;lr>"])
    assert shows(bye, "192.0.2.1") == []
    call.proxy.send(reply(bye, 200), BOB)
    answer = call.proxy.take("alice")
    assert (answer.status, shows(answer, "192.0.2.2")) == (200, [])
    assert answer.top_via.host == "192.0.2.1"


@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_the_callee_reaches_the_caller(script: str, modules: str) -> None:
    call = Call(script, modules, headers=UPSTREAM)
    bye = call.bye_of_bob()
    assert (bye.uri, bye.headers("route")) == ("sip:alice@192.0.2.1", ["<sip:192.0.2.1:5060;lr>"])
    assert shows(bye, "192.0.2.2") == []


@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_users_in_contacts(script: str, modules: str) -> None:
    asked = (("",), ("U",), ("U", "both"), ("U", "/front"), ("U", "//back"), ("U", "/front/back"))
    calls = [Call(script, modules, *each) for each in asked]
    users = [
        [parse_nameaddr(each.header("contact") or "").parsed_uri.user for each in (call.invite, call.ok)]
        for call in calls
    ]
    assert users == [
        ["", ""], ["alice", "bob"], ["both", "both"], ["alice", "front"], ["back", "bob"], ["back", "front"],
    ]  # fmt: skip
    assert parse_nameaddr(calls[-1].bye_of_alice().header("contact") or "").parsed_uri.user == "back"


@pytest.mark.parametrize(("flags", "stays"), [("UaA", True), ("U", False)])
def test_the_same_contact_all_the_time(flags: str, stays: bool) -> None:
    """Both sides move on with other users in their contacts."""
    call = Call(WITH_DIALOG, DIALOG, flags)
    proxy, first = call.proxy, [call.invite.header("contact"), call.ok.header("contact")]
    moved = request("INVITE", uri_in(call.ok), to_tag="bob", cseq=2).replace("<sip:alice@", "<sip:alice2@")
    proxy.send(moved)
    again = proxy.take("bob")
    proxy.send(reply(again, 200).replace("<sip:bob@", "<sip:bob2@"), BOB)
    assert proxy.take("alice").status == 100
    second = [again.header("contact"), proxy.take("alice").header("contact")]
    assert (first == second) is stays


def test_a_redirection_is_not_hidden() -> None:
    """The caller has to go there."""
    proxy = Proxy(WITHOUT % ("", ""), ALONE)
    proxy.send(request("INVITE"))
    proxy.send(reply(proxy.take("bob"), 302, "Moved").replace("<sip:bob@192.0.2.2>", "<sip:bob@9.9.9.9>"), BOB)
    assert [each.status for each in proxy.got["alice"]] == [100, 302]
    assert proxy.got["alice"][-1].header("contact") == "<sip:bob@9.9.9.9>"


@pytest.mark.parametrize(
    ("script", "modules", "flags"), [(WITH_DIALOG, DIALOG, "C"), (WITH_DIALOG, DIALOG, ""), (WITHOUT, ALONE, "")]
)
def test_a_call_that_is_given_up(script: str, modules: str, flags: str) -> None:
    """The CANCEL has the Call-ID that the callee knows."""
    handles = 'route { if (is_method("CANCEL")) { t_relay(); exit; }'
    proxy = Proxy(script.replace("route {", handles, 1) % (flags, ""), modules)
    proxy.send(request("INVITE"))
    invite = proxy.take("bob")
    proxy.send(reply(invite, 180, "Ringing"), BOB)
    proxy.send(request("CANCEL").replace("aliceCANCEL", "aliceINVITE"))
    cancel = proxy.take("bob")
    assert (cancel.method, cancel.call_id) == ("CANCEL", invite.call_id)
    proxy.send(reply(cancel, 200), BOB)
    proxy.send(reply(invite, 487, "Terminated"), BOB)
    assert proxy.take("bob").method == "ACK"
    last = proxy.got["alice"][-1]
    assert (last.status, last.call_id, len(last.headers("via"))) == (487, "call-1", 1)


@pytest.mark.parametrize("method", ["UPDATE", "REFER", "NOTIFY", "INFO", "INVITE"])
@pytest.mark.parametrize(
    ("script", "modules", "flags"), [(WITH_DIALOG, DIALOG, "CD"), (WITH_DIALOG, DIALOG, ""), (WITHOUT, ALONE, "")]
)
def test_requests_of_both_sides(script: str, modules: str, flags: str, method: str) -> None:
    call = Call(script, modules, flags)
    proxy = call.proxy
    proxy.send(request(method, uri_in(call.ok), to_tag="bob", cseq=2))
    down = proxy.take("bob")
    assert (down.method, down.uri, down.call_id) == (method, "sip:bob@192.0.2.2", call.invite.call_id)
    assert shows(down, "192.0.2.1") == []
    proxy.send(request(method, uri_in(call.invite), sender="bob", to_tag="alice", call_id=call.invite.call_id), BOB)
    up = next(each for each in reversed(proxy.got["alice"]) if each.is_request)
    assert (up.method, up.uri, up.call_id) == (method, "sip:alice@192.0.2.1", "call-1")
    assert shows(up, "192.0.2.2") == []


@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_a_side_that_moves_is_reached_where_it_is(script: str, modules: str) -> None:
    call = Call(script, modules)
    proxy = call.proxy
    moved = request("INVITE", uri_in(call.ok), to_tag="bob", cseq=2).replace("<sip:alice@192", "<sip:alice2@192")
    proxy.send(moved)
    again = proxy.take("bob")
    proxy.send(reply(again, 200), BOB)
    proxy.got["alice"].clear()
    target = uri_in(again)
    proxy.send(request("BYE", target, sender="bob", to_tag="alice", call_id=again.call_id), BOB)
    assert proxy.take("alice").uri == "sip:alice2@192.0.2.1"


def test_without_a_dialog_the_call_id_stays() -> None:
    call = Call(WITHOUT, ALONE, "C")
    assert (call.invite.call_id, call.ok.call_id) == ("call-1", "call-1")
    assert call.bye_of_bob().call_id == "call-1"


def test_a_hidden_call_id() -> None:
    script, modules = WITH_DIALOG, DIALOG
    call = Call(script, modules, "C")
    assert call.invite.call_id.startswith("DLGCH_")
    assert call.ok.call_id == "call-1"
    bye = call.bye_of_bob()
    assert bye.call_id == "call-1"
    call.proxy.got["bob"].clear()
    call.proxy.send(reply(bye, 200))
    assert call.proxy.take("bob").call_id == call.invite.call_id
    other = Call(script, modules, "C")
    assert other.bye_of_alice().call_id == other.invite.call_id


def test_the_script_can_ask_for_the_hidden_call_id() -> None:
    call = Call(WITH_DIALOG, DIALOG, "C")
    call.bye_of_alice()
    assert call.proxy.log[-1].endswith(f"callid={call.invite.call_id}")


def test_a_bye_of_the_proxy_has_the_call_id_that_each_side_knows() -> None:
    call = Call(WITH_DIALOG, DIALOG, "C")
    call.proxy.call("dialog:end_dlg", dialog_id="call-1")
    assert [call.proxy.take(name).call_id for name in ("alice", "bob")] == ["call-1", call.invite.call_id]


def test_the_dialog_as_user() -> None:
    call = Call(WITH_DIALOG, DIALOG, "D")
    assert "did=" not in uri_in(call.ok)
    assert call.bye_of_alice().uri == "sip:bob@192.0.2.2"


def test_a_refusal_finds_its_way() -> None:
    proxy = Proxy(WITH_DIALOG % ("", ""), DIALOG)
    proxy.send(request("INVITE"))
    proxy.send(reply(proxy.take("bob"), 486, "Busy"), BOB)
    assert proxy.take("alice").status == 100
    busy = proxy.take("alice")
    assert (busy.status, busy.top_via.host) == (486, "192.0.2.1")


def test_a_caller_behind_nat_gets_its_answers() -> None:
    """The Via that is put back says where the request came from."""
    proxy = Proxy(WITHOUT % ("", ""), ALONE)
    proxy.send(request("INVITE").replace("UDP 192.0.2.1:5060;", "UDP 10.0.0.1:9;rport;"))
    invite = proxy.take("bob")
    assert len(invite.headers("via")) == 1
    proxy.send(reply(invite, 200), BOB)
    via = proxy.got["alice"][-1].top_via
    assert (via.host, via.received, via.rport) == ("10.0.0.1", "192.0.2.1", "5060")
    uri = uri_in(proxy.got["alice"][-1])
    proxy.send(request("ACK", uri, to_tag="bob").replace("UDP 192.0.2.1:5060;", "UDP 10.0.0.1:9;rport;"))
    assert shows(proxy.take("bob"), "10.0.0.1", "192.0.2.1") == []


@pytest.mark.parametrize("uri", ["sip:127.0.0.1:5060;thinfo=AAAA", "sip:127.0.0.1:5060", "sip:127.0.0.1;did=1.2"])
@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_requests_of_nobody(script: str, modules: str, uri: str) -> None:
    proxy = Proxy(script % ("", ""), modules)
    proxy.send(request("BYE", uri, to_tag="bob"))
    assert proxy.take("alice").status == 481


def test_a_dialog_that_is_not_hidden_is_not_matched() -> None:
    proxy = Proxy(SCRIPT.replace("send_reply", "sl_send_reply") % "create_dialog(); record_route();", DIALOG)
    proxy.send(request("INVITE"))
    proxy.send(reply(proxy.take("bob"), 200), BOB)
    proxy.send(request("BYE", to_tag="bob", cseq=2))
    assert proxy.got["alice"][-1].status == 481


@pytest.mark.parametrize(("act", "message"), [("X", "unknown flag"), ("", "malformed")])
def test_what_cannot_be_hidden(act: str, message: str) -> None:
    proxy = Proxy(f'route {{ $var(rc) = topology_hiding("{act}"); xlog("rc=$var(rc)"); }}', ALONE)
    proxy.send(request("INVITE").replace("<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.1>" if act else "<sip:alice@"))
    assert message in proxy.log[0]
    assert proxy.log[1] == "rc=-1"


def test_a_scheme_that_is_none() -> None:
    with pytest.raises(ScriptError, match="base64 or base32"):
        Proxy('modparam("topology_hiding", "th_contact_encode_scheme", "rot13")\nroute { exit; }', ALONE)


@pytest.mark.parametrize("flags", ["", "C", "UDaA"])
def test_a_hidden_call_outlives_the_server(flags: str) -> None:
    stored = 'modparam("dialog", "db_mode", 1) modparam("dialog", "db_url", "sqlite:///calls")\n'
    script, modules = stored + WITH_DIALOG, f"{DIALOG} db_sqlite"
    call = Call(script, modules, flags)
    call.proxy.send(request("ACK", uri_in(call.ok), to_tag="bob"))
    assert call.proxy.take("bob").method == "ACK"
    call.proxy.host.pass_time(0.01)  # the dialog is written
    call.proxy = Proxy(script % (flags, ""), modules, host=call.proxy.host.successor())
    info = request("INFO", uri_in(call.ok), to_tag="bob", cseq=2)
    call.proxy.send(info)
    got = call.proxy.take("bob")
    assert (got.uri, got.call_id) == ("sip:bob@192.0.2.2", call.invite.call_id)
    assert shows(got, "192.0.2.1") == []
    bye = call.bye_of_bob()
    assert (bye.call_id, shows(bye, "192.0.2.2")) == ("call-1", [])


# ---- packing

LINE = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)


@given(LINE, st.lists(LINE, max_size=3), LINE, st.booleans(), st.sampled_from(["base64", "base32"]), LINE)
def test_a_target_comes_back(
    uri: str, routes: list[str], socket: str, is_callee: bool, scheme: str, password: str
) -> None:
    target, how = Target(uri, tuple(routes), socket, "U//", is_callee), Scheme(scheme, password)
    packed = pack(target, how)
    assert unpack(packed, how) == target
    assert packed.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=40), st.sampled_from(["base64", "base32"]))
def test_what_others_wrote_is_no_target(packed: str, scheme: str) -> None:
    assert unpack(packed, Scheme(scheme, "secret")) is None


@given(st.text("ab", max_size=3), st.text("ab", max_size=3), st.sets(st.sampled_from("UCDaA")))
def test_options_come_back(caller: str, callee: str, flags: set[str]) -> None:
    options = Options.read("".join(flags), f"/{caller}/{callee}")
    assert Options.parse(str(options)) == options
