"""A small editor: what a client of the Debug Adapter Protocol does, over any two streams of bytes."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from relayscript.apps.dap.adapter import Adapter
from relayscript.apps.dap.connection import Connection
from relayscript.apps.dap.framing import Framing, framed

SCRIPT = """\
socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "tm.so" loadmodule "sipmsgops.so"
route {
\t$var(x) = 1;
\t# a comment
\t$avp(seen) = "yes";
\tif (is_method("OPTIONS")) {
\t\troute(count, 3);
\t\txlog("x is $var(x)\\n");
\t\tsl_send_reply(200, "Fine");
\t\texit;
\t}
\txlog("L_ERR", "what is that?\\n");
\tsl_send_reply(405, "No");
}
route[count] {
\t$var(x) = $var(x) + $param(1);
\t$var(y) = $var(x) * 2;
}
"""
SCENARIO = "alice -> OPTIONS sip:x@127.0.0.1\nalice <- 200\nbob -> OPTIONS sip:y@127.0.0.1\nbob <- 200\n"


PATIENCE = 20.0
"""Seconds after which something that should have come is a failure."""


def read(stream: int) -> bytes:
    """What has come on a stream, waiting for it."""
    assert select.select([stream], [], [], PATIENCE)[0], f"nothing came within {PATIENCE:g} s"
    return os.read(stream, 4096)


def write(stream: int, data: bytes) -> None:
    """Send all of it."""
    while data:
        data = data[os.write(stream, data) :]


class Editor:
    """Sends requests and takes what comes back. `events` are those that were not waited for yet."""

    def __init__(self, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
        self.events: list[dict[str, Any]] = []
        self._read, self._write = read, write
        self._framing = Framing()
        self._seq = 0
        self.answers: dict[int, dict[str, Any]] = {}

    def send(self, command: str, **arguments: object) -> int:
        """A request, without waiting for its answer; its number."""
        self._seq += 1
        message = {"seq": self._seq, "type": "request", "command": command, "arguments": arguments}
        self._write(framed(message))
        return self._seq

    def answer(self, number: int) -> dict[str, Any]:
        """The response to a request."""
        while number not in self.answers:
            self._take()
        return self.answers.pop(number)

    def ask(self, command: str, **arguments: object) -> Any:
        """The body of the response to a request that succeeds."""
        found = self.answer(self.send(command, **arguments))
        assert found["success"], found["message"]
        return found["body"]

    def refused(self, command: str, **arguments: object) -> str:
        """Why a request is refused."""
        found = self.answer(self.send(command, **arguments))
        assert not found["success"]
        return str(found["message"])

    def wait(self, event: str) -> dict[str, Any]:
        """The body of the next event of a kind."""
        while True:
            for each in self.events:
                if each["event"] == event:
                    self.events.remove(each)
                    found: dict[str, Any] = each["body"]
                    return found
            self._take()

    def output(self, category: str) -> list[str]:
        """What was put out so far, and has not been asked for yet."""
        found = [each for each in self.events if each["event"] == "output" and each["body"]["category"] == category]
        self.events = [each for each in self.events if each not in found]
        return [each["body"]["output"].rstrip("\n") for each in found]

    # ---- what editors do in a row

    def launch(self, scenario: Path, **more: object) -> None:
        """Up to where breakpoints can be set."""
        self.ask("initialize", adapterID="relayscript")
        self.ask("launch", scenario=str(scenario), **more)
        self.wait("initialized")

    def begin(self) -> None:
        """Let the scenario begin."""
        self.ask("configurationDone")

    def at_lines(self, script: Path, *lines: int) -> list[dict[str, Any]]:
        """Set the breakpoints of a file; what became of them."""
        rows = [{"line": each} for each in lines]
        found: list[dict[str, Any]] = self.ask("setBreakpoints", source={"path": str(script)}, breakpoints=rows)[
            "breakpoints"
        ]
        return found

    def stopped(self) -> tuple[str, list[tuple[str, int]]]:
        """Why and where it is held next: the reason, and the names and lines of the frames."""
        event = self.wait("stopped")
        frames = self.ask("stackTrace", threadId=event["threadId"])["stackFrames"]
        return event["reason"], [(each["name"], each["line"]) for each in frames]

    def goes(self, command: str) -> tuple[str, list[tuple[str, int]]]:
        """Let it go on; where it is held then."""
        self.ask(command, threadId=1)
        return self.stopped()

    def rows(self, scope: str) -> dict[str, dict[str, Any]]:
        """The variables in a scope of the innermost frame, by name."""
        scopes = {each["name"]: each["variablesReference"] for each in self.ask("scopes", frameId=1)["scopes"]}
        found = self.ask("variables", variablesReference=scopes[scope])["variables"]
        return {each["name"]: each for each in found}

    def values(self, scope: str) -> dict[str, str]:
        """The names and values in a scope of the innermost frame."""
        return {name: each["value"] for name, each in self.rows(scope).items()}

    def _take(self) -> None:
        while (message := self._framing.next_message()) is None:
            data = self._read()
            assert data, "the adapter ended"
            self._framing.feed(data)
        if message["type"] == "event":
            self.events.append(message)
        else:
            number = message["request_seq"]
            assert isinstance(number, int)
            self.answers[number] = message


@pytest.fixture
def editor() -> Iterator[Editor]:
    """An editor, and an adapter in a thread of this process."""
    ends = [*os.pipe(), *os.pipe()]
    theirs, ours, mine, yours = ends

    def serve() -> None:
        Adapter(Connection(lambda: os.read(theirs, 4096), partial(write, yours))).serve()
        os.close(yours)

    thread = Thread(target=serve)
    thread.start()
    yield Editor(partial(read, mine), partial(write, ours))
    os.close(ours)  # the editor disappears
    thread.join(PATIENCE)
    assert not thread.is_alive()
    os.close(theirs)
    os.close(mine)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A scenario that comes true, with its script beside it."""
    (tmp_path / "x.cfg").write_text(SCRIPT)
    scenario = tmp_path / "x.call"
    scenario.write_text(SCENARIO)
    return scenario
