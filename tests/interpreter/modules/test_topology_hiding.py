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
    plain, kept, wished = (Call(script, modules, *each) for each in (("",), ("U",), ("U", "/front/back")))
    users = [
        [parse_nameaddr(each.header("contact") or "").parsed_uri.user for each in (call.invite, call.ok)]
        for call in (plain, kept, wished)
    ]
    assert users == [["", ""], ["alice", "bob"], ["back", "front"]]
    assert parse_nameaddr(wished.bye_of_alice().header("contact") or "").parsed_uri.user == "back"


@pytest.mark.parametrize(("script", "modules"), [(WITH_DIALOG, DIALOG), (WITHOUT, ALONE)])
def test_a_hidden_call_id(script: str, modules: str) -> None:
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


@given(st.text("ab", max_size=3), st.text("ab", max_size=3), st.sets(st.sampled_from("UCD")))
def test_options_come_back(caller: str, callee: str, flags: set[str]) -> None:
    options = Options("U" in flags, "C" in flags, "D" in flags, caller, callee)
    assert Options.parse(str(options)) == options
