"""Events: who is told, how, and for how long; the `evi:*` commands."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from relayscript.interpreter.management import CommandError
from relayscript.sip.transport import Listener
from tests.interpreter.modules.stage import Proxy, request

SCRIPT = """
route {
    if ($rm == "MESSAGE") { subscribe_event("E_MINE", "udp:192.0.2.9:8888"); xlog("$rc"); exit; }
    if ($rm == "INFO") { subscribe_event("E_MINE", "rabbitmq:somewhere"); xlog("$rc"); exit; }
    $avp(n) = "ip"; $avp(v) = "192.0.2.1";
    raise_event("E_MINE", $avp(n), $avp(v));
    $avp(one) = 5;
    raise_event("E_LIST", $avp(one));
}
event_route[E_ROUTE] { xlog("route $param(a) $param(1)"); }
"""
MODULES = "tm sl event_datagram"


def told(proxy: Proxy) -> list[tuple[str, Any]]:
    """Which sockets were told what."""
    found, proxy.host.emitted = proxy.host.emitted, []
    return [(url, json.loads(data)) for url, data in found]


def test_a_script_subscribes_a_listener_for_ever() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(request("MESSAGE"))
    proxy.host.pass_time(100_000)
    proxy.send(request("OPTIONS"))
    params = {"ip": "192.0.2.1"}
    assert told(proxy) == [("udp:192.0.2.9:8888", {"jsonrpc": "2.0", "method": "E_MINE", "params": params})]
    assert proxy.call("subscribers_list", event="E_MINE", socket="udp:192.0.2.9:8888") == {
        "Event": {
            "name": "E_MINE", "id": cast(Any, proxy.runtime).events.names()["E_MINE"],
            "Subscriber": {"socket": "udp:192.0.2.9:8888", "expire": "never"},
        }
    }  # fmt: skip


def test_no_transport_no_subscription() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(request("INFO"))
    assert proxy.log[-1] == "-1"
    other = Proxy(SCRIPT)
    other.send(request("MESSAGE"))
    assert other.log[-1] == "-1"


def test_a_subscription_by_command_ends() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    assert proxy.call("event_subscribe", event="E_ROUTE", socket="unix:/tmp/x", expire=60) == "OK"
    proxy.call("raise_event", event="E_ROUTE", params=["x", 2])
    assert told(proxy) == [("unix:/tmp/x", {"jsonrpc": "2.0", "method": "E_ROUTE", "params": ["x", 2]})]
    proxy.host.pass_time(20)
    (one,) = cast(Any, proxy.call("evi:subscribers", event="E_ROUTE"))["Event"]["subscribers"]
    assert one == {"socket": "unix:/tmp/x", "expire": 60, "ttl": 40}
    proxy.host.pass_time(41)
    proxy.call("evi:raise", event="E_ROUTE")
    assert told(proxy) == []
    assert proxy.call("evi:subscribers") == {"Events": []}


def test_to_subscribe_again_renews() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.call("evi:subscribe", event="E_ROUTE", socket="udp:192.0.2.9:1")
    (one,) = cast(Any, proxy.call("evi:subscribers"))["Events"]
    assert one["subscribers"] == [{"socket": "udp:192.0.2.9:1", "expire": 3600, "ttl": 3600}]
    proxy.call("evi:subscribe", event="E_ROUTE", socket="udp:192.0.2.9:1", expire=0)
    (one,) = cast(Any, proxy.call("evi:subscribers"))["Events"]
    assert one["subscribers"] == [{"socket": "udp:192.0.2.9:1", "expire": "never"}]


@pytest.mark.parametrize("params", ['{"a": "x"}', {"a": "x"}])
def test_events_raised_by_command_run_their_route(params: object) -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.call("evi:raise", event="E_ROUTE", params=params)
    assert proxy.log[-1] == "route x x"


def test_the_list_has_what_modules_and_the_script_raise() -> None:
    proxy = Proxy(SCRIPT, f"{MODULES} rr dialog")
    found = cast(Any, proxy.call("events_list"))["Events"]
    names = [each["name"] for each in found]
    assert {"E_CORE_THRESHOLD", "E_DLG_STATE_CHANGED", "E_ROUTE"} <= set(names)
    assert "E_MINE" not in names
    assert [each["id"] for each in found] == list(range(len(found)))
    proxy.send(request("OPTIONS"))
    assert cast(Any, proxy.call("events_list"))["Events"][-1]["name"] == "E_LIST"


@pytest.mark.parametrize(
    ("command", "params", "code"),
    [
        ("evi:raise", {"event": "E_NONE"}, 404),
        ("evi:subscribe", {"event": "E_NONE", "socket": "udp:192.0.2.9:1"}, 404),
        ("evi:subscribe", {"event": "E_ROUTE", "socket": "kafka:x"}, 500),
        ("evi:subscribers", {"event": "E_NONE"}, 404),
        ("evi:subscribers", {"event": "E_ROUTE", "socket": "udp:192.0.2.9:1"}, 404),
    ],
)
def test_what_is_unknown(command: str, params: dict[str, object], code: int) -> None:
    with pytest.raises(CommandError) as found:
        Proxy(SCRIPT, MODULES).call(command, **params)
    assert found.value.code == code


def test_lines_of_the_log_are_events_but_for_those_about_them() -> None:
    proxy = Proxy(
        """
        log_event_enabled=1 log_event_level_filter=2
        route { xlog("L_NOTICE", "hello\\n"); xlog("L_INFO", "never\\n"); }
        event_route[E_CORE_LOG] { xlog("told of $param(level) $param(message)"); }
        """,
    )
    proxy.send(request("OPTIONS"))
    proxy.host.pass_time(1)
    assert proxy.log == ["hello", "told of NOTICE hello"]


def test_the_end_of_a_connection_is_an_event() -> None:
    told = 'xlog("$param(proto) $param(src_ip) $param(2)");'
    proxy = Proxy(f"route {{ exit; }} event_route[E_CORE_TCP_DISCONNECT] {{ {told} }}")
    proxy.host.disconnected(Listener("tcp", "127.0.0.1", 5060), ("192.0.2.1", 40000))
    proxy.host.pass_time(1)
    assert proxy.log == ["tcp 192.0.2.1 40000"]
