"""Record-Route as it goes out, and requests that follow their Routes back through the proxy."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message

from .stage import BOB, Proxy, reply, request

OWN = "127.0.0.1:5060"
LOOSE = """
route {
    $var(rc) = loose_route();
    xlog("$var(rc) ru=$ru du=$du params=$rr_params");
    if ($du == NULL && $var(rc) < 0) $du = "sip:192.0.2.2";
    t_relay();
}
"""


def record_routes(proxy: Proxy) -> list[str]:
    """The Record-Route values of what bob got."""
    return proxy.take("bob").headers("record-route")


def test_parameters_are_put_in_the_order_of_the_original() -> None:
    proxy = Proxy('route { add_rr_param(";early=1"); record_route(";a=1"); add_rr_param(";b=2"); t_relay(); }')
    proxy.send(request("INVITE"))
    assert record_routes(proxy) == [f"<sip:{OWN};lr;ftag=alice;a=1;b=2;early=1>"]


def test_it_stands_above_the_via() -> None:
    proxy = Proxy("route { record_route(); t_relay(); }")
    proxy.send(request("INVITE"))
    assert proxy.take("bob").keys[:2] == ["record-route", "via"]


def test_two_sockets_give_two_values() -> None:
    proxy = Proxy('route { $socket_out = "udp:127.0.0.1:5080"; record_route(); t_relay(); }')
    proxy.send(request("INVITE"))
    assert record_routes(proxy) == [
        "<sip:127.0.0.1:5080;r2=on;lr;ftag=alice>",
        "<sip:127.0.0.1:5060;r2=on;lr;ftag=alice>",
    ]


def test_the_second_call_fails() -> None:
    proxy = Proxy('route { record_route(); record_route(); xlog("rc=$rc"); t_relay(); }')
    proxy.send(request("INVITE"))
    assert "rc=-1" in proxy.log
    assert len(record_routes(proxy)) == 1


def test_a_branch_has_parameters_of_its_own() -> None:
    proxy = Proxy("""
        route { record_route(); t_on_branch("b"); append_msg_branch("sip:two@192.0.2.2"); t_relay(); }
        branch_route[b] { add_rr_param(";n=$T_branch_idx"); }
    """)
    proxy.send(request("INVITE"))
    assert record_routes(proxy) == [f"<sip:{OWN};lr;ftag=alice;n=0>"]
    assert record_routes(proxy) == [f"<sip:{OWN};lr;ftag=alice;n=1>"]


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ('modparam("rr", "append_fromtag", 0)', f"<sip:{OWN};lr>"),
        ('modparam("rr", "add_username", 1)', f"<sip:bob@{OWN};lr;ftag=alice>"),
    ],
)
def test_settings(settings: str, value: str) -> None:
    proxy = Proxy(f"{settings}\nroute {{ record_route(); t_relay(); }}")
    proxy.send(request("INVITE", "sip:bob@192.0.2.2"))
    assert record_routes(proxy) == [value]


def test_preset_addresses() -> None:
    proxy = Proxy('route { record_route_preset("10.0.0.1:5090;a=b", "edge.example.com"); t_relay(); }')
    proxy.send(request("INVITE"))
    assert record_routes(proxy) == [
        "<sip:10.0.0.1:5090;a=b;ftag=alice;lr>",
        "<sip:edge.example.com;ftag=alice;lr>",
    ]


CASES = {
    "none": ("sip:x@192.0.2.2", (), "-1 ru=sip:x@192.0.2.2 du=<null> params=<null>", "sip:x@192.0.2.2", ()),
    "own": (
        "sip:x@192.0.2.2", (f"<sip:{OWN};lr;p=1>",), "1 ru=sip:x@192.0.2.2 du=<null> params=lr;p=1",
        "sip:x@192.0.2.2", (),
    ),
    "own, then another": (
        "sip:x@10.0.0.9", (f"<sip:{OWN};lr>, <sip:192.0.2.2;lr>, <sip:far@10.0.0.9;lr>",),
        "1 ru=sip:x@10.0.0.9 du=sip:192.0.2.2;lr params=lr",
        "sip:x@10.0.0.9", ("<sip:192.0.2.2;lr>, <sip:far@10.0.0.9;lr>",),
    ),
    "another": (
        "sip:x@10.0.0.9", ("<sip:192.0.2.2;lr>",), "1 ru=sip:x@10.0.0.9 du=sip:192.0.2.2;lr params=<null>",
        "sip:x@10.0.0.9", ("<sip:192.0.2.2;lr>",),
    ),
    "a strict router is next": (
        "sip:x@10.0.0.9", (f"<sip:{OWN};lr>", "<sip:strict@192.0.2.2>"),
        "1 ru=sip:strict@192.0.2.2 du=<null> params=lr", "sip:strict@192.0.2.2", ("<sip:x@10.0.0.9>",),
    ),
    "a strict router sent it": (
        f"sip:{OWN};lr", ("<sip:strict@192.0.2.2>", "<sip:x@10.0.0.9>"),
        "1 ru=sip:strict@192.0.2.2 du=<null> params=<null>", "sip:strict@192.0.2.2", ("<sip:x@10.0.0.9>",),
    ),
    "a strict router sent it, a loose one is next": (
        f"sip:{OWN}", ("<sip:192.0.2.2;lr>", "<sip:x@10.0.0.9>"),
        "1 ru=sip:x@10.0.0.9 du=sip:192.0.2.2;lr params=<null>", "sip:x@10.0.0.9", ("<sip:192.0.2.2;lr>",),
    ),
    "both values of a pair": (
        "sip:x@192.0.2.2", (f"<sip:{OWN};lr;r2=on>", "<sip:127.0.0.1:5080;lr;r2=on>"),
        "1 ru=sip:x@192.0.2.2 du=<null> params=lr;r2=on", "sip:x@192.0.2.2", (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_routes_are_followed(name: str) -> None:
    uri, routes, said, sent, left = CASES[name]
    proxy = Proxy(LOOSE)
    headers = "".join(f"Route: {route}\n" for route in routes)
    proxy.send(request("INFO", uri, to_tag="bob", headers=headers))
    assert proxy.log == [said]
    got = proxy.take("bob")
    assert got.uri == sent
    assert got.headers("route") == list(left)


def test_a_pair_names_the_socket_to_send_from() -> None:
    proxy = Proxy('route { loose_route(); xlog("$socket_out"); t_relay(); }')
    headers = f"Route: <sip:{OWN};lr;r2=on>, <sip:127.0.0.1:5080;lr;r2=on>\n"
    proxy.send(request("INFO", to_tag="bob", headers=headers))
    assert proxy.log == ["udp:127.0.0.1:5080"]


def test_only_our_preloaded_route_does_not_make_a_dialog() -> None:
    proxy = Proxy(LOOSE)
    proxy.send(request("INFO", headers=f"Route: <sip:{OWN};lr>\n"))
    assert proxy.log == ["-1 ru=sip:bob@192.0.2.2 du=<null> params=lr"]
    assert proxy.take("bob").headers("route") == []


def test_an_unreadable_route_is_refused() -> None:
    proxy = Proxy('route { loose_route(); xlog("rc=$rc"); }')
    proxy.send(request("INFO", to_tag="bob", headers="Route: <nothing\n"))
    assert proxy.log[-1] == "rc=-1"


DIALOG = """
route {
    if (has_totag()) {
        loose_route();
        if (is_direction("downstream")) xlog("$rm down");
        if (is_direction("upstream")) xlog("$rm up");
        if (check_route_param("color=(red|blue)")) xlog("colored");
        if (is_direction("sideways")) xlog("never");
        t_relay();
        exit;
    }
    record_route(";color=blue");
    t_relay();
}
"""


def answered(proxy: Proxy) -> tuple[Message, Message]:
    """A call that bob answered: the INVITE as he got it, the 200 as alice got it."""
    proxy.send(request("INVITE"))
    invite = proxy.take("bob")
    proxy.send(reply(invite, 200), BOB)
    assert proxy.take("alice").status == 100
    return invite, proxy.take("alice")


def test_the_direction_is_known_both_ways() -> None:
    proxy = Proxy(DIALOG)
    _, ok = answered(proxy)
    routes = f"Route: {ok.header('record-route')}\n"
    proxy.send(request("ACK", to_tag="bob", headers=routes))
    proxy.send(request("INFO", "sip:alice@192.0.2.1", sender="bob", to_tag="alice", headers=routes), BOB)
    assert [line for line in proxy.log if "direction" not in line] == [
        "ACK down", "colored", "INFO up", "colored",
    ]  # fmt: skip
    assert proxy.take("bob").method == "ACK"
    assert proxy.take("alice").method == "INFO"


@pytest.mark.parametrize(("setting", "warnings"), [(1, 1), (0, 0)])
def test_a_pair_of_routes_that_names_no_socket_is_told(setting: int, warnings: int) -> None:
    script = f'modparam("rr", "enable_socket_mismatch_warning", {setting})\nalias=udp:here.example:5099\n'
    proxy = Proxy(script + "route { loose_route(); t_relay(); }")
    headers = f"Route: <sip:{OWN};lr;r2=on>, <sip:here.example:5099;lr;r2=on>\n"
    proxy.send(request("BYE", to_tag="bob", headers=headers))
    assert proxy.take("bob").headers("route") == []
    told = [each for each in proxy.log if "no socket of ours is here.example:5099" in each]
    assert len(told) == warnings


def test_a_route_with_the_user_of_somebody_else_is_not_ours() -> None:
    script = 'modparam("rr", "ignore_user", "other")\nroute { $var(rc) = loose_route(); xlog("$var(rc) $du"); }'
    proxy = Proxy(script)
    proxy.send(request("BYE", to_tag="bob", headers=f"Route: <sip:other@{OWN};lr>\n"))
    assert proxy.log == [f"1 sip:other@{OWN};lr"]
