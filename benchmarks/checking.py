"""The time of one `relayscript check` of a script of a thousand lines, as a person waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import KAMAILIO

ROUTES = 90
ROUTE = """route[step{number}] {{
	$var(i) = $var(i) + {number};
	if ($var(i) > 100 && $rU != "alice") {{
		xlog("step {number}: call $ci from $fu to $ru\\n");
		append_hf("X-Step: {number}\\r\\n");
		$var(i) = $var(i) - 50;
	}} else if ($ru =~ "^sip:[0-9]+@") {{
		$var(name) = "number" + $rU;
	}}
}}

"""
"""Eleven lines that mean the same to both programs."""
HEAD = {
    "relayscript": 'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\nloadmodule "sipmsgops.so"\n'
    'loadmodule "signaling.so"\nloadmodule "sl.so"\nroute {\n\troute(step0);\n\tsend_reply(404, "No");\n}\n',
    "kamailio": 'listen=udp:127.0.0.1:5060\nloadmodule "pv.so"\nloadmodule "textops.so"\nloadmodule "xlog.so"\n'
    'loadmodule "sl.so"\nrequest_route {\n\troute(step0);\n\tsl_send_reply("404", "No");\n}\n',
}


def script(program: str) -> str:
    """A script of a thousand lines for one of the programs."""
    return HEAD[program] + "".join(ROUTE.format(number=number) for number in range(ROUTES))


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Seconds until the command has ended. Raises RuntimeError if it fails."""
    before = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - before


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds of a check: the first one ever, after a change of the script, and again without a change."""

    first: float
    changed: float
    again: float


def of_relayscript() -> Waits:
    """The waits for `relayscript check`, the latter two the best of five."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "thousand.cfg"
        command = [sys.executable, "-m", "relayscript", "check", str(file)]
        environment = {**os.environ, "XDG_CACHE_HOME": folder}

        def change(number: int) -> float:
            file.write_text(f"{script('relayscript')}# change {number}\n")
            return timed(command, environment)

        first, *changed = (change(number) for number in range(6))
        return Waits(first, min(changed), min(timed(command, environment) for _ in range(5)))


def of_kamailio() -> float:
    """Seconds of `kamailio -c`, the best of five."""
    assert KAMAILIO is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "thousand.cfg"
        file.write_text(script("kamailio"))
        return min(timed([KAMAILIO, "-c", "-f", str(file)], dict(os.environ)) for _ in range(5))
