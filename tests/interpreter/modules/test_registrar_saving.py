"""What save() keeps with contacts: sockets, attributes, how they are told apart; and REGISTERs sent on to others."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message

from .stage import BOB, Proxy, request
from .test_registrar import MODULES, answer, message, register

SOCKET = """
modparam("registrar", "sock_hdr_name", "X-Socket")
route { save("location", "%s"); }
event_route[E_UL_CONTACT_INSERT] { xlog("$param(socket) $param(shtag)"); }
"""


@pytest.mark.parametrize(
    ("flags", "header", "socket"),
    [
        ("socket-header", "X-Socket: <udp:127.0.0.1:5080>\n", "udp:127.0.0.1:5080"),
        ("s", "X-Socket: udp:127.0.0.1:5080\n", "udp:127.0.0.1:5080"),
        ("socket-header", "X-Socket: <udp:9.9.9.9:5080>\n", "udp:127.0.0.1:5060"),
        ("socket-header", "", "udp:127.0.0.1:5060"),
        ("", "X-Socket: <udp:127.0.0.1:5080>\n", "udp:127.0.0.1:5060"),
    ],
)
def test_the_socket_of_a_contact(flags: str, header: str, socket: str) -> None:
    proxy = Proxy(SOCKET % flags, MODULES)
    answer(proxy, "<sip:b@192.0.2.2>", headers=header)
    assert proxy.log == [f"{socket} "]


def test_an_owner_in_a_cluster_is_told() -> None:
    proxy = Proxy((SOCKET % "").replace('""', '"", , "vip"'), MODULES)
    answer(proxy, "<sip:b@192.0.2.2>")
    assert proxy.log == ["udp:127.0.0.1:5060 vip"]


@pytest.mark.parametrize(("mode", "bound"), [("0", 1), ("1", 2), ("<line>", 1)])
def test_how_contacts_are_told_apart(mode: str, bound: int) -> None:
    proxy = Proxy(f'route {{ save("location", "matching-mode={mode}"); }}', MODULES)
    answer(proxy, "<sip:b@192.0.2.2;line=1>")
    found = answer(proxy, "<sip:b@192.0.2.2;line=1>", cseq=2, call_id="other").header("contact") or ""
    assert len(found.split(", ")) == bound


def test_more_contacts_than_an_answer_can_list_are_refused() -> None:
    proxy = Proxy('route { save("location"); }', MODULES)
    many = [",".join(f"<sip:{'b' * 200}{number}@{part}.example>" for number in range(200)) for part in (1, 2)]
    assert answer(proxy, many[0], cseq=1).status == 200
    refused = answer(proxy, many[1], cseq=2)
    assert (refused.status, refused.header("p-registrar-error")) == (503, "Too many registered contacts")
    assert len(str(refused)) < 65_507
    assert proxy.runtime.statistics["usrloc:location-contacts"] == 200
    assert answer(proxy, "*", headers="Expires: 0\n", cseq=3).header("contact") is None


@pytest.mark.parametrize(
    ("flag", "listener", "expires", "kept"),
    [("STAY", 2, 600, {BOB: 600}), ("OTHER", 2, 600, {}), ("STAY", 0, 600, {}), ("STAY", 2, 0, {})],
)
def test_a_connection_stays_as_long_as_its_contact(
    flag: str, listener: int, expires: int, kept: dict[tuple[str, int], float]
) -> None:
    script = f"""socket=tcp:127.0.0.1:5062
        modparam("registrar", "tcp_persistent_flag", "STAY")
        route {{ setflag("{flag}"); save("location"); }}"""
    proxy = Proxy(script, f"{MODULES} proto_tcp")
    proxy.send(register(f"<sip:b@192.0.2.2;transport=tcp>;expires={expires}"), BOB, listener)
    assert proxy.host.kept == kept


# ---- attributes

ATTRIBUTES = """
modparam("registrar", "attr_avp", "$avp(note)")
route {
    if ($rm == "REGISTER") { $avp(note) = $hdr(X-Note); save("location"); exit; }
    is_registered("location", "sip:bob@example.com");
    xlog("$msg.branch.attr(note)");
    lookup("location");
    xlog("$(msg.branch.attr(note)[0]) $(msg.branch.attr(note)[1]) $(msg.branch.attr(note)[2]) $(avp(note)[*])");
}
"""


@pytest.mark.parametrize(("target", "avp"), [("4.0", "<null>"), ("3.2", "one, , three")])
def test_attributes_come_back_with_each_branch(target: str, avp: str) -> None:
    proxy = Proxy(ATTRIBUTES, MODULES, target)
    answer(proxy, "<sip:b@192.0.2.2>;q=1", headers="X-Note: one\n")
    answer(proxy, "<sip:c@192.0.2.2>;q=0.5", cseq=2)
    answer(proxy, "<sip:d@192.0.2.2>;q=0.1", headers="X-Note: three\n", cseq=3)
    proxy.send(message())
    assert proxy.log == ["one", f"one <null> three {avp}"]


# ---- REGISTERs that are sent on

CACHING = """
modparam("registrar", "mcontact_avp", "$avp(sent)")
modparam("usrloc", "matching_mode", 1)
route {
    if ($rm != "REGISTER") { $var(rc) = lookup("location"); xlog("rc=$var(rc) ru=$ru"); exit; }
    fix_nated_contact(";seen");
    $avp(sent) = "sip:a@192.0.2.1:5060;seen";
    $du = "sip:192.0.2.2";
    t_on_reply("answered");
    t_relay();
}
onreply_route[answered] {
    if ($rs == 200) { $var(rc) = save("location"); xlog("saved $var(rc)"); }
}
"""


def sent_on(proxy: Proxy, contact: str, answered: str, cseq: int = 1) -> Message:
    """Alice registers; the registrar behind us (bob) answers; what alice gets."""
    text = register(contact, to="sip:alice@example.com", cseq=cseq).replace("UDP 192.0.2.2", "UDP 192.0.2.1")
    proxy.send(text)
    arrived = proxy.take("bob")
    parts = ("via", "from", "to", "call-id", "cseq")
    kept = "\n".join(line for line, key in zip(arrived.lines, arrived.keys, strict=True) if key in parts)
    proxy.send(f"SIP/2.0 200 OK\n{kept}\n{answered}Content-Length: 0\n\n", BOB)
    return proxy.take("alice")


def test_the_lifetime_that_another_registrar_grants() -> None:
    proxy = Proxy(CACHING, f"{MODULES} nathelper")
    listed = "Contact: <sip:other@9.9.9.9>;expires=9, <sip:a@192.0.2.1:5060;seen>;expires=120\n"
    assert sent_on(proxy, "<sip:a@10.0.0.1>", listed).header("contact") == listed.strip().partition(": ")[2]
    assert proxy.log == ["saved 1"]
    proxy.host.pass_time(119)
    proxy.send(request("MESSAGE", "sip:alice@example.com"))
    proxy.host.pass_time(1)
    proxy.send(request("MESSAGE", "sip:alice@example.com", cseq=2))
    assert proxy.log[1:] == ["rc=1 ru=sip:a@10.0.0.1", "rc=-1 ru=sip:alice@example.com"]


def test_what_another_registrar_does_not_list_is_gone() -> None:
    proxy = Proxy(CACHING, f"{MODULES} nathelper")
    sent_on(proxy, "<sip:a@10.0.0.1>", "Contact: <sip:a@192.0.2.1:5060;seen>\nExpires: 60\n")
    assert proxy.runtime.statistics["usrloc:location-contacts"] == 1
    sent_on(proxy, "<sip:a@10.0.0.1>", "", cseq=2)
    assert proxy.runtime.statistics["usrloc:location-contacts"] == 0
