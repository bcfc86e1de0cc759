"""Tests of forked calls: each a fresh script, a call from INVITE to BYE through the relay, and a golden transcript."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import HERE
from relayscript.apps.testing.verdict import judge

TESTS = 1000
ENGAGED = '\t\trtp_relay_engage("rtpproxy");\n'
SCRIPT = (HERE.parent / "examples" / "first-call" / "first-call.cfg").read_text()
FORKED = SCRIPT.replace(ENGAGED, f'{ENGAGED}\t\tappend_msg_branch("sip:carol@192.0.2.3");\n')
CALL = """\
script forked.cfg
party alice
party bob
party carol
alice calls bob
bob rings
carol rings
bob answers
carol <- CANCEL
wait 10s
alice hangs up
mi rtp_relay_list
"""
"""Both ring, Bob answers, Carol is let go."""


@dataclass(frozen=True, slots=True)
class Tests:
    """Seconds of processor time with the start of the program: one test, all, and all with coverage."""

    one: float
    every: float
    covered: float


def measured() -> Tests:
    """`relayscript test` of scenarios that were tested before. Raises RuntimeError if one fails."""
    with tempfile.TemporaryDirectory() as folder:
        first = _written(Path(folder))
        _spent(folder)
        one = min(_spent(str(first)) for _ in range(5))
        return Tests(one, _spent(folder), _spent(folder, "--coverage"))


def _written(folder: Path) -> Path:
    """The same call a thousand times, each with its golden file; the first of them."""
    (folder / "forked.cfg").write_text(FORKED)
    first = folder / "call-0.call"
    first.write_text(CALL)
    if not judge(first, update=True).passed:
        raise RuntimeError(f"the forked call failed: {judge(first).text}")
    golden = first.with_suffix(".golden").read_text()
    for number in range(1, TESTS):
        (folder / f"call-{number}.call").write_text(CALL)
        (folder / f"call-{number}.golden").write_text(golden.replace("call-0.call", f"call-{number}.call"))
    return first


def _spent(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "relayscript", "test", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
