"""Locations that outlive the server: phones register over UDP and TCP, it is killed, and calls still find them."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.conftest import HOST, PATIENCE, Ports, stop, until

pytestmark = pytest.mark.live

SCRIPT = """
log_level=2
socket=udp:127.0.0.1:PORT
socket=tcp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "proto_tcp.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "signaling.so"
loadmodule "db_sqlite.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
modparam("usrloc", "working_mode_preset", "single-instance-sql-write-through")
modparam("usrloc", "db_url", "sqlite://DATABASE")
modparam("registrar|nathelper", "received_avp", "$avp(seen)")

route {
    if ($rm == "REGISTER") {
        if (nat_uac_test("diff-ip-src-contact")) fix_nated_register();
        save("location", "path-lazy");
        exit;
    }
    if ($rm == "ACK" || !lookup("location")) exit;
    t_relay();
}
"""


class Server:
    """The registrar, and its process."""

    def __init__(self, script: Path, log: Path) -> None:
        self._script, self._log = script, log
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "relayscript", "run", str(self._script)]
        with self._log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        until(lambda: b"ready" in self._log.read_bytes() or process.poll() is not None, "the server is ready")
        assert process.poll() is None, self._log.read_text()
        return process

    def kill_and_restart(self) -> None:
        """The process gets no chance to write anything, and another one takes its place."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process = self._start()


@pytest.fixture
def server(ports: Ports, tmp_path: Path) -> Iterator[tuple[Server, int]]:
    """A registrar with its port."""
    port, script = ports.block(), tmp_path / "registrar.cfg"
    script.write_text(SCRIPT.replace("PORT", str(port)).replace("DATABASE", str(tmp_path / "locations.db")))
    running = Server(script, tmp_path / "server.log")
    yield running, port
    assert stop(running.process) == 0


def udp(ports: Ports) -> socket.socket:
    """A socket of a phone."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE)
    made.bind((HOST, ports.block()))
    return made


def message(first: str, via: str, user: str, number: int, more: str = "") -> bytes:
    """A request about a user."""
    method = first.split()[0]
    lines = (
        first, f"Via: SIP/2.0/{via};branch=z9hG4bK{user}{method}{number}", f"From: <sip:{user}@example.com>;tag=1",
        f"To: <sip:{user}@example.com>", f"Call-ID: {user}-{method}", f"CSeq: {number} {method}", "Max-Forwards: 9",
    )  # fmt: skip
    return ("\r\n".join(lines) + f"\r\n{more}Content-Length: 0\r\n\r\n").encode()


def register(user: str, via: str, contact: str, more: str = "") -> bytes:
    """A REGISTER for ten minutes."""
    contact = f"Contact: <{contact}>;expires=600\r\n"
    return message("REGISTER sip:example.com SIP/2.0", via, user, 1, contact + more)


def answer(invite: str) -> bytes:
    """The 200 to an INVITE."""
    kept = [line for line in invite.split("\r\n") if re.match("(Via|From|Call-ID|CSeq|Record-Route):", line)]
    (to,) = re.findall("^To: .*", invite, re.MULTILINE)
    return "\r\n".join(["SIP/2.0 200 OK", *kept, f"{to.strip()};tag=2", "Content-Length: 0", "", ""]).encode()


def call(caller: socket.socket, port: int, user: str) -> None:
    """Somebody calls a user."""
    via = f"UDP {HOST}:{caller.getsockname()[1]}"
    caller.sendto(message(f"INVITE sip:{user}@example.com SIP/2.0", via, user, 1), (HOST, port))


def succeeds(caller: socket.socket) -> bool:
    """The call is answered."""
    while not (status := caller.recv(65536).split()[1].decode()).startswith("2"):
        assert status in ("100", "180")
    return True


def test_phones_are_reached_after_the_server_was_killed(server: tuple[Server, int], ports: Ports) -> None:
    running, port = server
    with closing(udp(ports)) as bob, closing(udp(ports)) as edge, closing(udp(ports)) as caller, \
            closing(socket.create_server((HOST, ports.block()))) as dave:  # fmt: skip
        dave.settimeout(PATIENCE)
        own = {each: each.getsockname()[1] for each in (bob, edge, dave)}
        with closing(socket.create_connection((HOST, port))) as connection:
            contact = f"sip:dave@{HOST}:{own[dave]};transport=tcp"
            connection.sendall(register("dave", f"TCP {HOST}:{own[dave]}", contact))
            assert b" 200 " in connection.recv(65536)
        path = f"Path: <sip:{HOST}:{own[edge]};lr>\r\nSupported: path\r\n"
        edge.sendto(register("carol", f"UDP {HOST}:{own[edge]}", "sip:carol@10.9.9.9", path), (HOST, port))
        assert b"Path:" in edge.recv(65536)
        bob.sendto(register("bob", f"UDP {HOST}:{own[bob]}", "sip:bob@10.1.2.3:7"), (HOST, port))
        assert b" 200 " in bob.recv(65536)
        running.kill_and_restart()

        call(caller, port, "bob")
        invite, proxy = bob.recvfrom(65536)
        assert invite.startswith(b"INVITE sip:bob@10.1.2.3:7 ")
        bob.sendto(answer(invite.decode()), proxy)
        assert succeeds(caller)

        call(caller, port, "carol")
        invite, proxy = edge.recvfrom(65536)
        assert invite.startswith(b"INVITE sip:carol@10.9.9.9 ")
        assert f"Route: <sip:{HOST}:{own[edge]};lr>".encode() in invite
        edge.sendto(answer(invite.decode()), proxy)
        assert succeeds(caller)

        call(caller, port, "dave")
        connection, _ = dave.accept()
        with closing(connection):
            invite = connection.recv(65536)
            assert invite.startswith(f"INVITE {contact} ".encode())
            connection.sendall(answer(invite.decode()))
            assert succeeds(caller)


def test_many_registrations_are_all_there(server: tuple[Server, int], ports: Ports) -> None:
    """What was answered is in the database, whenever the server dies."""
    running, port = server
    with closing(udp(ports)) as phone, closing(udp(ports)) as caller:
        own = phone.getsockname()[1]
        for number in range(50):
            user = f"user{number}"
            phone.sendto(register(user, f"UDP {HOST}:{own}", f"sip:{user}@{HOST}:{own}"), (HOST, port))
        for _ in range(50):
            assert b" 200 " in phone.recv(65536)
        running.kill_and_restart()
        for number in range(50):
            call(caller, port, f"user{number}")
            invite, proxy = phone.recvfrom(65536)
            phone.sendto(answer(invite.decode()), proxy)
            assert succeeds(caller)
