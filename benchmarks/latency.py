"""Calls per second while a relay takes its time: each reply of it comes 50 ms late, and no other call waits for it."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calls import callee, sipp
from benchmarks.servers import HERE, HOST, Served, free_port, is_bound, serving

DELAY = 0.05
"""Seconds that the relay takes for a reply; a call waits for two of them, and its hang-up for none."""

RATES = (500, 400, 300, 200, 100)
"""Calls that begin in a second: the first of these at which none fails is what is reported."""

WARM_UP, MEASURED = 1, 8
"""Seconds of calls before the measurement and in it."""

PATIENCE = 10
"""Seconds after its end in which a run has to come to it."""


class CallsFailedError(RuntimeError):
    """Not all calls came to a good end."""


@dataclass(frozen=True, slots=True)
class Load:
    """A rate of calls of which none failed.

    `length` is how many seconds a call took on average, of which it talked 0.1; `cost` the seconds of processor
    time that it cost the server.
    """

    rate: int
    length: float
    cost: float


@contextmanager
def slow_relay() -> Iterator[int]:
    """A relay in a process of its own; gives its control port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.slow_relay", str(port), str(DELAY)]
    relay = subprocess.Popen(command, cwd=HERE.parent)
    try:
        deadline = time.monotonic() + 15
        while not is_bound(port):
            if time.monotonic() > deadline or relay.poll() is not None:
                raise RuntimeError("the slow relay does not start")
            time.sleep(0.05)
        yield port
    finally:
        relay.terminate()
        relay.wait()


def place_calls(server: Served, to: int, rate: int, seconds: int) -> float:
    """Make calls through the server; how long one took on average. Raises CallsFailedError."""
    with tempfile.TemporaryDirectory() as folder:
        statistics = Path(folder) / "statistics"
        options = [f"{HOST}:{server.port}", "-key", "callee", f"{HOST}:{to}"]
        options += ["-r", str(rate), "-m", str(rate * seconds), "-l", str(2 * rate)]
        options += ["-timeout", f"{seconds + PATIENCE}s", "-trace_stat", "-stf", str(statistics), "-fd", "1"]
        done = subprocess.run(sipp("caller", free_port(), *options), capture_output=True, timeout=120)
        with statistics.open() as file:
            *_, last = csv.DictReader(file, delimiter=";")
    if done.returncode != 0 or int(last["SuccessfulCall(C)"]) != rate * seconds:
        raise CallsFailedError(f"{last['SuccessfulCall(C)']} of {rate * seconds} calls at {rate} per second went well")
    hours, minutes, whole, micros = (int(part) for part in last["CallLength(C)"].split(":"))
    return hours * 3600 + minutes * 60 + whole + micros / 1e6


def measured(engine: str, rate: int) -> Load:
    """Calls at a rate through `relayscript run`, with a relay of that engine. Raises CallsFailedError."""
    with slow_relay() as control, callee() as to:
        script = (HERE / "proxy" / "relay.cfg").read_text()
        script = script.replace("ENGINE", engine).replace("CONTROL", str(control))
        with serving("relayscript", script) as server:
            place_calls(server, to, rate, WARM_UP)
            before = server.seconds()
            length = place_calls(server, to, rate, MEASURED)
            return Load(rate, length, (server.seconds() - before) / (rate * MEASURED))


def of_relayscript(engine: str) -> Load:
    """The first of the rates at which no call fails. Raises CallsFailedError if there is none."""
    for rate in RATES[:-1]:
        try:
            return measured(engine, rate)
        except CallsFailedError as failure:
            print(f"{engine}: {failure}", file=sys.stderr)
    return measured(engine, RATES[-1])
