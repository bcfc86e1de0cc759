"""`relayscript repl` in a terminal of its own (a pseudo-terminal): the whole way from the shell to a saved test."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from relayscript.apps.testing.verdict import judge
from tests.apps.repl.conftest import SCRIPT, line_of

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/first-call/first-call.cfg"
COMMAND = (sys.executable, "-P", "-m", "relayscript", "repl")
PATIENCE = 60.0
"""Seconds without a sign of life after which a program is given up."""

_STEERING = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")


class Terminal:
    """A program in a terminal; what it writes is read without colours and movements."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._own, other = pty.openpty()
        screen = {"TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
        environment = {**os.environ, **screen, "XDG_STATE_HOME": str(folder / "state")}
        self._process = subprocess.Popen(
            (*COMMAND, *arguments), stdin=other, stdout=other, stderr=other, cwd=folder, env=environment,
            start_new_session=True, preexec_fn=_own_terminal,
        )  # fmt: skip
        os.close(other)
        self._read = b""
        self._seen = 0

    @property
    def screen(self) -> str:
        """All that was written so far."""
        return _STEERING.sub("", self._read.decode("utf-8", "replace"))

    def until(self, text: str) -> str:
        """Wait until a text is written, behind what was waited for before; what is written from there on."""
        while (place := self.screen.find(text, self._seen)) < 0:
            rows = (row.strip() for row in self.screen[self._seen :].split("\n"))
            assert self._more(), f"{text!r} did not come, but: {[row for row in rows if row]}"
        self._seen = place + len(text)
        return self.screen[place:]

    def until_taken(self) -> None:
        """Wait until what was typed is taken: while no line is edited, Ctrl-C is a signal again."""
        while not termios.tcgetattr(self._own)[3] & termios.ISIG:
            select.select([], [], [], 0.01)

    def type(self, *keys: str) -> None:
        """Type keys."""
        os.write(self._own, "".join(keys).encode())

    def end(self) -> int:
        """Wait for the end: the exit status."""
        while self._more():
            continue
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """Give the terminal back."""
        os.close(self._own)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _more(self) -> bool:
        """Read more; False if there will not be any. A question where the cursor is gets an answer."""
        if not select.select([self._own], [], [], PATIENCE)[0]:
            return False
        try:
            found = os.read(self._own, 65536)
        except OSError:
            return False
        if b"\x1b[6n" in found:
            os.write(self._own, b"\x1b[1;1R")
        self._read += found
        return bool(found)


def _own_terminal() -> None:
    """The terminal is the program's own, so that Ctrl-C reaches it, and means what it does for a person.

    What a shell starts in the background ignores it, and so does all that this starts.
    """
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for each in made:
        each.close()


def test_a_call_is_held_in_a_branch_route_and_saved(terminals: list[Terminal], tmp_path: Path) -> None:
    (tmp_path / "proxy.cfg").write_text(SCRIPT)
    terminal = Terminal(tmp_path)
    terminals.append(terminal)
    terminal.until("builtin.cfg")
    terminal.type(f".load {EXAMPLE}\r")
    terminal.until("first-call.cfg: 1 route")
    terminal.type("alice calls bob\r")
    terminal.until("bob <- INVITE sip:bob@192.0.2.2 sdp=127.0.0.1:40000")
    terminal.type(".load proxy.cfg\r")
    terminal.until("proxy.cfg: 3 routes")
    terminal.type(".break branch_route[out]\r", "alice calls bob\r")
    terminal.until("held at branch_route[out], call alice-1")
    terminal.until(f"proxy.cfg:{line_of('to $ru')} >")
    terminal.type('$rtp_relay = "cor";\r', ".continue\r")
    terminal.until("notice: relay flags cor")
    terminal.until("bob <- INVITE")
    terminal.type(".ladder\r")
    terminal.until("rtp.io:auto")
    terminal.type("bob answers\r", "alice hangs up\r", ".save saved\r")
    terminal.until("wrote saved.call and saved.golden: 3 statements")
    terminal.until(">")
    terminal.type("\x04")
    assert terminal.end() == 0
    verdict = judge(tmp_path / "saved.call")
    assert verdict.passed, verdict.text


def test_ctrl_c_returns_to_the_prompt_with_all_as_it_was(terminals: list[Terminal], tmp_path: Path) -> None:
    (tmp_path / "slow.cfg").write_text(SCRIPT.replace("log_level=2", "max_while_loops=1000000000\nlog_level=2", 1))
    terminal = Terminal(tmp_path, "slow.cfg")
    terminals.append(terminal)
    terminal.until("slow.cfg")
    terminal.until(">")
    terminal.type('$var(y) = 1; while (1) { $var(x) = 1; }\r')
    terminal.until("while (1)")
    terminal.until_taken()
    terminal.type("\x03")
    terminal.until("^C")
    terminal.until(">")
    terminal.type("$var(x)\r")
    terminal.until("= <null>")
    terminal.until(">")
    terminal.type(".quit\r")
    assert terminal.end() == 0
