"""Phones that sleep: what they are told, who has them woken, and requests that wait for them (RFC 8599)."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message

from .stage import BOB, Proxy, reply, request
from .test_registrar import MODULES, answer

LOADS = f"{MODULES} rr event_routing"
SCRIPT = """
modparam("registrar", "pn_enable", 1)
modparam("registrar", "pn_enable_purr", 1)
modparam("registrar", "pn_providers", "apns, fcm")
modparam("registrar", "pn_ct_match_params", "pn-provider, pn-prid")
%s
route {
    if ($rm == "REGISTER") { save("location"); exit; }
    if (has_totag()) { async(pn_process_purr("location"), resumed); }
    if ($rm == "ACK") exit;
    $var(rc) = lookup("location");
    xlog("rc=$var(rc) ru=$ru");
    if ($var(rc) == 1) t_relay();
    if ($var(rc) < 0) send_reply(404, "Nobody");
}
route[resumed] { xlog("resumed $rc"); $du = "sip:192.0.2.2"; t_relay(); }
event_route[E_UL_CONTACT_REFRESH] { xlog("wake $param(aor) $param(uri) $param(reason) $param(req_callid)"); }
"""
SLEEPY = "<sip:b@192.0.2.2;pn-provider=apns;pn-prid=abc;x=1>"


def asleep(more: str = "", contact: str = SLEEPY) -> Proxy:
    """A proxy where bob's phone sleeps."""
    proxy = Proxy(SCRIPT % more, LOADS)
    answer(proxy, f"{contact};expires=600")
    return proxy


def called(proxy: Proxy) -> None:
    """Alice calls bob."""
    proxy.send(request("INVITE", "sip:bob@example.com"))


def registers_again(proxy: Proxy) -> None:
    """Bob's phone is awake, at another address."""
    again = answer(proxy, "<sip:b@192.0.2.2:5060;pn-provider=apns;pn-prid=abc;x=2>;expires=600", cseq=2, call_id="new")
    assert (again.header("contact") or "").count("pn-prid=abc") == 1


def test_a_sleeping_phone_is_woken_and_called() -> None:
    proxy = asleep()
    called(proxy)
    assert proxy.log == [
        "rc=2 ru=sip:bob@example.com",
        "wake bob@example.com sip:b@192.0.2.2;pn-provider=apns;pn-prid=abc;x=1 ini-INVITE call-1",
    ]
    assert proxy.got["bob"] == []
    proxy.host.pass_time(2)
    registers_again(proxy)
    invite = proxy.take("bob")
    assert (invite.method, invite.uri) == ("INVITE", "sip:b@192.0.2.2:5060;x=2")
    proxy.send(reply(invite, 200), BOB)
    assert [each.status for each in proxy.got["alice"]] == [100, 200]


@pytest.mark.parametrize(("after", "statuses"), [(5.9, [100]), (6.1, [100, 408])])
def test_a_phone_that_does_not_wake(after: float, statuses: list[int]) -> None:
    proxy = asleep()
    called(proxy)
    proxy.host.pass_time(after)
    assert [each.status for each in proxy.got["alice"]] == statuses


def test_a_phone_that_wakes_too_late_is_not_called() -> None:
    proxy = asleep()
    called(proxy)
    proxy.host.pass_time(7)
    registers_again(proxy)
    assert proxy.got["bob"] == []


def test_another_phone_is_called_at_once() -> None:
    proxy = asleep()
    answer(proxy, "<sip:desk@192.0.2.2>", cseq=5, call_id="desk")
    called(proxy)
    assert "rc=1 ru=sip:desk@192.0.2.2" in proxy.log
    desk = proxy.take("bob")
    registers_again(proxy)
    assert [desk.uri, proxy.take("bob").uri] == ["sip:desk@192.0.2.2", "sip:b@192.0.2.2:5060;x=2"]


def test_a_phone_that_has_just_registered_is_awake() -> None:
    proxy = asleep('modparam("registrar", "pn_skip_pn_interval", 30)')
    proxy.host.pass_time(29)
    called(proxy)
    assert proxy.log == ["rc=1 ru=sip:b@192.0.2.2;x=1"]
    proxy.host.pass_time(1)
    proxy.send(request("MESSAGE", "sip:bob@example.com", call_id="call-2"))
    assert proxy.log[1] == "rc=2 ru=sip:bob@example.com"
    assert proxy.log[2].endswith("ini-MESSAGE call-2")


@pytest.mark.parametrize(
    ("contact", "capabilities"),
    [
        (SLEEPY, '*;+sip.pns="apns";+sip.pnspurr="{number}"'),
        (f"{SLEEPY};+sip.pnsreg", '*;+sip.pns="apns";+sip.pnsreg="130";+sip.pnspurr="{number}"'),
        ("<sip:b@192.0.2.2>", None),
        ("<sip:b@192.0.2.2;pn-provider=apns>", None),
        ("<sip:b@192.0.2.2;pn-provider=other;pn-prid=abc>", None),
    ],
)
def test_what_a_phone_is_told(contact: str, capabilities: str | None) -> None:
    proxy = Proxy(SCRIPT % "", LOADS)
    told = answer(proxy, contact).header("feature-caps")
    shown = proxy.call("usrloc:show_contact", table_name="location", aor="bob@example.com")
    assert isinstance(shown, dict)
    (found,) = shown["Contacts"]
    assert found["Flags"] == (4 if capabilities else 0)
    assert told == (capabilities and capabilities.format(number=f"{int(found['ContactID']):x}"))


def test_a_phone_is_woken_before_it_expires() -> None:
    proxy = asleep('modparam("usrloc", "contact_refresh_timer", 1) modparam("registrar", "pn_trigger_interval", 100)')
    proxy.host.pass_time(499)
    assert proxy.log == []
    proxy.host.pass_time(1)
    assert [each.split()[-1] for each in proxy.log] == ["reg-refresh"]
    registers_again(proxy)
    proxy.host.pass_time(499)
    assert len(proxy.log) == 1


def purr(proxy: Proxy) -> str:
    """The reference that bob's phone got."""
    told: Message = answer(proxy, f"{SLEEPY};expires=600", cseq=9)
    return (told.header("feature-caps") or "").partition('pnspurr="')[2].strip('"')


def test_a_later_request_waits_for_a_phone() -> None:
    proxy = asleep()
    proxy.send(request("BYE", f"sip:b@192.0.2.2;pn-purr={purr(proxy)}", to_tag="bob", cseq=2))
    assert [each.split()[-2:] for each in proxy.log] == [["mid-BYE", "call-1"]]
    assert proxy.got["bob"] == []
    registers_again(proxy)
    assert proxy.log[1] == "resumed 1"
    assert proxy.take("bob").method == "BYE"


def test_a_later_request_does_not_wait_for_ever() -> None:
    proxy = asleep()
    proxy.send(request("BYE", f"sip:b@192.0.2.2;pn-purr={purr(proxy)}", to_tag="bob", cseq=2))
    proxy.host.pass_time(6)
    assert proxy.log[1] == "resumed 1"


@pytest.mark.parametrize("uri", ["sip:b@192.0.2.2", "sip:b@192.0.2.2;pn-purr=77", "sip:b@192.0.2.2;pn-purr"])
def test_a_later_request_for_nobody_who_sleeps(uri: str) -> None:
    proxy = asleep()
    proxy.send(request("BYE", uri, to_tag="bob", cseq=2))
    assert proxy.log == ["resumed 2"]


def test_nothing_of_this_happens_unless_it_is_wanted() -> None:
    proxy = Proxy((SCRIPT % "").replace('"pn_enable", 1', '"pn_enable", 0'), LOADS)
    assert answer(proxy, SLEEPY).header("feature-caps") is None
    called(proxy)
    assert proxy.log == ["rc=1 ru=sip:b@192.0.2.2;pn-provider=apns;pn-prid=abc;x=1"]
