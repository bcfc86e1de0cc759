"""`relayscript dap` as an editor starts it: examples debugged over its standard input and output, and over TCP."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.apps.dap.conftest import PATIENCE, Editor, read, write

EXAMPLES = Path(__file__).parents[3] / "examples"
COMMAND = [sys.executable, "-c", "from relayscript.apps.cli import main; main()", "dap"]


@contextmanager
def adapter(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *options], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
        try:
            yield process
        finally:
            process.kill()


def editor_of(process: subprocess.Popen[bytes]) -> Editor:
    assert process.stdin is not None
    assert process.stdout is not None
    return Editor(partial(read, process.stdout.fileno()), partial(write, process.stdin.fileno()))


def line_of(text: str, script: Path) -> int:
    """The first line with a text."""
    lines = script.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_call_through_a_relay() -> None:
    script = EXAMPLES / "first-call" / "first-call.cfg"
    with adapter() as process:
        editor = editor_of(process)
        editor.launch(script.with_suffix(".call"))
        place = line_of('$rtp_relay_peer = "co"', script)
        editor.at_lines(script, place)
        editor.begin()
        assert editor.stopped() == ("breakpoint", [("route", place)])
        assert editor.values("Relay")["$rtp_relay"] == '"co"'
        assert editor.ask("evaluate", expression="$ru", context="hover")["result"] == '"sip:bob@192.0.2.2"'
        found = editor.ask("setVariable", variablesReference=5, name="$rtp_relay", value="cor")
        assert found["value"] == '"cor"'
        assert editor.rows("Relay")["$rtp_relay"]["value"] == '"cor"'
        assert editor.goes("next") == ("step", [("route", place + 1)])
        assert editor.rows("Relay")["$rtp_relay_peer"]["presentationHint"]["attributes"] == ["changed"]
        editor.ask("continue", threadId=2)
        assert editor.wait("exited") == {"exitCode": 0}
        assert any("engaging RTPProxy" in row for row in editor.output("stdout"))
        editor.ask("disconnect")
        assert process.wait(PATIENCE) == 0


def test_routes_branches_and_failures() -> None:
    script = EXAMPLES / "failover" / "failover.cfg"
    with adapter() as process:
        editor = editor_of(process)
        editor.launch(script.with_name("carrier-down.call"))
        names = ["route[next]", "branch_route[gateway]", "failure_route[carrier_failed]"]
        editor.ask("setFunctionBreakpoints", breakpoints=[{"name": each} for each in names])
        editor.begin()
        assert [label for label, _ in editor.stopped()[1]] == ["route[next]", "route"]
        _, frames = editor.goes("continue")
        assert [label for label, _ in frames] == ["branch_route[gateway]", "route[next]", "route"]
        assert editor.goes("stepOut")[1] == [frames[0]]  # that run is over: the next one is that for the other gateway
        assert editor.goes("continue")[1][0][0] == "failure_route[carrier_failed]"
        assert editor.goes("stepBack") == ("step", [frames[0]])
        editor.ask("setFunctionBreakpoints", breakpoints=[])
        editor.ask("continue", threadId=1)
        assert editor.wait("exited") == {"exitCode": 0}


def test_a_relay_that_does_not_answer() -> None:
    with adapter() as process:
        editor = editor_of(process)
        editor.launch(EXAMPLES / "failover" / "no-relay.call")
        editor.ask("setExceptionBreakpoints", filters=["errors"])
        editor.begin()
        event = editor.wait("stopped")
        assert (event["reason"], "does not answer" in event["text"]) == ("exception", True)
        assert "silent" in editor.values("Relay")["udp:127.0.0.1:22224"]
        editor.ask("setExceptionBreakpoints", filters=["errors", "warnings"])
        assert editor.goes("reverseContinue")[0] == "entry"
        editor.ask("continue", threadId=2)
        assert "is disabled" in editor.wait("stopped")["text"]


def test_a_scenario_that_fails(tmp_path: Path) -> None:
    script = EXAMPLES / "first-call" / "first-call.cfg"
    scenario = tmp_path / "wrong.call"
    scenario.write_text("alice -> OPTIONS sip:bob@nowhere.example.com\nalice <- 200\n")
    with adapter() as process:
        editor = editor_of(process)
        editor.launch(scenario, script=str(script), target="4.0")
        editor.begin()
        assert editor.wait("exited") == {"exitCode": 1}
        assert "expected alice <- 200" in editor.output("important")[0]


def test_what_is_not_the_protocol_is_refused() -> None:
    with adapter() as process:
        _, said = process.communicate(b"Content-Length: many\r\n\r\n", PATIENCE)
        assert (process.returncode, said) == (1, b"error: no length up to 16777216: 'many'\n")


def test_an_editor_that_disappears_at_a_stop() -> None:
    scenario = EXAMPLES / "first-call" / "first-call.call"
    with adapter() as process:
        editor = editor_of(process)
        editor.launch(scenario, stopOnEntry=True)
        editor.begin()
        editor.stopped()
        assert process.communicate(timeout=PATIENCE) == (b"", b"")
        assert process.returncode == 0


@pytest.mark.live
def test_over_tcp() -> None:
    with adapter("--port", "0") as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        with socket.create_connection(("127.0.0.1", int(said.rpartition(":")[2])), PATIENCE) as client:
            editor = Editor(lambda: client.recv(4096), client.sendall)
            editor.launch(EXAMPLES / "first-call" / "first-call.call")
            editor.begin()
            assert editor.wait("exited") == {"exitCode": 0}
            editor.ask("disconnect")
        assert process.wait(PATIENCE) == 0
