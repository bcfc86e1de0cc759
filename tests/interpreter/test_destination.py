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
