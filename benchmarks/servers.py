"""The servers under measure: started alone, and what processor time they have used."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
KAMAILIO = shutil.which("kamailio", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")
"""The peer's program; None if it is not installed."""
SIPP = shutil.which("sipp")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on `port`; it leads the process group `group`."""

    port: int
    group: int

    def seconds(self) -> float:
        """The processor time, user and system, that all its processes have used so far (proc(5), schedstat)."""
        return sum(
            int(file.read_text().split()[0]) / 1e9
            for process in family(self.group)
            for file in process.glob("task/*/schedstat")
        )


def family(group: int) -> Iterator[Path]:
    """The folders in /proc of the processes of a group."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            yield folder


def free_port() -> int:
    """A UDP port of loopback that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def command(program: str, script: Path, folder: Path) -> list[str]:
    """How `relayscript` or `kamailio` serves a script in the foreground."""
    if program == "relayscript":
        return [sys.executable, "-m", "relayscript", "run", "--target", "4.0", str(script)]
    assert KAMAILIO is not None
    places = ["-Y", str(folder), "-P", str(folder / "pid")]
    return [KAMAILIO, "-f", str(script), "-DD", "-E", "-m", "128", "-M", "8", *places]


@contextmanager
def serving(program: str, script: str) -> Iterator[Served]:
    """The program serves the script, in which PORT stands for its port, until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, log = folder / "script.cfg", folder / "log"
        file.write_text(script.replace("PORT", str(port)))
        with log.open("wb") as out:
            process = subprocess.Popen(
                command(program, file, folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            await_answer(port, process, log)
            yield Served(port, process.pid)
        finally:
            end(process)


def await_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something is bound to the port. Raises RuntimeError if nothing is within 15 s."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        if is_bound(port):
            time.sleep(0.5)  # what it still does to start is not measured
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not listen: {log.read_text()[-2000:]}")


def is_bound(port: int) -> bool:
    """Whether somebody has a UDP port."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") for row in rows)


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server with all its processes."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
