"""Calls between real phones to a domain whose first server is out of order, found by a real name server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import HOST, until
from tests.nameserver import NameServer

if TYPE_CHECKING:
    from tests.live.conftest import Phone, Ports, Server

pytestmark = pytest.mark.live

CALLS = 5

SCRIPT = """
SOCKET
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "tm.so"
modparam("tm", "fr_timeout", 1)
modparam("tm", "wt_timer", 1)
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"

route {
	if (!mf_process_maxfwd_header(10)) {
		sl_send_reply(483, "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (loose_route())
			t_relay();
		exit;
	}
	record_route();
	if (is_method("INVITE"))
		create_dialog();
	t_relay();
}
"""

UDP = 'socket=udp:127.0.0.1:PORT\nloadmodule "proto_udp.so"'
TCP = 'socket=tcp:127.0.0.1:PORT\nloadmodule "proto_tcp.so"'

ZONE = """
callee.test. 60 IN NAPTR 10 10 "s" "{service}" "" _sip.{protocol}.callee.test.
_sip.{protocol}.callee.test. 60 IN SRV 10 1 {dead} first.callee.test.
_sip.{protocol}.callee.test. 60 IN SRV 20 1 {living} second.callee.test.
first.callee.test. 60 IN A 127.0.0.1
second.callee.test. 60 IN CNAME host.callee.test.
host.callee.test. 60 IN A 127.0.0.1
"""


@pytest.fixture
def name_server() -> Iterator[Callable[[str], NameServer]]:
    """Starts name servers by the text of their zone."""
    with ExitStack() as stack:

        def start(zone: str) -> NameServer:
            made = NameServer(zone)
            stack.callback(made.close)
            return made

        yield start


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("is_silent", [False, True])
def test_calls_reach_the_second_server(
    serve: Callable[..., Server],
    phone: Callable[..., Phone],
    ports: Ports,
    name_server: Callable[[str], NameServer],
    protocol: str,
    is_silent: bool,
) -> None:
    options = ("-t", "t1") if protocol == "tcp" else ()
    callee = phone("callee", *options)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM) as silent:
        dead = ports.block()
        if is_silent:
            silent.bind((HOST, 0))
            dead = silent.getsockname()[1]
        service = {"udp": "SIP+D2U", "tcp": "SIP+D2T"}[protocol]
        zone = ZONE.format(service=service, protocol=f"_{protocol}", dead=dead, living=callee.port)
        names = name_server(zone)
        script = SCRIPT.replace("SOCKET", UDP if protocol == "udp" else TCP)
        server = serve(script, "--resolver", f"{HOST}:{names.address[1]}")
        caller = phone("caller", f"{HOST}:{server.port}", *options, "-key", "callee", "callee.test", "-m", str(CALLS))
        assert caller.finish() == 0, caller.text("out") + caller.text("error") + server.log.read_text()
        assert callee.end() == 0, callee.text("out") + callee.text("error")
        until(lambda: server.count("tm:inuse_transactions") == 0, "no transaction is left")
    assert server.count("dialog:processed_dialogs") == CALLS
    assert server.count("dialog:active_dialogs") == 0
    assert names.asked[:2] == ["NAPTR callee.test", f"SRV _sip._{protocol}.callee.test"]
    assert len(names.asked) == 4  # each question once, then from memory


def test_a_server_that_waits_for_a_silent_name_server_ends_at_once(
    serve: Callable[..., Server], name_server: Callable[[str], NameServer]
) -> None:
    names = name_server("")
    names.silent_for.add("callee.test")
    server = serve(SCRIPT.replace("SOCKET", UDP), "--resolver", f"{HOST}:{names.address[1]}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((HOST, 0))
        text = (
            f"OPTIONS sip:callee.test SIP/2.0\r\nVia: SIP/2.0/UDP {HOST}:{client.getsockname()[1]};branch=z9hG4bKq\r\n"
            "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: q\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\n\r\n"
        )
        client.sendto(text.encode(), (HOST, server.port))
        until(lambda: names.asked, "the name server is asked")
