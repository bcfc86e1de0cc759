"""Runs pieces of script and tells what they left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.values import Value


@dataclass
class Ran:
    """A script after its main route ran once: `$var` values, what it logged, its runtime."""

    variables: dict[str, Value]
    log: list[str] = field(default_factory=list)
    runtime: Runtime | None = None


def load(text: str) -> tuple[Runtime, VirtualHost]:
    """A runtime for a script text. Raises ScriptError."""
    parsed = parse_text(text)
    assert parsed.script is not None, [each.message for each in parsed.diagnostics]
    host = VirtualHost()
    return Runtime(parsed.script, host), host


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Run the statements of a main route; `more` is put behind it (other routes), `before` in front."""

    def run(body: str, more: str = "", before: str = "") -> Ran:
        runtime, host = load(f"{before}\nroute {{\n{body}\n}}\n{more}")
        context: Context = runtime.dummy_context(Kind.REQUEST)
        route = runtime.route("route")
        assert route is not None
        runtime.run(route, context)
        return Ran(runtime.script_variables, [text for _, text in host.logged], runtime)

    return run
