"""Tests of forked calls: each a fresh script, a call from INVITE to BYE through the relay, and a golden transcript."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.servers import HERE
from relayscript.apps.testing.runner import run_all
from relayscript.apps.testing.verdict import judge

TESTS = 1000
ENGAGED = '\t\trtp_relay_engage("rtpproxy");\n'
SCRIPT = (HERE.parent / "examples" / "first-call" / "first-call.cfg").read_text()
FORKED = SCRIPT.replace(ENGAGED, f'{ENGAGED}\t\tappend_msg_branch("sip:carol@192.0.2.3");\n')
CALL = """\
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


def seconds() -> float:
    """Processor time of the tests, after one that writes the golden file. Raises RuntimeError if one fails."""
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "forked.call"
        scenario.with_suffix(".cfg").write_text(FORKED)
        scenario.write_text(CALL)
        if not judge(scenario, update=True).passed:
            raise RuntimeError(f"the forked call failed: {judge(scenario).text}")
        before = time.process_time()
        if not run_all([scenario] * TESTS, told.append):
            raise RuntimeError("\n".join(told))
        return time.process_time() - before
