"""What a call that is up holds: the resident set of a process before and after 10,000 of them.

`python -m benchmarks.memory proxy` measures in a process of its own; `relay` with a media relay in each call.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.servers import HERE
from benchmarks.simulated import Phones
from relayscript.apps.simulator import VirtualHost
from relayscript.interpreter.runtime import Runtime

HELD, WARM_UP = 10_000, 1000
"""Calls that are up at the end; calls before them, which have ended."""
LATER = 60.0
"""Virtual seconds after which transactions and their timers are over: dialogs are left."""

PROXY = (HERE / "proxy" / "relayscript.cfg").read_text().replace("PORT", "5060")
RELAY = PROXY.replace(
    "\nroute {",
    'loadmodule "rtpproxy.so"\nmodparam("rtpproxy", "rtpproxy_sock", "udp:192.0.2.9:7722")\n'
    'loadmodule "rtp_relay.so"\n\nroute {',
).replace(
    "\t\tcreate_dialog();\n",
    '\t{ create_dialog(); $rtp_relay = "co"; $rtp_relay_peer = "co"; rtp_relay_engage("rtpproxy"); }\n',
)
SCRIPTS = {"proxy": PROXY, "relay": RELAY}


def resident() -> int:
    """Bytes of memory that this process has (proc(5), statm)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def held(script: Path) -> float:
    """Bytes that this process holds for each call that is up. Raises RuntimeError if a call failed.

    What the relay node in memory holds is not counted: it is in place of another process.
    """
    host = VirtualHost()
    runtime = Runtime.load(str(script), host)
    runtime.start()
    phones = Phones(runtime, host)
    for _ in range(WARM_UP):
        phones.call()
    host.pass_time(LATER)
    before = resident()
    phones.hang_up = False
    for _ in range(HELD):
        phones.call()
    host.pass_time(LATER)
    for node in host.relays.nodes.values():
        node.daemon = None
    after = resident()
    if (phones.answered, phones.ended) != (HELD + WARM_UP, WARM_UP):
        raise RuntimeError(f"{phones.answered} of {HELD + WARM_UP} calls were answered, {phones.ended} ended")
    return (after - before) / HELD


def per_call(script: str) -> float:
    """Bytes for each call that is up, with or without a relay (`relay`, `proxy`). Raises RuntimeError."""
    command = [sys.executable, "-m", "benchmarks.memory", script]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return float(done.stdout)


def main(which: str) -> None:
    """Measure here, and print the number."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.cfg"
        file.write_text(SCRIPTS[which])
        print(held(file))


if __name__ == "__main__":
    main(sys.argv[1])
