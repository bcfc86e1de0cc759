"""Collects what was tried, over any number of runs, and in several processes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from relayscript.apps.testing.coverage.measured import FileCoverage, Outcomes, RouteCoverage, to_try
from relayscript.apps.testing.recorder import Event, Ran
from relayscript.dsl import nodes
from relayscript.dsl.source import Span
from relayscript.interpreter.context import Context
from relayscript.interpreter.marks import Mark, Truth


class Coverage:
    """The coverage of all scripts that were tried; an `interpreter.marks.Marks` for those that are compiled.

    `files` are the script files by path.
    """

    def __init__(self) -> None:
        self.files: dict[str, FileCoverage] = {}
        self._owners: dict[tuple[str, int], tuple[str, str]] = {}

    def begin(self, script: nodes.Script) -> None:
        """A script is to be tried."""
        found = to_try(script)
        self._owners |= found.owners
        for each in found.values():
            known = self.files.setdefault(each.file, each)
            if known is not each:
                join(known, each)

    def mark(self, node: nodes.Condition) -> Mark:
        """The mark of a condition: it counts what the condition is."""
        file = self.files.get(node.span.file)
        kinds = (file.decisions, file.conditions) if file is not None else ()
        counts = [kind[node.span] for kind in kinds if node.span in kind]

        def count(context: Context, truth: Truth) -> Truth:
            for each in counts:
                if truth > 0:
                    each.true += 1
                else:
                    each.false += 1
            return truth

        return count

    def add(self, events: Iterable[Event]) -> None:
        """The script lines that ran, as recorded."""
        for event in events:
            if isinstance(event, Ran) and (file := self.files.get(event.file)) is not None:
                for number in event.lines:
                    self._ran(file, number)

    def _ran(self, file: FileCoverage, number: int) -> None:
        if number in file.lines:
            file.lines[number] = True
            owner, label = self._owners[file.file, number]
            self.files[owner].routes[label].ran = True

    # ---- several processes

    def save(self, path: Path) -> None:
        """Write all of it to a file."""
        path.write_text(json.dumps([_stored(each) for each in self.files.values()]))

    def load(self, path: Path) -> None:
        """Add what another process saved. Raises OSError, ValueError."""
        for raw in json.loads(path.read_text()):
            other = _restored(raw)
            known = self.files.setdefault(other.file, other)
            if known is not other:
                join(known, other)


def join(known: FileCoverage, other: FileCoverage) -> None:
    """Add to a file's coverage what was measured of it elsewhere."""
    for name, route in other.routes.items():
        mine = known.routes.setdefault(name, route)
        mine.ran = mine.ran or route.ran
    for number, ran in other.lines.items():
        known.lines[number] = ran or known.lines.get(number, False)
    for ours, theirs in ((known.decisions, other.decisions), (known.conditions, other.conditions)):
        for span, outcomes in theirs.items():
            sum_up = ours.setdefault(span, Outcomes())
            sum_up.true += outcomes.true
            sum_up.false += outcomes.false


def _stored(file: FileCoverage) -> dict[str, object]:
    return {
        "file": file.file,
        "source": file.source,
        "routes": {name: (route.line, route.ran) for name, route in file.routes.items()},
        "lines": list(file.lines.items()),
        "decisions": _stored_outcomes(file.decisions),
        "conditions": _stored_outcomes(file.conditions),
    }


def _stored_outcomes(outcomes: dict[Span, Outcomes]) -> list[tuple[int, ...]]:
    return [(s.line, s.column, s.end_line, s.end_column, o.true, o.false) for s, o in outcomes.items()]


def _restored(raw: Mapping[str, Any]) -> FileCoverage:
    routes = {name: RouteCoverage(*route) for name, route in raw["routes"].items()}
    file = FileCoverage(raw["file"], raw["source"], routes, dict(raw["lines"]))
    file.decisions = _restored_outcomes(file.file, raw["decisions"])
    file.conditions = _restored_outcomes(file.file, raw["conditions"])
    return file


def _restored_outcomes(file: str, raw: Iterable[Sequence[int]]) -> dict[Span, Outcomes]:
    return {Span(file, *each[:4]): Outcomes(*each[4:]) for each in raw}
