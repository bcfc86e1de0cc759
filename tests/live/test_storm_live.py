"""Storms and junk beside calls: the calls go on, memory stays, and afterwards all is as before."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import HOST, until
from tests.live.talker import bound
from tests.sip.torture.messages import messages

if TYPE_CHECKING:
    from tests.live.conftest import Phone, Ports, Server

pytestmark = pytest.mark.live

SCRIPT = """
log_level=1
max_transactions=150
shed_retry_after=7
socket=udp:127.0.0.1:PORT
socket=tcp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "proto_tcp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "signaling.so"
loadmodule "tm.so"
modparam("tm", "fr_timeout", 2)
modparam("tm", "wt_timer", 1)
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
loadmodule "dialog.so"

route {
	if (!mf_process_maxfwd_header(70)) {
		send_reply(483, "Too Many Hops");
		exit;
	}
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	if (has_totag()) {
		if (loose_route())
			t_relay();
		exit;
	}
	t_check_trans();
	record_route();
	if (is_method("INVITE"))
		create_dialog();
	t_relay();
}
"""

MOST_MORE = 64 << 20
"""Bytes by which the resident set of the server may grow in a storm."""

STORM, BURST = 3000, 60


def resident(server: Server) -> int:
    """Bytes of the server's resident set."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def invite(number: int, port: int, silent: int) -> bytes:
    """A new INVITE to where nobody answers."""
    return (
        f"INVITE sip:nobody@{HOST}:{silent} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {HOST}:{port};rport;branch=z9hG4bKstorm{number}\r\n"
        f"From: <sip:storm@{HOST}>;tag=s{number}\r\nTo: <sip:nobody@{HOST}>\r\nCall-ID: storm-{number}\r\n"
        f"CSeq: 1 INVITE\r\nContact: <sip:storm@{HOST}:{port}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def is_over(server: Server) -> bool:
    """Nothing is left of transactions and dialogs."""
    names = ("tm:inuse_transactions", "dialog:active_dialogs", "dialog:early_dialogs")
    return not any(server.count(name) for name in names)


def start_calls(server: Server, phone: Callable[..., Phone], ports: Ports, count: int) -> tuple[Phone, Phone]:
    """So many calls of a second each, placed within a second or two."""
    callee = phone("callee", traced=False)
    options = ("-key", "callee", f"{HOST}:{callee.port}", "-m", str(count), "-r", "20")
    return phone("caller", f"{HOST}:{server.port}", *options, plays=True, traced=False), callee


def all_succeed(server: Server, caller: Phone, callee: Phone) -> None:
    """Each call went as its scenario says, to the answer to its BYE."""
    assert caller.finish() == 0, caller.text("out") + caller.text("error") + server.log.read_text(errors="replace")
    assert callee.end() == 0, callee.text("out") + callee.text("error")


def storm(server: Server, sock: socket.socket, silent: int) -> list[bytes]:
    """Send new INVITEs in bursts, each as soon as the answers to the one before have come; the refusals."""
    port, refusals = sock.getsockname()[1], list[bytes]()
    for number in range(STORM):
        sock.sendto(invite(number, port, silent), (HOST, server.port))
        if number % BURST:
            continue
        with suppress(TimeoutError):
            while data := sock.recv(65536):
                refusals += [data] if data.startswith(b"SIP/2.0 503 ") else []
    return refusals


def test_calls_go_on_through_a_storm(serve: Callable[[str], Server], phone: Callable[..., Phone], ports: Ports) -> None:
    server = serve(SCRIPT)
    before = resident(server)
    caller, callee = start_calls(server, phone, ports, 20)
    until(lambda: server.count("dialog:active_dialogs") == 20, "calls are up")
    with bound(ports.block(), 1.0) as deaf, bound(ports.block(), 0.02) as sock:
        refusals = storm(server, sock, deaf.getsockname()[1])
        all_succeed(server, caller, callee)
        assert resident(server) - before < MOST_MORE
        until(lambda: is_over(server), "all is over")
    assert len(refusals) > 100
    for part in (b"\r\nRetry-After: 7\r\n", b"\r\nTo: <sip:nobody@127.0.0.1>;tag="):
        assert all(part in each for each in refusals)
    assert server.count("overload:requests") >= len(refusals)
    assert b"internal error" not in server.log.read_bytes()
    all_succeed(server, *start_calls(server, phone, ports, 1))
    until(lambda: is_over(server), "all is over again")


def junk() -> list[bytes]:
    """Bytes of all kinds: noise, torture messages, pieces and mutations of those."""
    dice = random.Random(4475)
    found = [b"", b"\0", b"\r\n\r\n", b"SIP/2.0 200", b"A" * 60_000, b"a:\r\n" * 15_000]
    found += [dice.randbytes(dice.randrange(1500)) for _ in range(100)]
    for message in messages():
        data = bytearray(message.data)
        found += [bytes(data), bytes(data[: dice.randrange(len(data))])]
        for _ in range(3):
            data[dice.randrange(len(data))] = dice.randrange(256)
            found.append(bytes(data))
    return found


def test_calls_go_on_beside_junk(serve: Callable[[str], Server], phone: Callable[..., Phone], ports: Ports) -> None:
    server = serve(SCRIPT)
    before = resident(server)
    caller, callee = start_calls(server, phone, ports, 20)
    until(lambda: server.count("dialog:active_dialogs") == 20, "calls are up")
    with bound(ports.block(), 1.0) as sock:
        for data in junk():
            sock.sendto(data, (HOST, server.port))
            with socket.create_connection((HOST, server.port), 5.0) as stream, suppress(OSError):
                stream.sendall(data)
    all_succeed(server, caller, callee)
    until(lambda: is_over(server), "all is over")
    assert b"internal error" not in server.log.read_bytes()
    assert resident(server) - before < MOST_MORE
    all_succeed(server, *start_calls(server, phone, ports, 1))
