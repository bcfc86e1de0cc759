"""`rtp_relay:list` of ten thousand calls: how long its answer takes, and how long others wait for a turn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import RELAY
from benchmarks.simulated import Phones
from relayscript.apps.simulator import VirtualHost
from relayscript.interpreter.management import Management
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.waiting import spawn

LISTED = 10_000
STEP = 0.0001
"""Virtual seconds at a time, less than a listing gives to others: each step is one turn of it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Seconds of processor time: of the whole answer, and of the longest turn without a break."""

    whole: float
    longest: float


def measured() -> Listing:
    """The listing of calls on the virtual host. Raises RuntimeError if a call is missing."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.cfg"
        script.write_text(RELAY)
        host = VirtualHost()
        runtime = Runtime.load(str(script), host)
    runtime.start()
    phones = Phones(runtime, host)
    phones.hang_up = False
    for _ in range(LISTED):
        phones.call()
    host.pass_time(60.0)
    return _listing(runtime, host)


def _listing(runtime: Runtime, host: VirtualHost) -> Listing:
    management, answers, turns = Management(runtime), list[object](), list[float]()

    def timed(step: Callable[[], object]) -> None:
        before = time.process_time()
        step()
        turns.append(time.process_time() - before)

    timed(lambda: spawn(lambda: answers.append(management.call("rtp_relay:list", {}))))
    while not answers:
        timed(lambda: host.pass_time(STEP))
    listed = answers[0]
    if not isinstance(listed, list) or len(listed) != LISTED:
        raise RuntimeError(f"not all of the {LISTED} calls were listed")
    return Listing(sum(turns), max(turns))
