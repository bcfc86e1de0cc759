"""What a proxy does in the name of a caller: another identity, other CSeq numbers, answers to challenges."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.modules.uac.hiding import pack, unpack
from relayscript.sip.digest import fields_of
from relayscript.sip.message import Message

from .stage import BOB, Proxy, reply, request

LOADS = "tm sl rr sipmsgops uac"
FLOW = """
route {
    if (has_totag()) { loose_route(); t_relay(); exit; }
    %s
    record_route();
    $du = "sip:192.0.2.2";
    t_relay();
}
"""
HIDDEN = "<sip:hidden@example.org>;tag=alice"
OWN = "<sip:alice@example.com>;tag=alice"


def answered(proxy: Proxy) -> tuple[Message, Message]:
    """A call that bob answers: the INVITE that he got, and the 200 that alice got."""
    proxy.send(request("INVITE"))
    invite = proxy.take("bob")
    proxy.send(reply(invite, 200), BOB)
    assert proxy.take("alice").status == 100
    return invite, proxy.take("alice")


def route_of(invite: Message) -> str:
    """The Record-Route of a request as a Route line."""
    return f"Route: {invite.header('record-route')}\n"


# ---- From and To


@pytest.mark.parametrize("password", ["", "secret"])
def test_from_is_hidden_all_the_time(password: str) -> None:
    setting = f'modparam("uac", "restore_passwd", "{password}")\n'
    proxy = Proxy(setting + FLOW % 'uac_replace_from(, "sip:hidden@example.org");', LOADS)
    invite, ok = answered(proxy)
    assert (invite.header("from"), ok.header("from")) == (HIDDEN, OWN)
    proxy.send(request("ACK", to_tag="bob", headers=route_of(invite)))
    assert proxy.take("bob").header("from") == HIDDEN
    info = request("INFO", "sip:alice@192.0.2.1", sender="bob", to_tag="alice", cseq=1, headers=route_of(invite))
    proxy.send(info.replace("sip:alice@example.com", "sip:hidden@example.org"), BOB)
    got = proxy.take("alice")
    assert got.header("to") == OWN


def test_to_is_hidden_and_keeps_its_tag() -> None:
    proxy = Proxy(FLOW % 'uac_replace_to("Robert", "sip:robert@example.net");', LOADS)
    invite, ok = answered(proxy)
    assert invite.header("to") == "Robert <sip:robert@example.net>"
    assert ok.header("to") == "<sip:bob@example.com>;tag=bob"


@pytest.mark.parametrize(
    ("display", "shown"),
    [('"Robot"', "Robot <sip:alice@example.com>;tag=alice"), ('""', OWN), ("", OWN)],
)
def test_the_name_alone(display: str, shown: str) -> None:
    invite, ok = answered(Proxy(FLOW % f'uac_replace_from({display}, "");', LOADS))
    assert invite.header("from") == ok.header("from") == shown
    assert "vsf" not in (invite.header("record-route") or "")


def test_with_a_dialog_nothing_is_in_the_route() -> None:
    act = 'create_dialog(); uac_replace_from(, "sip:hidden@example.org");'
    proxy = Proxy(FLOW % act, "tm sl rr sipmsgops dialog uac")
    invite, ok = answered(proxy)
    assert (invite.header("from"), ok.header("from")) == (HIDDEN, OWN)
    assert "vsf" not in (invite.header("record-route") or "")
    proxy.send(request("BYE", to_tag="bob", cseq=2, headers=route_of(invite)))
    assert proxy.take("bob").header("from") == HIDDEN


def test_from_stays_hidden_when_the_server_starts_again() -> None:
    stored = 'modparam("dialog", "db_mode", 1) modparam("dialog", "db_url", "sqlite:///calls")\n'
    script = stored + FLOW % 'create_dialog(); uac_replace_from(, "sip:hidden@example.org");'
    loads = "tm sl rr sipmsgops dialog db_sqlite uac"
    proxy = Proxy(script, loads)
    invite, _ = answered(proxy)
    proxy.send(request("ACK", to_tag="bob", headers=route_of(invite)))
    proxy.host.pass_time(0.01)  # the dialog is written
    proxy = Proxy(script, loads, host=proxy.host.successor())
    proxy.send(request("INFO", to_tag="bob", cseq=2, headers=route_of(invite)))
    info = proxy.take("bob")
    assert info.header("from") == HIDDEN
    proxy.send(reply(info, 200), BOB)
    assert proxy.take("alice").header("from") == OWN


def test_the_proxy_hangs_up_under_the_names_that_each_side_knows() -> None:
    act = 'create_dialog(); uac_replace_from(, "sip:hidden@example.org");'
    proxy = Proxy(FLOW % act, "tm sl rr sipmsgops dialog uac")
    answered(proxy)
    proxy.call("dialog:end_dlg", dialog_id="call-1")
    assert (proxy.take("bob").header("from"), proxy.take("alice").header("to")) == (HIDDEN, OWN)


def test_nothing_is_restored_if_not_wanted() -> None:
    setting = 'modparam("uac", "restore_mode", "none")\n'
    invite, ok = answered(Proxy(setting + FLOW % 'uac_replace_from(, "sip:hidden@example.org");', LOADS))
    assert (invite.header("from"), ok.header("from")) == (HIDDEN, HIDDEN)


def test_the_script_restores_by_itself() -> None:
    script = """
        modparam("uac", "restore_mode", "manual")
        route {
            if (has_totag()) {
                loose_route();
                $var(a) = uac_restore_from(); $var(b) = uac_restore_to();
                xlog("$var(a) $var(b)");
                t_relay(); exit;
            }
            uac_replace_from(, "sip:hidden@example.org"); record_route(); $du = "sip:192.0.2.2"; t_relay();
        }
    """
    proxy = Proxy(script, LOADS)
    invite, ok = answered(proxy)
    assert (invite.header("from"), ok.header("from")) == (HIDDEN, OWN)
    proxy.send(request("BYE", to_tag="bob", cseq=2, headers=route_of(invite)))
    bye = proxy.take("bob")
    assert bye.header("from") == HIDDEN
    assert proxy.log == ["1 -1"]
    proxy.send(reply(bye, 200), BOB)
    assert proxy.take("alice").header("from") == OWN


def test_requests_of_both_sides_are_left_alone_in_manual_mode() -> None:
    setting = 'modparam("uac", "restore_mode", "manual")\n'
    proxy = Proxy(setting + FLOW % 'uac_replace_from(, "sip:hidden@example.org");', LOADS)
    invite, _ = answered(proxy)
    proxy.send(request("BYE", to_tag="bob", cseq=2, headers=route_of(invite)))
    assert proxy.take("bob").header("from") == OWN


def test_a_mode_that_is_none() -> None:
    with pytest.raises(ScriptError, match="restore_mode"):
        Proxy('modparam("uac", "restore_mode", "maybe")\nroute { exit; }', LOADS)


def test_a_parameter_of_somebody_else_changes_nothing() -> None:
    proxy = Proxy(FLOW % "", LOADS)
    route = "Route: <sip:127.0.0.1;lr;ftag=alice;vsf=!!!>\n"
    proxy.send(request("BYE", to_tag="bob", headers=route))
    assert proxy.take("bob").header("from") == OWN


@given(
    st.text("sip:ab@.;=1", min_size=1, max_size=40),
    st.text("sip:ab@.;=1", min_size=1, max_size=40),
    st.text("xy\xff", max_size=5),
)
def test_either_uri_gives_the_other(one: str, other: str, password: str) -> None:
    packed = pack(one, other, password)
    if one != other:
        assert unpack(packed, one, password) == other
        assert unpack(packed, other, password) == one


@given(st.text(max_size=20), st.text("ab", max_size=20))
def test_no_parameter_breaks_it(packed: str, known: str) -> None:
    unpack(packed.encode("utf-8").decode("latin-1"), known, "")


# ---- CSeq


def test_the_number_goes_up_and_comes_down() -> None:
    proxy = Proxy(FLOW % "uac_inc_cseq(3);", LOADS)
    invite, ok = answered(proxy)
    assert (invite.header("cseq"), ok.header("cseq")) == ("4 INVITE", "1 INVITE")


def test_it_stays_in_its_bounds() -> None:
    proxy = Proxy('route { $var(rc) = uac_inc_cseq(2000000000); xlog("$var(rc)"); }', LOADS)
    proxy.send(request("OPTIONS", cseq=2_000_000_000))
    assert proxy.log == ["-1"]


# ---- credentials

AUTH = """
modparam("uac_auth", "credential", "alice:example.com:secret")
modparam("uac_auth", "auth_realm_avp", "$avp(realm)")
modparam("uac_auth", "auth_username_avp", "$avp(user)")
modparam("uac_auth", "auth_password_avp", "$avp(password)")
route {
    if (has_totag()) { loose_route(); t_relay(); exit; }
    %s
    record_route();
    $du = "sip:192.0.2.2";
    t_on_failure("challenged");
    t_relay();
}
failure_route[challenged] {
    $var(rc) = uac_auth(%s);
    xlog("rc=$var(rc)");
    if ($var(rc) > 0) t_relay();
}
"""


def challenged(proxy: Proxy, status: int, *challenges: str) -> Message:
    """Bob challenges the INVITE of alice; what he gets next."""
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    proxy.send(request("INVITE"))
    lines = "".join(f"{name}: {each}\n" for each in challenges)
    proxy.send(reply(proxy.take("bob"), status, "Who", headers=lines), BOB)
    assert proxy.take("bob").method == "ACK"
    return proxy.take("bob")


def test_a_challenge_is_answered() -> None:
    proxy = Proxy(AUTH % ("", ""), "tm sl rr sipmsgops uac uac_auth")
    again = challenged(proxy, 401, 'Digest realm="example.com", nonce="n", qop="auth"')
    fields = fields_of(again.header("authorization") or "")
    assert fields is not None
    assert (fields["username"], fields["uri"], fields["nc"]) == ("alice", "sip:bob@192.0.2.2", "00000001")
    assert again.header("cseq") == "2 INVITE"
    proxy.send(reply(again, 200), BOB)
    assert proxy.take("alice").status == 100
    assert proxy.take("alice").header("cseq") == "1 INVITE"


def test_the_credentials_of_the_script_come_first() -> None:
    act = '$avp(realm) = "other"; $avp(user) = "bob"; $avp(password) = "x";'
    proxy = Proxy(AUTH % (act, ""), "tm sl rr sipmsgops uac uac_auth")
    again = challenged(proxy, 407, 'Digest realm="other", nonce="n"', 'Digest realm="example.com", nonce="m"')
    answers = [fields_of(each) or {} for each in again.headers("proxy-authorization")]
    assert {each["realm"]: each["username"] for each in answers} == {"other": "bob", "example.com": "alice"}


def test_the_strongest_algorithm_that_is_allowed() -> None:
    both = [f'Digest realm="example.com", nonce="n", algorithm={each}' for each in ("MD5", "SHA-256")]
    for wanted, used in (("", "SHA-256"), ('"MD5"', "MD5")):
        proxy = Proxy(AUTH % ("", wanted), "tm sl rr sipmsgops uac uac_auth")
        fields = fields_of(challenged(proxy, 401, *both).header("authorization") or "") or {}
        assert fields["algorithm"] == used


def test_a_stale_nonce_is_answered_with_the_new_one() -> None:
    """The script arms its failure route for each attempt."""
    script = (AUTH % ("", "")).replace("if ($var(rc) > 0) t_relay();", 't_on_failure("challenged"); t_relay();')
    proxy = Proxy(script, "tm sl rr sipmsgops uac uac_auth")
    again = challenged(proxy, 401, 'Digest realm="example.com", nonce="old", qop="auth"')
    stale = 'WWW-Authenticate: Digest realm="example.com", nonce="new", stale=true, qop="auth"\n'
    proxy.send(reply(again, 401, "Again", headers=stale), BOB)
    assert proxy.take("bob").method == "ACK"
    third = proxy.take("bob")
    (fields,) = (fields_of(each) for each in third.headers("authorization"))
    assert fields is not None
    assert (fields["nonce"], fields["nc"], third.header("cseq")) == ("new", "00000001", "3 INVITE")
    proxy.send(reply(third, 200), BOB)
    assert [each.status for each in proxy.got["alice"]] == [100, 200]
    assert proxy.got["alice"][-1].header("cseq") == "1 INVITE"


@pytest.mark.parametrize(("qop", "chosen"), [("auth-int", "auth-int"), ("auth-int,auth", "auth"), ("other", None)])
def test_the_quality_of_protection(qop: str, chosen: str | None) -> None:
    proxy = Proxy(AUTH % ("", ""), "tm sl rr sipmsgops uac uac_auth")
    proxy.send(request("INVITE", headers="Content-Type: text/plain\n", body="hello"))
    lines = f'WWW-Authenticate: Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="{qop}"\n'
    proxy.send(reply(proxy.take("bob"), 401, "Who", headers=lines), BOB)
    assert proxy.take("bob").method == "ACK"
    if chosen is None:
        assert proxy.got["bob"] == []
        return
    fields = fields_of(proxy.take("bob").header("authorization") or "")
    assert fields is not None
    assert fields["qop"] == chosen

    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    second = f"INVITE:{fields['uri']}" + (f":{hashed('hello')}" if chosen == "auth-int" else "")
    used = f"n:00000001:{fields['cnonce']}:{chosen}"
    assert fields["response"] == hashed(f"{hashed('alice:example.com:secret')}:{used}:{hashed(second)}")


def test_a_password_may_be_given_as_its_hash() -> None:
    plain, made = (
        Proxy((AUTH % ("", "")).replace(":secret", f":{secret}"), "tm sl rr sipmsgops uac uac_auth")
        for secret in ("secret", "0x" + hashlib.md5(b"alice:example.com:secret").hexdigest())
    )
    asked = 'Digest realm="example.com", nonce="n"'
    assert len({challenged(each, 401, asked).header("authorization") for each in (plain, made)}) == 1


def test_a_challenge_that_nobody_can_answer_goes_to_the_caller() -> None:
    proxy = Proxy(AUTH % ("", ""), "tm sl rr sipmsgops uac uac_auth")
    proxy.send(request("INVITE"))
    lines = 'WWW-Authenticate: Digest realm="elsewhere", nonce="n"\n'
    proxy.send(reply(proxy.take("bob"), 401, "Who", headers=lines), BOB)
    assert [each.status for each in proxy.got["alice"]] == [100, 401]
    assert proxy.log == ["rc=-1"]


def test_the_dialog_goes_on_with_higher_numbers() -> None:
    proxy = Proxy(AUTH % ("create_dialog();", ""), "tm sl rr sipmsgops dialog uac uac_auth")
    again = challenged(proxy, 401, 'Digest realm="example.com", nonce="n"')
    proxy.send(reply(again, 200), BOB)
    proxy.send(request("ACK", to_tag="bob", headers=route_of(again)))
    assert proxy.take("bob").header("cseq") == "2 ACK"
    proxy.send(request("BYE", to_tag="bob", cseq=2, headers=route_of(again)))
    bye = proxy.take("bob")
    assert bye.header("cseq") == "3 BYE"
    proxy.got["alice"].clear()
    proxy.send(reply(bye, 200), BOB)
    assert proxy.take("alice").header("cseq") == "2 BYE"


def test_credentials_that_are_none() -> None:
    with pytest.raises(ScriptError, match="user:realm:password"):
        Proxy('modparam("uac_auth", "credential", "alice:secret")\nroute { exit; }', "tm uac_auth")


@pytest.mark.parametrize(("settings", "starts"), [("", False), ('modparam("uac", "restore_mode", "none")', True)])
def test_what_is_to_be_restored_needs_rr(settings: str, starts: bool) -> None:
    def load() -> Proxy:
        return Proxy(f"{settings} route {{ exit; }}", "tm sl uac")

    if starts:
        assert load().log == []
    else:
        with pytest.raises(ScriptError, match="needs module rr"):
            load()
