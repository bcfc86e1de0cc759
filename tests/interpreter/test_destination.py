"""Where requests go: from a URI to a socket of ours and an address."""

from __future__ import annotations

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.context import Branch
from relayscript.interpreter.destination import (
    BAD_URI,
    NO_ADDRESS,
    NO_SOCKET,
    Unreachable,
    Way,
    next_hop,
)
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.transport import Listener

SOCKETS = (
    "socket=udp:10.0.0.1:5060\nsocket=udp:10.0.0.1:5080\nsocket=tcp:10.0.0.1:5060\nsocket=udp:[::1]:5060\n"
    'loadmodule "proto_udp.so"\nloadmodule "proto_tcp.so"\nroute { exit; }'
)


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    script = parse_text(SOCKETS).script
    assert script is not None
    host = VirtualHost()
    host.names |= {"two.example": ("10.0.0.7", "10.0.0.8")}
    return Runtime(script, host)


def hop(runtime: Runtime, uri: str, duri: str | None = None) -> tuple[str, tuple[str, int]]:
    branch = Branch(uri)
    branch.duri = duri
    listener, address = next_hop(runtime, branch)
    return str(listener), address


@pytest.mark.parametrize(
    ("uri", "socket", "address"),
    [
        ("sip:a@10.0.0.9", "udp:10.0.0.1:5060", ("10.0.0.9", 5060)),
        ("sip:10.0.0.9:7000;transport=TCP", "tcp:10.0.0.1:5060", ("10.0.0.9", 7000)),
        ("sip:a@[::1]:7000", "udp:[::1]:5060", ("::1", 7000)),
        ("sip:a@b;maddr=10.0.0.3", "udp:10.0.0.1:5060", ("10.0.0.3", 5060)),
        ("sip:two.example", "udp:10.0.0.1:5060", ("10.0.0.7", 5060)),
    ],
)
def test_the_uri_says_where(runtime: Runtime, uri: str, socket: str, address: tuple[str, int]) -> None:
    assert hop(runtime, uri) == (socket, address)
    assert hop(runtime, "sip:elsewhere@192.0.2.1", duri=uri) == (socket, address)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("sip:a@[2001:db8:::192.0.2.1]", BAD_URI),
        ("sip:a@[1:2:3]", BAD_URI),
        ("sip:a@b;maddr=[1:2:3]", BAD_URI),
        ("", BAD_URI), ("sip:", BAD_URI), ("nothing", BAD_URI), ("sip:unknown.example", NO_ADDRESS),
        ("sips:a@10.0.0.9", NO_SOCKET), ("sip:a@10.0.0.9;transport=tls", NO_SOCKET),
        ("sip:a@[::1];transport=tcp", NO_SOCKET),
    ],
)  # fmt: skip
def test_some_lead_nowhere(runtime: Runtime, uri: str, code: int) -> None:
    for _ in range(2):
        with pytest.raises(Unreachable) as found:
            next_hop(runtime, Branch(uri))
        assert found.value.code == code


def test_all_addresses_of_a_name(runtime: Runtime) -> None:
    way = Way(runtime, Branch("sip:two.example"))
    assert [found and found[1] for found in (way.next(), way.next(), way.next())] == [
        ("10.0.0.7", 5060), ("10.0.0.8", 5060), None,
    ]  # fmt: skip


def test_the_forced_socket_then_the_receiving_one_then_the_first_that_fits(runtime: Runtime) -> None:
    first, second, tcp, six = runtime.listeners
    branch = Branch("sip:10.0.0.9")

    def chosen(received_on: Listener | None) -> Listener:
        return next_hop(runtime, branch, received_on)[0]

    assert (chosen(None), chosen(second), chosen(tcp), chosen(six)) == (first, second, first, first)
    branch.socket = second
    assert chosen(first) is second
    branch.socket = tcp
    assert chosen(second) is second


ZONE = """
far.net. 60 IN NAPTR 10 1 "s" "SIP+D2T" "" _sip._tcp.far.net.
far.net. 60 IN NAPTR 20 1 "s" "SIP+D2U" "" _sip._udp.far.net.
_sip._tcp.far.net. 60 IN SRV 1 1 5071 one.far.net.
_sip._udp.far.net. 60 IN SRV 1 10 5072 one.far.net.
_sip._udp.far.net. 60 IN SRV 1 90 5073 two.far.net.
one.far.net. 60 IN A 10.0.0.11
two.far.net. 60 IN A 10.0.0.12
six.net. 60 IN AAAA ::12
"""


def located(globals: str, uri: str, sockets: str = SOCKETS) -> list[str]:
    """All places that a URI leads to."""
    script = parse_text(f"{globals}\n{sockets}").script
    assert script is not None
    host = VirtualHost()
    host.zone.read(ZONE)
    way, found = Way(Runtime(script, host), Branch(uri)), []
    while (place := way.next()) is not None:
        found.append(f"{place[0].protocol} {place[1][0]}:{place[1][1]}")
    return found


TCP, UDP = ["tcp 10.0.0.11:5071"], ["udp 10.0.0.11:5072", "udp 10.0.0.12:5073"]


@pytest.mark.parametrize(
    ("globals", "uri", "places"),
    [
        ("", "sip:far.net", TCP + UDP),
        ("dns_try_naptr=no", "sip:far.net", UDP),
        ("", "sip:far.net;transport=udp", UDP),
        ("", "sip:one.far.net", ["udp 10.0.0.11:5060"]),
        ("disable_dns_failover=yes", "sip:far.net", TCP),
        ("", "sip:six.net", []),
        ("dns_try_ipv6=yes", "sip:six.net", ["udp ::12:5060"]),
        ("dst_blacklist=x/default: { (tcp, 10.0.0.0/8) }", "sip:far.net", UDP),
        ("dst_blacklist=x/default: { (any, 10.0.0.12, 5073) }", "sip:far.net", [*TCP, UDP[0]]),
    ],
)
def test_dns_says_where_as_far_as_the_script_wants(globals: str, uri: str, places: list[str]) -> None:
    assert sorted(located(globals, uri)) == sorted(places)


def test_offers_that_no_socket_serves_are_left_out() -> None:
    assert located("", "sip:far.net", SOCKETS.replace("socket=tcp:10.0.0.1:5060\n", ""))[0] in UDP


def test_with_ipv6_sockets_only_addresses_are_those_of_ipv6() -> None:
    only = 'socket=udp:[::1]:5060\nloadmodule "proto_udp.so"\nroute { exit; }'
    assert located("", "sip:six.net", only) == ["udp ::12:5060"]
