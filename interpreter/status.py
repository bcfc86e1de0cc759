"""The status of subsystems and what they report (Status/Report Interface manual)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from relayscript.interpreter.values import Value

CORE, MAIN = "core", "main"
NONE, TERMINATING, INITIALIZING, RUNNING = -100, -2, -1, 1
"""The status of the core: below 0 it is not ready."""

MOST_REPORTS = 200
"""How many reports of an identifier are kept, the latest."""

EVENT = "E_CORE_SR_STATUS_CHANGED"


@dataclass(slots=True)
class Identifier:
    """One thing with a status: above 0 ready, below not. Reports have the wall clock time in front."""

    status: int = NONE
    details: str = ""
    reports: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=MOST_REPORTS))


class StatusReports:
    """All identifiers by group. `wall` tells the time; `raise_event` is told of changes."""

    def __init__(self, wall: Callable[[], float], raise_event: Callable[[str, dict[str, Value]], None]) -> None:
        self._wall = wall
        self._raise_event = raise_event
        self.groups: dict[str, dict[str, Identifier]] = {CORE: {MAIN: Identifier()}}

    def set(self, group: str, identifier: str, status: int, details: str) -> None:
        """Set a status and tell of the change."""
        found = self.groups.setdefault(group, {}).setdefault(identifier, Identifier())
        before, found.status, found.details = found.status, status, details
        if before != status:
            told: dict[str, Value] = {"group": group, "identifier": identifier, "status": status}
            self._raise_event(EVENT, {**told, "details": details, "old_status": before})

    def report(self, group: str, identifier: str, text: str) -> None:
        """Keep a report."""
        found = self.groups.setdefault(group, {}).setdefault(identifier, Identifier())
        found.reports.append((self._wall(), text))

    def get(self, group: str, identifier: str | None = None) -> tuple[int, str] | None:
        """Status and details of an identifier (`main` if None is given), of `all` of a group together the worst.

        None if there is none.
        """
        found = self.groups.get(group)
        if found is None:
            return None
        if identifier == "all":
            return min((each.status for each in found.values()), default=RUNNING), "aggregated"
        one = found.get(identifier or MAIN)
        return (one.status, one.details) if one is not None else None
