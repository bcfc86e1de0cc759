"""Processor time per call under a load of sipp: INVITE, 180, 200, ACK, BYE, 200 (RFC 3665 3.2)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.servers import HERE, HOST, SIPP, Served, free_port, serving

RATE = 200
"""Calls that begin in a second."""
WARM_UP, MEASURED = 400, 3000
"""Calls before the measurement and in it."""


def sipp(scenario: str, port: int, *options: str) -> list[str]:
    """The command line of a phone on a port of loopback."""
    assert SIPP is not None
    places = ["-i", HOST, "-mi", HOST, "-p", str(port), "-nostdin"]
    return [SIPP, "-sf", str(HERE / "proxy" / f"{scenario}.xml"), *places, *options]


@contextmanager
def callee() -> Iterator[int]:
    """A phone that answers every call; gives its port."""
    port = free_port()
    phone = subprocess.Popen(sipp("callee", port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        phone.terminate()
        phone.wait()


def place_calls(server: Served, to: int, count: int) -> None:
    """Make calls through the server. Raises RuntimeError if one of them fails."""
    options = [f"{HOST}:{server.port}", "-key", "callee", f"{HOST}:{to}", "-r", str(RATE), "-m", str(count)]
    done = subprocess.run(sipp("caller", free_port(), *options), capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"calls failed:\n{done.stdout[-3000:]}")


def seconds_per_call(program: str, script: Path) -> float:
    """The processor time that the server spends for one call."""
    with callee() as to, serving(program, script.read_text()) as server:
        place_calls(server, to, WARM_UP)
        before = server.seconds()
        place_calls(server, to, MEASURED)
        return (server.seconds() - before) / MEASURED


def of_relayscript() -> float:
    """Seconds per call of `relayscript run`."""
    return seconds_per_call("relayscript", HERE / "proxy" / "relayscript.cfg")


def of_kamailio() -> float:
    """Seconds per call of Kamailio with an equivalent script."""
    return seconds_per_call("kamailio", HERE / "proxy" / "kamailio.cfg")
