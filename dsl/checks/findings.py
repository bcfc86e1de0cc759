"""What the parts of the checker share: the script, what is loaded so far, and the findings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from relayscript.dsl.catalogue import Catalogue
from relayscript.dsl.diagnostics import Diagnostic, Severity, error, warning
from relayscript.dsl.nodes import LoadModule, Script
from relayscript.dsl.source import Span

ROUTE_TYPES = {
    "route": "REQUEST", "failure_route": "FAILURE", "onreply_route": "ONREPLY", "branch_route": "BRANCH",
    "error_route": "ERROR", "local_route": "LOCAL", "startup_route": "STARTUP", "timer_route": "TIMER",
    "event_route": "EVENT",
}  # fmt: skip
"""The catalogue's name for the type of each kind of route block."""


@dataclass(slots=True)
class Check:
    """One check of one script. `loaded` grows as `loadmodule` lines are passed; `all_loaded` has them all.

    `block` is the kind of the route block being checked, `branch_uses` are the places of `$rtp_relay` in branch
    routes.
    """

    script: Script
    catalogue: Catalogue
    runnable: Collection[str] | None = None
    unrunnable: Severity = Severity.WARNING
    target: str | None = None
    acting: Collection[str] | None = None
    loaded: dict[str, Span] = field(default_factory=dict)
    all_loaded: frozenset[str] = frozenset()
    route_names: dict[str, set[str]] = field(default_factory=dict)
    flags: dict[str, set[str]] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    block: str = ""
    branch_uses: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.all_loaded = frozenset(item.module for item in self.script.items if isinstance(item, LoadModule))

    def error(self, code: str, message: str, span: Span | None, hint: str = "", *notes: str) -> None:
        """Add a finding that keeps the script from running."""
        self.found.append(error(code, message, span, hint, *notes))

    def warning(self, code: str, message: str, span: Span | None, hint: str = "", *notes: str) -> None:
        """Add a finding that does not."""
        self.found.append(warning(code, message, span, hint, *notes))

    def note(self, code: str, message: str, span: Span | None) -> None:
        """Add a finding that is only good to know."""
        self.found.append(Diagnostic(Severity.NOTE, code, message, span))

    def missing_module(self, providers: tuple[str, ...]) -> str:
        """What to do about something that only modules offer that are not loaded here."""
        late = [name for name in providers if name in self.all_loaded]
        if late:
            return f'move loadmodule "{late[0]}.so" above this line'
        names = " or ".join(f'"{name}.so"' for name in providers)
        return f"add loadmodule {names}"
