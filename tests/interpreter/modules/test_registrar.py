"""Registrations as dialogues: REGISTERs in, bindings and answers out; calls that find them."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.interpreter.modules.registrar.flags import lookup_flags, save_flags
from relayscript.sip.message import Message

from .stage import BOB, Proxy

MODULES = "tm sl signaling sipmsgops usrloc registrar"
SAVE = 'route { $var(rc) = save("location"); xlog("rc=$var(rc)"); }'


def register(
    *contacts: str, headers: str = "", call_id: str = "reg", cseq: int = 1, to: str = "sip:bob@example.com"
) -> str:
    """A REGISTER of bob with these Contact values, with bare line feeds."""
    lines = "".join(f"Contact: {each}\n" for each in contacts)
    return (
        f"REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{call_id}{cseq}{to}\n"
        f"From: <{to}>;tag=bob\nTo: <{to}>\nCall-ID: {call_id}\nCSeq: {cseq} REGISTER\n"
        f"{lines}{headers}Content-Length: 0\n\n"
    )


def message(uri: str = "sip:bob@example.com", method: str = "MESSAGE", number: int = 1) -> str:
    """A request of alice to a user."""
    return (
        f"{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKcall{number}\n"
        f"From: <sip:alice@example.com>;tag=alice\nTo: <{uri}>\nCall-ID: call-{number}\nCSeq: 1 {method}\n"
        "Content-Length: 0\n\n"
    )


def answer(proxy: Proxy, *contacts: str, **more: object) -> Message:
    """What bob's REGISTER is answered with."""
    proxy.send(register(*contacts, **more), BOB)  # type: ignore[arg-type]
    return proxy.take("bob")


# ---- save


def test_the_answer_lists_what_is_bound() -> None:
    proxy = Proxy(SAVE, MODULES)
    assert answer(proxy, "<sip:b@192.0.2.2>;expires=600").header("contact") == "<sip:b@192.0.2.2>;expires=600"
    assert answer(proxy, "<sip:c@192.0.2.2>;q=0.5", headers="Expires: 90\n", cseq=2).header("contact") == (
        "<sip:c@192.0.2.2>;q=0.5;expires=90, <sip:b@192.0.2.2>;expires=600"
    )
    assert answer(proxy, "*", headers="Expires: 0\n", cseq=3).header("contact") is None


def test_a_binding_ends_by_itself() -> None:
    proxy = Proxy(f'{SAVE} event_route[E_UL_CONTACT_DELETE] {{ xlog("gone $param(uri)"); }}', MODULES)
    answer(proxy, "<sip:b@192.0.2.2>;expires=100")
    proxy.host.pass_time(99)
    assert answer(proxy, cseq=2).header("contact") == "<sip:b@192.0.2.2>;expires=1"
    proxy.host.pass_time(1)
    assert answer(proxy, cseq=3).header("contact") is None
    assert "gone sip:b@192.0.2.2" in proxy.log
    assert proxy.runtime.statistics["usrloc:location-contacts"] == 0
    assert proxy.runtime.statistics["usrloc:location-expires"] == 1


def test_expired_bindings_are_swept_without_any_request() -> None:
    proxy = Proxy(SAVE, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>;expires=100")
    assert proxy.runtime.statistics["usrloc:registered_users"] == 1
    proxy.host.pass_time(180)
    assert proxy.runtime.statistics["usrloc:registered_users"] == 0
    assert proxy.runtime.timers.pending() == 0


@pytest.mark.parametrize(
    ("contacts", "headers", "status", "why"),
    [
        (("*",), "Expires: 5\n", 400, "* used in contact and expires is not zero"),
        (("*", "<sip:b@192.0.2.2>"), "Expires: 0\n", 400, "* used in contact and more than 1 contact"),
        (("<sip:b@192.0.2.2>;q=7",), "", 400, "Invalid q param in contact"),
        (("<nothing>",), "", 400, "Failed to parse the Contact header"),
        (("<sip:b@192.0.2.2",), "", 400, "Failed to parse the Contact header"),
        ((f"<sip:{'b' * 300}@192.0.2.2>",), "", 400, "Contact URI too long"),
        (("<sip:b@192.0.2.2>", "<sip:c@192.0.2.2>", "<sip:d@192.0.2.2>"), "", 503, "Too many registered contacts"),
    ],
)
def test_refusals(contacts: tuple[str, ...], headers: str, status: int, why: str) -> None:
    proxy = Proxy(f'modparam("registrar", "max_contacts", 2)\n{SAVE}', MODULES)
    refused = answer(proxy, *contacts, headers=headers)
    assert (refused.status, refused.header("p-registrar-error")) == (status, why)
    assert proxy.log == ["rc=-2"]
    assert proxy.runtime.statistics["registrar:rejected_regs"] == 1


def test_an_address_without_user_is_refused() -> None:
    assert answer(Proxy(SAVE, MODULES), "<sip:b@192.0.2.2>", to="sip:example.com").status == 400


def test_an_older_request_changes_nothing() -> None:
    proxy = Proxy(SAVE, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>;expires=500", cseq=5)
    assert answer(proxy, "<sip:b@192.0.2.2>;expires=0", cseq=4).status == 400
    assert answer(proxy, "*", headers="Expires: 0\n", cseq=4).status == 400
    assert answer(proxy, cseq=6).header("contact") == "<sip:b@192.0.2.2>;expires=500"


def test_a_repeated_request_is_answered_and_not_followed() -> None:
    proxy = Proxy(SAVE, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>;expires=500", cseq=5)
    assert answer(proxy, "<sip:b@192.0.2.2>;expires=90", cseq=5).header("contact") == "<sip:b@192.0.2.2>;expires=500"
    proxy.host.pass_time(30)
    assert answer(proxy, "<sip:b@192.0.2.2>;expires=90", cseq=5).header("contact") == "<sip:b@192.0.2.2>;expires=90"


def test_of_contacts_named_twice_the_last_counts() -> None:
    proxy = Proxy(SAVE, MODULES)
    twice = ("<sip:b@192.0.2.2>;expires=100, <sip:b@192.0.2.2>;expires=200", "<sip:b@192.0.2.2>;expires=300")
    assert answer(proxy, *twice).header("contact") == "<sip:b@192.0.2.2>;expires=300"
    assert answer(proxy, *twice, cseq=2).header("contact") == "<sip:b@192.0.2.2>;expires=300"
    assert answer(proxy, *twice, "<sip:b@192.0.2.2>;expires=0", cseq=3).header("contact") is None


def test_a_request_with_very_many_contacts_costs_what_it_is_long() -> None:
    """Twice as many contacts take about twice as many steps, not four times."""
    steps = []
    for count in (1000, 2000):
        proxy, calls = Proxy(SAVE, MODULES), 0

        def count_calls(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count_calls)
        try:
            answer(proxy, ",".join(f"<sip:{n}@h>" for n in range(count)))
        finally:
            sys.setprofile(None)
        steps.append(calls)
    assert steps[1] < 2.5 * steps[0]


def test_a_number_used_twice_may_be_refused() -> None:
    proxy = Proxy(f'modparam("registrar", "allow_dup_cseq", 0)\n{SAVE}', MODULES)
    answer(proxy, "<sip:b@192.0.2.2>", cseq=5)
    proxy.host.pass_time(30)
    assert answer(proxy, "<sip:b@192.0.2.2>", cseq=5).status == 400


def test_the_oldest_gives_way_if_forced() -> None:
    proxy = Proxy('route { save("location", "max-contacts=2,force-registration"); }', MODULES)
    for number in (1, 2, 3):
        bound = answer(proxy, f"<sip:b{number}@192.0.2.2>", cseq=number)
        proxy.host.pass_time(1)
    assert [each.partition(">")[0] for each in (bound.header("contact") or "").split(", ")] == [
        "<sip:b2@192.0.2.2", "<sip:b3@192.0.2.2",
    ]  # fmt: skip


def test_contacts_can_be_told_apart_by_a_parameter() -> None:
    proxy = Proxy('route { save("location", "matching-mode=<line>"); }', MODULES)
    answer(proxy, "<sip:b@192.0.2.2;line=1>")
    moved = answer(proxy, "<sip:b@192.0.2.99;line=1>", cseq=2, call_id="other")
    assert moved.header("contact") == "<sip:b@192.0.2.99;line=1>;expires=3600"


def test_only_own_contacts_are_listed_if_asked_for() -> None:
    proxy = Proxy('route { save("location", "only-request-contacts"); }', MODULES)
    answer(proxy, "<sip:b@192.0.2.2>")
    assert answer(proxy, "<sip:c@192.0.2.2>", cseq=2).header("contact") == "<sip:c@192.0.2.2>;expires=3600"


def test_where_a_phone_was_seen_is_kept() -> None:
    script = """
        modparam("nathelper", "received_avp", "$avp(seen)")
        modparam("registrar", "received_avp", "$avp(seen)")
        route {
            if ($rm == "REGISTER") { fix_nated_register(); save("location"); exit; }
            lookup("location"); xlog("ru=$ru du=$du"); t_relay();
        }
    """
    proxy = Proxy(script, f"{MODULES} nathelper")
    bound = answer(proxy, "<sip:b@10.0.0.1>")
    assert bound.header("contact") == '<sip:b@10.0.0.1>;expires=3600;received="sip:192.0.2.2:5060"'
    proxy.send(message())
    assert proxy.take("bob").uri == "sip:b@10.0.0.1"
    assert "ru=sip:b@10.0.0.1 du=sip:192.0.2.2:5060" in proxy.log


# ---- lookup

ROUTE = """
route {
    if ($rm == "REGISTER") { setbflag("NAT"); save("location"); exit; }
    $var(rc) = lookup("location", "%s");
    xlog("rc=$var(rc) ru=$ru more=$(msg.branch.uri[*]) nat=$(msg.branch.flag(NAT)[0])");
}
"""


def looked_up(flags: str, method: str = "MESSAGE") -> str:
    """What lookup() with flags makes of a request to bob, who has three phones."""
    proxy = Proxy(ROUTE % flags, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>;q=0.1", headers="User-Agent: Desk/1\n")
    answer(proxy, "<sip:c@192.0.2.2>;q=0.9", headers="Allow: INVITE, BYE\nUser-Agent: soft\n", cseq=2)
    answer(proxy, "<sip:d@192.0.2.2>;q=0.5;methods=MESSAGE", headers="User-Agent: desk/2\n", cseq=3)
    proxy.send(message(method=method))
    return proxy.log[-1]


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [
        ("", "rc=1 ru=sip:c@192.0.2.2 more=sip:c@192.0.2.2, sip:d@192.0.2.2, sip:b@192.0.2.2 nat=true"),
        ("no-branches", "rc=1 ru=sip:c@192.0.2.2 more=sip:c@192.0.2.2 nat=true"),
        ("method-filtering", "rc=1 ru=sip:d@192.0.2.2 more=sip:d@192.0.2.2, sip:b@192.0.2.2 nat=true"),
        ("ua-filtering=/^desk/i", "rc=1 ru=sip:d@192.0.2.2 more=sip:d@192.0.2.2, sip:b@192.0.2.2 nat=true"),
        ("ua-filtering=/^desk/", "rc=1 ru=sip:d@192.0.2.2 more=sip:d@192.0.2.2 nat=true"),
        ("no-such-flag", "rc=-3 ru=sip:bob@example.com more=sip:bob@example.com nat=false"),
    ],
)
def test_how_lookup_chooses(flags: str, chosen: str) -> None:
    assert looked_up(flags) == chosen


def test_nobody_takes_the_method() -> None:
    proxy = Proxy(ROUTE % "method-filtering", MODULES)
    answer(proxy, "<sip:c@192.0.2.2>", headers="Allow: INVITE\n")
    proxy.send(message())
    assert proxy.log[-1].startswith("rc=-2 ru=sip:bob@example.com")


def test_branches_can_be_looked_up_too() -> None:
    script = """route {
        if ($rm == "REGISTER") { save("location"); exit; }
        append_msg_branch("sip:carol@example.com");
        $var(rc) = lookup("location", "r");
        xlog("rc=$var(rc) $(msg.branch.uri[*])");
    }"""
    proxy = Proxy(script, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>")
    answer(proxy, "<sip:c@192.0.2.2>", to="sip:carol@example.com")
    proxy.send(message())
    assert proxy.log[-1] == "rc=1 sip:b@192.0.2.2, sip:c@192.0.2.2"


def test_upper_and_lower_case_in_the_user() -> None:
    for sensitive, code in ((1, "rc=-1"), (0, "rc=1")):
        proxy = Proxy(f'modparam("registrar", "case_sensitive", {sensitive})\n{ROUTE % ""}', MODULES)
        answer(proxy, "<sip:b@192.0.2.2>")
        proxy.send(message("sip:BOB@EXAMPLE.com"))
        assert proxy.log[-1].startswith(code)


def test_the_domain_may_not_matter() -> None:
    proxy = Proxy(f'modparam("usrloc", "use_domain", 0)\n{ROUTE % ""}', MODULES)
    answer(proxy, "<sip:b@192.0.2.2>")
    proxy.send(message("sip:bob@elsewhere.example"))
    assert proxy.log[-1].startswith("rc=1 ru=sip:b@192.0.2.2")


# ---- questions and removal

ASK = """
route {
    if ($rm == "REGISTER") { save("location"); exit; }
    $avp(ip) = "192.0.2.2"; $avp(port) = 5070;
    $avp(ip) = "9.9.9.9"; $avp(port) = 5070;
    $var(a) = is_registered("location", "sip:bob@example.com");
    $var(b) = is_registered("location");
    $var(c) = is_contact_registered("location", "sip:bob@example.com", "sip:b@192.0.2.2:5070");
    $var(d) = is_contact_registered("location", "sip:bob@example.com", , "reg");
    $var(e) = is_ip_registered("location", "sip:bob@example.com", $avp(ip), $avp(port));
    xlog("$var(a) $var(b) $var(c) $var(d) $var(e)");
    %s
    $var(a) = is_registered("location", "sip:bob@example.com");
    xlog("then $var(a)");
}
"""


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ('remove("location", "sip:bob@example.com");', "then -1"),
        ('remove("location", "sip:bob@example.com", "sip:other@192.0.2.2");', "then 1"),
        ('remove("location", "sip:bob@example.com", , "192.0.2.2");', "then -1"),
        ('remove("location", "sip:bob@example.com", , , "<urn:uuid:2>");', "then 1"),
        ('remove_ip_port("192.0.2.2", 5070, "location");', "then -1"),
        ('remove_ip_port("192.0.2.2", 5071, "location", "sip:bob@example.com");', "then 1"),
    ],
)
def test_asking_and_removing(act: str, left: str) -> None:
    proxy = Proxy(ASK % act, MODULES)
    answer(proxy, '<sip:b@192.0.2.2:5070>;+sip.instance="<urn:uuid:1>"')
    proxy.send(message())
    assert proxy.log[-2:] == ["1 -1 1 1 1", left]


def test_the_receiving_socket_goes_along() -> None:
    script = 'route { add_sock_hdr("X-Socket"); $du = "sip:192.0.2.2"; t_relay(); }'
    proxy = Proxy(script, MODULES)
    proxy.send(message())
    assert proxy.take("bob").header("x-socket") == "<udp:127.0.0.1:5060>"


# ---- flags


def test_letters_mean_the_same_as_names() -> None:
    assert save_flags("mop2vrfc3e10E20") == save_flags(
        "memory-only,only-request-contacts,path-strict,path-received,no-reply,force-registration,"
        "max-contacts=3,min-expires=10,max-expires=20"
    )
    assert save_flags("sM1") == save_flags("socket-header,matching-mode=1")
    assert save_flags("M<pn-prid>r") == save_flags("matching-mode=<pn-prid>,no-reply")
    assert lookup_flags("u/a,b/iey500Y") == lookup_flags(
        "ua-filtering=/a,b/,case-insensitive,extended-regexp,max-ping-latency=500,sort-by-latency"
    )
    assert lookup_flags("rg") == lookup_flags("branch,global") == lookup_flags("branch-lookup")
    assert lookup_flags("mb") == lookup_flags("method-filtering, no-branches")


@pytest.mark.parametrize("text", ["nonsense", "max-contacts=many", "matching-mode=odd", "c", "M", "M2"])
def test_flags_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        save_flags(text)


@given(st.text(max_size=30))
def test_flags_never_fail_otherwise(text: str) -> None:
    for read in (save_flags, lookup_flags):
        try:
            read(text)
        except ValueError:
            continue
