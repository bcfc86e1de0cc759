"""A message on a stage: variables, format strings and functions used on it without a running script."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from relayscript.dsl import nodes
from relayscript.dsl.parser import parse_text
from relayscript.dsl.source import Span
from relayscript.dsl.variable import parse_variable
from relayscript.interpreter.blacklists import Blacklists
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.formats import Reference, VariableRegistry
from relayscript.interpreter.modules.core import CORE
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.settings import Globals
from relayscript.interpreter.status import StatusReports
from relayscript.interpreter.values import Value
from relayscript.sip.ids import CountingIds
from relayscript.sip.message import Message
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Listener

HERE = Span("<test>", 1, 1, 1, 1)
MAIN = Listener("udp", "127.0.0.1", 5060)
SECOND = Listener("udp", "127.0.0.1", 5080, "192.0.2.50", 5099, "second")
NOW = 1_764_000_000.25

INVITE = """INVITE sip:bob@example.com:5070;user=phone SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-1
Via: SIP/2.0/TCP far.example.net;branch=z9hG4bK-2
From: "Alice A" <sip:alice@atlanta.example.org:5062;x=1>;tag=fromtag
t: <sip:bob@example.com;user=phone>
Call-ID: call-1
CSeq: 314159 INVITE
Max-Forwards: 70
User-Agent: Probe/1
Contact: "Al" <sip:alice@192.0.2.1>;q=0.7;expires=120;+x, sip:plain@192.0.2.5
X-Multi: one
X-Multi: two
x-multi: three
"""


class Stage:
    """One message in one run, with what a running script has around it."""

    def __init__(self, text: str, script: str, body: str, content_type: str) -> None:
        parsed = parse_text(script or "route { exit; }")
        assert parsed.script is not None, parsed.diagnostics
        self.logged: list[tuple[int, str]] = []
        self.sent: list[tuple[Listener, tuple[str, int], str]] = []
        self.events: list[tuple[str, dict[str, Value]]] = []
        self.resolved: dict[str, list[str]] = {"host.example.com": ["192.0.2.77"]}
        self.runtime = self._runtime(parsed.script)
        self.modules = [each(self.runtime, {}) for each in CORE]
        cast(Any, self.runtime).registry = self.registry = VariableRegistry(self.modules)
        lines = f"Content-Type: {content_type}\n" if content_type else ""
        data = f"{text}{lines}Content-Length: {len(body)}\n\n".replace("\n", "\r\n") + body
        self.message = Message.parse(data.encode("latin-1"))
        self.message.source, self.message.listener = ("192.0.2.1", 5060), MAIN
        kind = Kind.REQUEST if self.message.is_request else Kind.ONREPLY
        self.context = Context(self.runtime, self.message, kind)

    def _runtime(self, script: nodes.Script) -> Runtime:
        timers = Timers()
        host = SimpleNamespace(
            wall=lambda: NOW, resolve=lambda name, done: done(self.resolved.get(name, [])), connections=list
        )
        status = StatusReports(lambda: NOW, lambda name, params: None)
        status.set("core", "main", 1, "running")
        made = SimpleNamespace(
            status=status,
            script=script, host=host, globals=Globals(), listeners=(MAIN, SECOND), script_variables={},
            argv={"mode": "test", "none": ""}, statistics={}, count=lambda name, by=1: None, caches={}, pid=4321,
            started_at=NOW - 60,
            timers=timers, blacklists=Blacklists(script, timers), ids=CountingIds(), place=lambda: "script.cfg:12",
            log=lambda level, text: self.logged.append((level, text)),
            warn_at=lambda text, level=1: self.logged.append((level, text)),
            send=lambda listener, address, text: self.sent.append((listener, address, text)),
            raise_event=lambda name, params: self.events.append((name, params)),
            is_myself=lambda host, port=0, protocol="": host == "127.0.0.1" and port in (0, 5060),
        )  # fmt: skip
        return cast(Runtime, made)

    def read(self, text: str) -> Value:
        """The value of a variable."""
        return self.registry.reader_of(text)(self.context)

    def write(self, text: str, value: Value, op: str = "=") -> bool:
        """Assign to a variable."""
        return self.registry.writer(parse_variable(text, HERE))(self.context, op, value)

    def show(self, text: str) -> str:
        """A format string, expanded."""
        return self.registry.format(text)(self.context)

    def reference(self, text: str) -> Reference:
        """A variable as an argument."""
        return Reference(self.registry, parse_variable(text, HERE), self.context)

    def call(self, name: str, *args: object) -> int:
        """Call a core function; texts that begin with `$` are given as variables."""
        for module in self.modules:
            for declared in module.functions():
                if declared.name == name:
                    given = [self.reference(a) if isinstance(a, str) and a[:1] == "$" else a for a in args]
                    result: int = getattr(module, declared.method)(self.context, *given)
                    return result
        raise AssertionError(f"no function {name}")


@pytest.fixture
def stage() -> Callable[..., Stage]:
    """Sets a stage: `stage(message, script, body, content_type, extra)`; `extra` are more header lines.

    Lines end in LF; the message is an INVITE if no other is given.
    """

    def make(text: str = INVITE, script: str = "", body: str = "", content_type: str = "", extra: str = "") -> Stage:
        return Stage(text + extra, script, body, content_type)

    return make
