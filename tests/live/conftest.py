"""Real programs on free ports of loopback: the server, rtpengine, and pairs of sipp that call through it."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bencodepy
import pytest

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "sipp"
OBSERVED = Path(__file__).parent / "observed.py"
MEDIA = 80
"""How many media ports a relay has."""
PATIENCE = 20.0
"""Seconds after which something that should have happened is a failure."""


def program(name: str) -> str:
    """Its path; without it the test is skipped, or fails where CI is set."""
    if path := shutil.which(name):
        return path
    reason = (
        f"{name} is not installed (Debian package {'sip-tester' if name == 'sipp' else name + '-daemon'})"
    )
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:.0f} s"
        time.sleep(0.05)


def ask(port: int, message: bytes) -> bytes:
    """Send a datagram to a control port and return the answer to it; empty if none comes within a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1.0)
        client.connect((HOST, port))
        with suppress(OSError):
            client.send(message)
            return client.recv(65536)
    return b""


def ask_relay(port: int, command: bytes) -> bytes:
    """A relay's answer to a command; empty if there is none."""
    cookie = secrets.token_hex(4).encode()  # a relay answers a cookie that it knows as it did before
    return ask(port, cookie + b" " + command).partition(b" ")[2]


class Ports:
    """Hands out free ports, those longest unused first; each worker of a parallel run has a range of its own."""

    def __init__(self, first: int = 26000, size: int = 200) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        number = int(worker.removeprefix("gw")) if worker.startswith("gw") else 0
        self._first = self._next = first + size * (number % 5)
        self._size = size

    def block(self, size: int = 2) -> int:
        """The first, even, of `size` ports in a row that are free now."""
        for _ in range(self._size):
            if self._next + size > self._first + self._size:
                self._next = self._first
            first, self._next = self._next, self._next + size + size % 2
            if all(is_free(port) for port in range(first, first + size)):
                return first
        raise AssertionError("no free ports are left")


def is_free(port: int) -> bool:
    """Whether nobody is bound to the port, over UDP or TCP."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


@pytest.fixture
def ports() -> Ports:
    return Ports()


def stop(process: subprocess.Popen[bytes], seconds: float = PATIENCE) -> int:
    """End the process as a service manager would; its exit status."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"{process.args!r} did not end within {seconds:.0f} s") from None


@dataclass(frozen=True, slots=True)
class Rtpengine:
    """A running rtpengine: its control port and its media ports."""

    port: int
    media: range

    def command(self, **fields: object) -> dict[bytes, Any]:
        """What it answers to a command of its ng protocol; empty if it does not."""
        reply = ask_relay(self.port, bencodepy.encode(fields))
        return bencodepy.decode(reply) if reply else {}

    def calls(self) -> list[bytes]:
        """The calls that it knows, by Call-ID."""
        calls: list[bytes] = self.command(command="list", limit="100")[b"calls"]
        return calls

    def becomes_idle(self) -> None:
        """Wait until it knows no call any more."""
        until(lambda: self.calls() == [], "rtpengine has no session left")


@pytest.fixture
def rtpengine(ports: Ports, tmp_path: Path) -> Iterator[Rtpengine]:
    """An rtpengine for a few calls."""
    first = ports.block(MEDIA)
    with running_rtpengine(Rtpengine(ports.block(), range(first, first + MEDIA)), tmp_path) as relay:
        yield relay


@contextmanager
def running_rtpengine(relay: Rtpengine, folder: Path) -> Iterator[Rtpengine]:
    """The daemon, for as long as the block lasts."""
    process = start_rtpengine(relay, folder)
    try:
        yield relay
    finally:
        stop(process)


def start_rtpengine(relay: Rtpengine, folder: Path) -> subprocess.Popen[bytes]:
    """Start the daemon in user space, that forgets a call as soon as it is told to; its log is in the folder."""
    path, name = program("rtpengine"), f"rtpengine-{relay.port}"
    arguments = ["--config-file=none", "--foreground", "--log-stderr", "--log-level=5", "--num-threads=2"]
    arguments += ["--table=-1", f"--interface={HOST}", f"--listen-ng={HOST}:{relay.port}", "--delete-delay=0"]
    arguments += [f"--port-min={relay.media.start}", f"--port-max={relay.media.stop - 1}"]
    arguments += [f"--pidfile={folder}/{name}.pid"]
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen([path, *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until(lambda: relay.command(command="ping").get(b"result") == b"pong", "rtpengine answers")
    except BaseException:
        process.kill()
        raise
    return process


@dataclass(frozen=True, slots=True)
class Server:
    """A script being served by `relayscript run`; `relay` is a control port of the rtpproxy inside it."""

    port: int
    management: int
    relay: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, method: str, *params: object) -> Any:
        """The result of a management command."""
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        return json.loads(ask(self.management, request))["result"]

    def count(self, statistic: str) -> int:
        """The value of a statistic, by `group:name`."""
        return int(self.ask("get_statistics", [statistic])[statistic])

    def relayed(self) -> dict[str, int]:
        """The statistics of the rtpproxy inside it, as rtpproxy itself reports them; empty if it does not."""
        rows = (line.split(": ") for line in ask_relay(self.relay, b"I").decode().splitlines())
        return {name: int(count) for name, count in rows}


@pytest.fixture
def serve(ports: Ports, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Serves a script in which PORT and MANAGEMENT stand for the ports, with further options of `relayscript run`.

    It has to stop cleanly in the end.
    """
    with serving(ports, tmp_path) as start:
        yield start


@contextmanager
def serving(ports: Ports, folder: Path) -> Iterator[Callable[..., Server]]:
    """What the fixture `serve` gives, for as long as the block lasts; files are in the folder."""
    servers: list[Server] = []

    def start(script: str, *options: str) -> Server:
        port, management, relay = ports.block(), ports.block(), ports.block()
        file, log = folder / f"live-{port}.cfg", folder / f"server-{port}.log"
        file.write_text(script.replace("MANAGEMENT", str(management)).replace("PORT", str(port)))
        command = [sys.executable, str(OBSERVED), str(relay), "run", str(file), *options]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        server = Server(port, management, relay, process, log)
        servers.append(server)
        until(lambda: b"ready" in log.read_bytes() or process.poll() is not None, "the server is ready")
        assert process.poll() is None, log.read_text()
        return server

    try:
        yield start
    finally:
        for server in servers:
            status = server.process.poll()
            if status is None:
                status = stop(server.process, 2.0)
            print(server.log.read_text(errors="replace"))
            assert status == 0


TRACES = {"screen": "screen", "message": "msg", "error": "err"}
"""What a sipp writes into files of these names, and the option for it."""


class Phone:
    """One sipp with one of our scenarios; `traced` writes all its messages down."""

    def __init__(self, name: str, ports: Ports, folder: Path, *arguments: str, plays: bool, traced: bool) -> None:
        self.port, self.media = ports.block(), ports.block(4)
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        (self.folder / "tone.ulaw").write_bytes(bytes([0xD5, 0x55]) * 2000)
        command = [program("sipp"), "-sf", str(SCENARIOS / f"{name}.xml"), "-i", HOST, "-p", str(self.port)]
        command += ["-mi", HOST, "-mp", str(self.media), "-nostdin", *arguments]
        command += ["-set", "plays", "1"] if plays else ["-rtp_echo"]
        for kind in ("screen", "message", "error") if traced else ("screen", "error"):
            command += [f"-trace_{TRACES[kind]}", f"-{kind}_file", kind]
        with (self.folder / "out").open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )

    def text(self, name: str) -> str:
        """What it wrote to a file so far."""
        file = self.folder / name
        return file.read_text(errors="replace") if file.exists() else ""

    def echoed(self) -> int:
        """How many packets of sound it had heard and sent back when it last showed its screen."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGUSR2)
        return max(map(int, re.findall(r"(\d+) Total echo RTP pckts 1st", self.text("screen"))), default=0)

    def heard_while(self, other: Phone) -> int:
        """How many packets of sound it has heard when the other's calls are over."""
        heard = 0

        def is_over() -> bool:
            nonlocal heard
            heard = max(heard, self.echoed())
            return other.process.poll() is not None

        until(is_over, "the calls are over")
        return heard

    def told_ports(self) -> set[int]:
        """The ports for sound in the session descriptions that it was sent."""
        received = re.findall(r"UDP message received.*?\n-{20}", self.text("message") + "-" * 20, re.DOTALL)
        return {
            int(port) for message in received for port in re.findall(r"^m=audio (\d+)", message, re.MULTILINE)
        }

    def finish(self, seconds: float = PATIENCE) -> int:
        """Its exit status (0: every call went as the scenario says), once it has made its calls."""
        return self.process.wait(seconds)

    def end(self) -> int:
        """Its exit status when it takes no more calls and those it has are over."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
        return self.process.wait(PATIENCE)


@pytest.fixture
def phone(ports: Ports, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Starts phones by the name of their scenario."""
    phones: list[Phone] = []

    def start(name: str, *arguments: str, plays: bool = False, traced: bool = True) -> Phone:
        phones.append(Phone(name, ports, tmp_path / str(len(phones)), *arguments, plays=plays, traced=traced))
        until(lambda: not is_free(phones[-1].port), "sipp listens")
        return phones[-1]

    yield start
    for each in phones:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
