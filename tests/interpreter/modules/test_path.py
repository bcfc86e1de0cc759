"""Path headers on REGISTERs, and requests that come back along them."""

from __future__ import annotations

import pytest

from .stage import BOB, Proxy, reply
from .test_registrar import MODULES, answer, message, register


@pytest.mark.parametrize(
    ("act", "path"),
    [
        ("add_path();", ["<sip:127.0.0.1;lr>"]),
        ('add_path("edge");', ["<sip:edge@127.0.0.1;lr>"]),
        ("add_path_received();", ["<sip:127.0.0.1;lr;received=sip:192.0.2.1:5060>"]),
        ('add_path(); $socket_out = "udp:127.0.0.1:5080";',
         ["<sip:127.0.0.1:5080;lr;r2=on>", "<sip:127.0.0.1;lr;r2=on>"]),
    ],
)  # fmt: skip
def test_a_path_is_added(act: str, path: list[str]) -> None:
    proxy = Proxy(f'route {{ {act} $du = "sip:192.0.2.2"; t_relay(); }}', "tm sl path")
    proxy.send(register())
    assert proxy.take("bob").headers("path") == path


def test_a_request_goes_to_where_the_phone_was_seen() -> None:
    script = 'modparam("path", "use_received", 1)\nroute { loose_route(); xlog("du=$du"); t_relay(); }'
    proxy = Proxy(script, "tm sl rr path")
    route = "Route: <sip:127.0.0.1:5060;lr;received=sip:192.0.2.2:5060%3Btransport%3Dudp>\nContent-Length"
    proxy.send(message("sip:b@10.0.0.1").replace("Content-Length", route))
    assert proxy.log == ["du=sip:192.0.2.2:5060;transport=udp"]
    assert proxy.take("bob").uri == "sip:b@10.0.0.1"


SAVE = """
modparam("usrloc", "nat_bflag", "NAT")
route {
    if ($rm == "REGISTER") { save("location", "%s"); exit; }
    lookup("location");
    xlog("du=$du nat=$(msg.branch.flag(NAT)[0])");
    t_relay();
}
"""
PATH = "Path: <sip:192.0.2.2;lr;received=sip:10.9.9.9:7>\nSupported: path\n"


def test_a_registrar_keeps_the_path() -> None:
    proxy = Proxy(SAVE % "path-lazy,path-received", MODULES)
    bound = answer(proxy, "<sip:b@10.0.0.1>", headers=PATH)
    assert bound.header("path") == "<sip:192.0.2.2;lr;received=sip:10.9.9.9:7>"
    assert 'received="sip:10.9.9.9:7"' in (bound.header("contact") or "")
    proxy.send(message())
    got = proxy.take("bob")
    assert got.headers("route") == ["<sip:192.0.2.2;lr;received=sip:10.9.9.9:7>"]
    assert proxy.log == ["du=sip:192.0.2.2;lr;received=sip:10.9.9.9:7 nat=true"]
    proxy.send(reply(got, 200), BOB)
    assert proxy.take("alice").status == 200


def test_strict_needs_support_by_the_phone() -> None:
    proxy = Proxy(SAVE % "path-strict", MODULES)
    refused = answer(proxy, "<sip:b@10.0.0.1>", headers="Path: <sip:192.0.2.2;lr>\n")
    assert (refused.status, refused.header("unsupported")) == (420, "path")
    assert answer(proxy, cseq=2).header("contact") is None
