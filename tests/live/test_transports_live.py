"""A load of calls between real phones (sipp) over UDP, over TCP, and over TLS between two legs of the server itself.

Debian's sipp speaks no TLS: its calls come in over TCP, go to the server's own TLS listener, and leave over TCP.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import PATIENCE, until

if TYPE_CHECKING:
    from tests.live.conftest import Phone, Ports, Server

pytestmark = pytest.mark.live

RATE, SECONDS = 200, 30
CALLS = RATE * SECONDS

SCRIPT = """
socket=TRANSPORT:127.0.0.1:PORT
loadmodule "proto_TRANSPORT.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "tm.so"
modparam("tm", "wt_timer", 1)
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"
SECURITY

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
	DETOUR
	t_relay();
}
"""

SECURITY = """
socket=tls:127.0.0.1:SECURE
loadmodule "tls_mgm.so"
modparam("tls_mgm", "server_domain", "us")
modparam("tls_mgm", "client_domain", "them")
modparam("tls_mgm", "certificate", "FOLDER/own.pem")
modparam("tls_mgm", "private_key", "FOLDER/own.key")
modparam("tls_mgm", "ca_list", "FOLDER/own.pem")
modparam("tls_mgm", "verify_cert", "1")
modparam("tls_mgm", "require_cert", "1")
loadmodule "proto_tls.so"
"""
DETOUR = 'if ($socket_in(proto) == "tcp") $du = "sip:127.0.0.1:SECURE;transport=tls"; else create_dialog();'


def timers(server: Server) -> int:
    """The timers that are still to fire, but for those that close connections which are idle."""
    return server.count("core:timers") - len(server.ask("tcp:list")["Connections"])


def place_calls(server: Server, phone: Callable[..., Phone], transport: str) -> None:
    """Calls that all succeed, and leave nothing behind."""
    idle = timers(server)
    over = () if transport == "udp" else ("-t", "t1")
    callee = phone("callee", *over, traced=False)
    options = (*over, "-key", "callee", f"127.0.0.1:{callee.port};transport={transport}")
    options += ("-m", str(CALLS), "-r", str(RATE))
    caller = phone("caller", f"127.0.0.1:{server.port}", *options, traced=False)
    assert caller.finish(SECONDS + 2 * PATIENCE) == 0, caller.text("out")[-5000:] + server.log.read_text()[-5000:]
    assert callee.end() == 0, callee.text("out")[-5000:]
    until(lambda: server.count("tm:inuse_transactions") == 0, "no transaction is left")
    assert server.count("dialog:processed_dialogs") == CALLS
    assert server.count("dialog:active_dialogs") == 0
    assert server.count("dialog:early_dialogs") == 0
    until(lambda: timers(server) <= idle, "no timer is left")
    assert b"ERROR" not in server.log.read_bytes()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_calls_in_the_clear(serve: Callable[[str], Server], phone: Callable[..., Phone], transport: str) -> None:
    script = SCRIPT.replace("TRANSPORT", transport).replace("SECURITY", "").replace("DETOUR", "create_dialog();")
    place_calls(serve(script), phone, transport)


def test_calls_over_tls(
    serve: Callable[[str], Server], phone: Callable[..., Phone], ports: Ports, tmp_path: Path
) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", "own.key", "-out", "own.pem", "-subj", "/CN=proxy.example", "-days", "2"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    script = SCRIPT.replace("TRANSPORT", "tcp").replace("SECURITY", SECURITY).replace("DETOUR", DETOUR)
    script = script.replace("SECURE", str(ports.block())).replace("FOLDER", str(tmp_path))
    place_calls(serve(script), phone, "tcp")
