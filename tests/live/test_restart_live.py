"""A hundred calls whose proxy is killed, or stopped, and started again: all are hung up through the new one."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import HOST, Ports, Rtpengine, Server, running_rtpengine, stop, until

if TYPE_CHECKING:
    from tests.live.conftest import Phone

pytestmark = pytest.mark.live

CALLS = 100
MEDIA = range(21080, 21490)
"""Four ports for each call."""

SCRIPT = """
log_level=2
socket=udp:127.0.0.1:PORT
loadmodule "proto_udp.so"
loadmodule "mi_datagram.so"
modparam("mi_datagram", "socket_name", "udp:127.0.0.1:MANAGEMENT")
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sipmsgops.so"
loadmodule "db_sqlite.so"
loadmodule "dialog.so"
modparam("dialog", "db_mode", 1)
modparam("dialog", "db_url", "sqlite://DATABASE")
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "RELAY")
loadmodule "rtp_relay.so"

route {
	if (has_totag()) {
		if (loose_route())
			t_relay();
		exit;
	}
	record_route();
	if (is_method("INVITE")) {
		create_dialog();
		rtp_relay_engage("rtpengine");
	}
	t_relay();
}
"""


@pytest.fixture
def rtpengine(ports: Ports, tmp_path: Path) -> Iterator[Rtpengine]:
    with running_rtpengine(Rtpengine(ports.block(), MEDIA), tmp_path) as relay:
        yield relay


class Restarted:
    """A proxy that ends and is started again on its ports."""

    def __init__(self, ports: Ports, rtpengine: Rtpengine, folder: Path) -> None:
        self.port, self.management = ports.block(), ports.block()
        self.database, self.log, self.file = folder / "calls.db", folder / "proxy.log", folder / "restart.cfg"
        filled = SCRIPT.replace("PORT", str(self.port)).replace("MANAGEMENT", str(self.management))
        relay = f"udp:{HOST}:{rtpengine.port}"
        self.file.write_text(filled.replace("DATABASE", str(self.database)).replace("RELAY", relay))
        self.server = self.start()

    def start(self) -> Server:
        """It serves."""
        with self.log.open("wb") as out:
            command = [sys.executable, "-m", "relayscript", "run", str(self.file)]
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self.server = Server(self.port, self.management, 0, process, self.log)
        until(lambda: b"ready" in self.log.read_bytes() or process.poll() is not None, "the proxy is ready")
        assert process.poll() is None, self.log.read_text()
        return self.server

    def end(self, number: signal.Signals) -> None:
        """It is killed, or asked to stop."""
        self.server.process.send_signal(number)
        assert self.server.process.wait() == (0 if number is signal.SIGTERM else -number)

    def confirmed(self) -> int:
        """How many confirmed calls are in the database."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("select count(*) from dialog where state = 4").fetchone()
        return int(count)


@pytest.fixture
def proxy(ports: Ports, rtpengine: Rtpengine, tmp_path: Path) -> Iterator[Restarted]:
    made = Restarted(ports, rtpengine, tmp_path)
    yield made
    status = stop(made.server.process)
    print(made.log.read_text())
    assert status == 0


def tell_to_hang_up(phone: Phone, calls: list[bytes]) -> None:
    """An INFO of each call."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        for number, call in enumerate(calls):
            via = f"Via: SIP/2.0/UDP {HOST}:{sock.getsockname()[1]};branch=z9hG4bK{os.getpid()}{number}\r\n"
            head = f"INFO sip:alice@{HOST} SIP/2.0\r\n{via}From: <sip:t@{HOST}>;tag=t\r\nTo: <sip:alice@{HOST}>\r\n"
            text = f"{head}Call-ID: {call.decode()}\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n"
            sock.sendto(text.encode(), (HOST, phone.port))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_calls_outlive_the_proxy(
    proxy: Restarted, rtpengine: Rtpengine, phone: Callable[..., Phone], number: signal.Signals
) -> None:
    callee = phone("callee")
    options = ("-key", "callee", f"{HOST}:{callee.port}", "-m", str(CALLS), "-r", str(CALLS), "-l", str(CALLS))
    caller = phone("lasting", f"{HOST}:{proxy.port}", *options)
    until(lambda: proxy.confirmed() == CALLS, "all calls are confirmed in the database")
    calls = rtpengine.calls()
    assert len(calls) == CALLS
    proxy.end(number)
    server = proxy.start()
    assert server.count("dialog:active_dialogs") == CALLS
    assert server.count("rtp_relay:rtpengine_sessions") == CALLS
    tell_to_hang_up(caller, calls)
    assert caller.finish() == 0, caller.text("out") + caller.text("error") + proxy.log.read_text()
    assert callee.end() == 0, callee.text("out") + callee.text("error")
    assert server.count("dialog:active_dialogs") == 0
    rtpengine.becomes_idle()
    until(lambda: proxy.confirmed() == 0, "the database has no call left")
