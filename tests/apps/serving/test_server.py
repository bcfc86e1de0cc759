"""`relayscript run` as a process: the ready line, a clean stop, bad scripts, ports in use."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = """\
log_prefix="edge"
socket=udp:127.0.0.1:{port}
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:{management}")
route {{
	xlog("L_ERR", "a request came\\n");
	sl_send_reply(200, "OK");
}}
"""
OPTIONS = (
    "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1\r\n"
    "Max-Forwards: 9\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@b>\r\nCall-ID: 1\r\n"
    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


def free_ports(count: int) -> list[int]:
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for sock in socks:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


def started(script: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "relayscript", "run", str(script)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def written(tmp_path: Path, port: int, management: int) -> Path:
    script = tmp_path / "x.cfg"
    script.write_text(SCRIPT.format(port=port, management=management))
    return script


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_that_it_is_ready_serves_and_stops_cleanly(
    tmp_path: Path, peer: socket.socket, number: signal.Signals
) -> None:
    port, management = free_ports(2)
    with started(written(tmp_path, port, management)) as process:
        assert process.stderr is not None
        ready = process.stderr.readline()
        assert ready == f"relayscript: ready, {tmp_path / 'x.cfg'} serves udp:127.0.0.1:{port} (pid {process.pid})\n"
        peer.sendto(OPTIONS.format(port=peer.getsockname()[1]).encode(), ("127.0.0.1", port))
        assert peer.recv(65535).startswith(b"SIP/2.0 200 OK\r\n")
        peer.sendto(b'{"jsonrpc":"2.0","id":1,"method":"which"}', ("127.0.0.1", management))
        assert b'"core:which"' in peer.recv(65535)
        process.send_signal(number)
        assert process.wait(2) == 0
        assert process.stderr.read().endswith(f"[{process.pid}] edge:ERROR:a request came\n")


def test_a_port_in_use_is_one_clear_line(tmp_path: Path, peer: socket.socket) -> None:
    taken = peer.getsockname()[1]
    (free,) = free_ports(1)
    with started(written(tmp_path, taken, free)) as process:
        assert process.stderr is not None
        assert process.wait(10) == 2
        assert process.stderr.read() == f"relayscript: udp:127.0.0.1:{taken}: address already in use\n"
    with started(written(tmp_path, free, taken)) as process:
        assert process.stderr is not None
        assert process.wait(10) == 2
        assert process.stderr.read() == f"relayscript: udp:127.0.0.1:{taken}: address already in use\n"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("route { no_such_function(); }\n", "x.cfg:1:9"),
        ("route {\n  if (\n}\n", "x.cfg:3:1"),
        (None, "x.cfg"),
    ],
)
def test_a_bad_script_is_told_and_nothing_is_started(tmp_path: Path, script: str | None, words: str) -> None:
    if script is not None:
        (tmp_path / "x.cfg").write_text(f"{script}socket=udp:127.0.0.1:5060\n")
    with started(tmp_path / "x.cfg") as process:
        assert process.stderr is not None
        assert process.wait(10) == 1
        told = process.stderr.read()
    assert words in told
    assert "Traceback" not in told


def test_a_database_that_cannot_be_opened_is_one_clear_line(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    modules = ("proto_udp", "tm", "rr", "db_sqlite", "dialog")
    loads = "".join(f'loadmodule "{name}.so"\n' for name in modules)
    settings = 'modparam("dialog", "db_mode", 1)\nmodparam("dialog", "db_url", "sqlite:///no/such/place")\n'
    (tmp_path / "x.cfg").write_text(f"socket=udp:127.0.0.1:{port}\n{loads}{settings}route {{ exit; }}\n")
    with started(tmp_path / "x.cfg") as process:
        assert process.stderr is not None
        assert process.wait(10) == 1
        assert process.stderr.read() == "relayscript: sqlite:///no/such/place: unable to open database file\n"


def test_without_a_socket_it_does_not_start(tmp_path: Path) -> None:
    script = tmp_path / "x.cfg"
    script.write_text('loadmodule "proto_udp.so"\nroute { exit; }\n')
    process = started(script)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "no socket to serve" in said
