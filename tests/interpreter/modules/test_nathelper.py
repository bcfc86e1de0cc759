"""Phones behind NAT: contacts, session descriptions, tests; and pings of registered ones."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message

from .stage import BOB, Proxy, request
from .test_registrar import MODULES, register

SDP = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def sent(act: str, contact: str = "<sip:a@10.0.0.1>", body: str = "") -> Message:
    """What bob gets of a request of alice, after something was done to it."""
    proxy = Proxy(f'route {{ {act} $du = "sip:192.0.2.2"; t_relay(); }}', "tm sl nathelper")
    kind = "Content-Type: application/sdp\n" if body else ""
    text = request("OPTIONS", headers=kind, body=body.replace("\r\n", "\n"))
    text = text.replace(f"Content-Length: {len(body.replace(chr(13), ''))}", f"Content-Length: {len(body)}")
    proxy.send(text.replace("<sip:alice@192.0.2.1>", contact))
    return proxy.take("bob")


@pytest.mark.parametrize(
    ("act", "contact", "fixed"),
    [
        ("fix_nated_contact();", '"A" <sip:a@10.0.0.1:5070;x=1>;q=1', '"A" <sip:a@192.0.2.1:5060;x=1>;q=1'),
        ('fix_nated_contact(";n");', "sip:a@10.0.0.1", "<sip:a@192.0.2.1:5060;n>"),
        ("fix_nated_contact();", "<sip:a@10.0.0.1;maddr=10.0.0.9>", "<sip:a@192.0.2.1:5060>"),
        ("fix_nated_contact();", "*", "*"),
        ("fix_nated_contact();", "<tel:+1>", "<tel:+1>"),
        ('fix_nated_contact(, "preserve-uri");', "<sip:a@10.0.0.1;x=y>",
         "<sip:a@192.0.2.1:5060;x=y;org=MTAuMC4wLjE=>"),
        ("fix_nated_contact(); add_rcv_param();", "<sip:a@10.0.0.1>",
         '<sip:a@192.0.2.1:5060>;received="sip:192.0.2.1:5060"'),
    ],
)  # fmt: skip
def test_contacts(act: str, contact: str, fixed: str) -> None:
    assert sent(act, contact).header("contact") == fixed


def test_a_hidden_address_comes_back() -> None:
    proxy = Proxy('route { restore_nated_ruri(); xlog("$ru $du"); }', "tm sl nathelper")
    proxy.send(request("OPTIONS", "sip:a@192.0.2.1:5060;x=y;org=MTAuMC4wLjE6NQ=="))
    assert proxy.log == ["sip:a@10.0.0.1:5;x=y sip:a@192.0.2.1:5060;x=y"]


@pytest.mark.parametrize("kept", ["", ";org=%%%", ";org=", ";org=QEBA"])
def test_an_address_that_was_not_hidden_here(kept: str) -> None:
    proxy = Proxy('route { $var(rc) = restore_nated_ruri(); xlog("$var(rc) $ru"); }', "tm sl nathelper")
    proxy.send(request("OPTIONS", f"sip:a@192.0.2.1{kept}"))
    assert proxy.log == [f"-1 sip:a@192.0.2.1{kept}"]


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ('"rewrite-media-ip"', ["c=IN IP4 192.0.2.1", "a=oldcip:10.0.0.1"]),
        ('"10", "2001:db8::1"',
         ["o=- 1 1 IN IP6 2001:db8::1", "c=IN IP6 2001:db8::1", "a=oldoip:10.0.0.1", "a=oldcip:10.0.0.1"]),
        ('"add-dir-active", , "\\r\\na=x"', ["a=direction:active", "a=x"]),
    ],
)  # fmt: skip
def test_session_descriptions(call: str, lines: list[str]) -> None:
    got = sent(f"fix_nated_sdp({call});", body=SDP)
    assert [each for each in got.body.split("\r\n") if each not in SDP.split("\r\n")] == lines
    assert got.header("content-length") == str(len(got.body))


def test_nothing_to_fix() -> None:
    proxy = Proxy('route { $var(rc) = fix_nated_sdp("rewrite-media-ip"); xlog("$var(rc)"); }', "tm sl nathelper")
    proxy.send(request("OPTIONS"))
    assert proxy.log[-1] == "-1"


@pytest.mark.parametrize(
    ("test", "contact", "found"),
    [
        ("private-contact", "<sip:a@100.127.0.1>", 1), ("private-contact", "<sip:a@127.0.0.1>", -1),
        ("private-contact", "<sip:a@[fd00::1]>", -1), ("carrier-grade-nat", "<sip:a@192.0.0.5>", 1),
        ("carrier-grade-nat", "<sip:a@192.0.0.9>", -1), ("diff-port-src-contact", "<sip:a@192.0.2.1>", -1),
        ("65", "<sip:a@192.0.2.1:9>", 1), ("private-contact", "<<<>", -1), ("no-such", "<sip:a@10.0.0.1>", -1),
    ],
)  # fmt: skip
def test_signs_of_nat(test: str, contact: str, found: int) -> None:
    proxy = Proxy(f'route {{ $var(rc) = nat_uac_test("{test}"); xlog("$var(rc)"); }}', "tm sl nathelper")
    proxy.send(request("OPTIONS").replace("<sip:alice@192.0.2.1>", contact))
    assert proxy.log[-1] == str(found)


# ---- pings

PINGS = """
modparam("nathelper", "natping_interval", 10)
modparam("nathelper", "sipping_from", "sip:ping@example.com")
modparam("nathelper", "sipping_bflag", "PING")
modparam("nathelper", "remove_on_timeout_bflag", "GONE")
modparam("nathelper", "sipping_latency_flag", "LATE")
modparam("nathelper", "max_pings_lost", 2)
route { %s save("location"); }
event_route[E_UL_CONTACT_DELETE] { xlog("gone $param(uri)"); }
event_route[E_UL_LATENCY_UPDATE] { xlog("latency $param(latency)"); }
"""
SIP_PING = 'setbflag("PING"); setbflag("GONE"); setbflag("LATE");'


def registered(act: str) -> Proxy:
    """A proxy that pings bob, who has just registered."""
    proxy = Proxy(PINGS % act, f"{MODULES} nathelper")
    proxy.send(register("<sip:b@192.0.2.2>;expires=3600"), BOB)
    proxy.take("bob")
    return proxy


def test_empty_packets_keep_the_way_open() -> None:
    proxy = registered("")
    packets: list[bytes] = []
    proxy.host.endpoints[BOB] = packets.append
    proxy.host.pass_time(25)
    assert packets == [b"\0\0\0\0"] * 2


def test_a_phone_that_answers_stays() -> None:
    proxy = registered(SIP_PING)
    for round_trip in (0, 0.5, 0.5, 0.5):
        proxy.host.pass_time(10 - round_trip)
        ping = proxy.take("bob")
        assert (ping.method, ping.uri, ping.from_.uri) == ("OPTIONS", "sip:b@192.0.2.2", "sip:ping@example.com")
        proxy.host.pass_time(0.5)
        lines = "\n".join(line for line, key in zip(ping.lines, ping.keys, strict=True) if key != "max-forwards")
        proxy.send(f"SIP/2.0 200 OK\n{lines}\n\n", BOB)
    assert proxy.log == ["latency 500000"] * 4


def test_a_silent_phone_is_forgotten() -> None:
    proxy = registered(SIP_PING)
    proxy.host.pass_time(12)
    assert proxy.log == []
    proxy.host.pass_time(12)
    assert proxy.log == ["gone sip:b@192.0.2.2"]
    proxy.got["bob"].clear()
    proxy.host.pass_time(30)
    assert proxy.got["bob"] == []


def test_pings_can_be_turned_off() -> None:
    proxy = registered(SIP_PING)
    assert proxy.call("nathelper:enable_ping") == {"Status": 1}
    assert proxy.call("nathelper:enable_ping", status=0) == "OK"
    proxy.host.pass_time(30)
    assert proxy.got["bob"] == []
    assert proxy.call("nathelper:enable_ping") == {"Status": 0}


def test_only_phones_behind_nat() -> None:
    nated = 'modparam("usrloc", "nat_bflag", "NAT") modparam("nathelper", "ping_nated_only", 1)\n'
    for flag, pings in (("NAT", 1), ("OTHER", 0)):
        act = f'{SIP_PING} setbflag("{flag}"); if (isbflagset("NAT")) xlog("nat");'
        proxy = Proxy(nated + PINGS % act, f"{MODULES} nathelper")
        proxy.send(register("<sip:b@192.0.2.2>"), BOB)
        proxy.host.pass_time(11)
        assert len(proxy.got["bob"]) == 1 + pings


CONNECTED = """
socket=tcp:127.0.0.1:5062
modparam("nathelper", "received_avp", "$avp(seen)")
modparam("registrar", "received_avp", "$avp(seen)")
modparam("nathelper", "natping_tcp", 1)
"""


def over_tcp(proxy: Proxy) -> None:
    """Bob registers over a connection."""
    proxy.send(register("<sip:b@10.0.0.1;transport=tcp>").replace("SIP/2.0/UDP", "SIP/2.0/TCP"), BOB, listener=2)
    assert proxy.take("bob").status == 200


@pytest.mark.parametrize(("tcp", "pings"), [(1, 1), (0, 0)])
def test_connections_are_pinged_if_asked_for(tcp: int, pings: int) -> None:
    script = CONNECTED.replace('"natping_tcp", 1', f'"natping_tcp", {tcp}') + PINGS % "fix_nated_register();"
    proxy = Proxy(script, f"{MODULES} nathelper proto_tcp")
    over_tcp(proxy)
    proxy.host.pass_time(11)
    assert [each.method for each in proxy.got["bob"]] == ["OPTIONS"] * pings
    assert all(each.top_via.transport == "TCP" for each in proxy.got["bob"])


def test_a_phone_whose_connection_is_gone_is_forgotten() -> None:
    proxy = Proxy(CONNECTED + PINGS % f"fix_nated_register(); {SIP_PING}", f"{MODULES} nathelper proto_tcp")
    over_tcp(proxy)
    proxy.host.unreachable.add(BOB)
    proxy.host.pass_time(12)
    assert not any("gone" in each for each in proxy.log)
    proxy.host.pass_time(10)
    assert "gone sip:b@10.0.0.1;transport=tcp" in proxy.log
