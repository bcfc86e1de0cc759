"""Coverage as JSON data: all that is known, by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from relayscript.apps.testing.coverage.measured import FileCoverage, Outcomes
from relayscript.apps.testing.coverage.text import MEASURES, percent, ratios, total
from relayscript.dsl.source import Span


def summary(files: Iterable[FileCoverage]) -> dict[str, Any]:
    """`files` by path, each with its totals, routes, lines, branches and conditions; `totals` of all; `percent`."""
    files = list(files)
    return {
        "percent": round(percent(files), 2),
        "totals": _counts(total(files)),
        "files": {file.file: _file(file) for file in files},
    }


def _file(file: FileCoverage) -> dict[str, Any]:
    return {
        "totals": _counts(ratios(file)),
        "routes": {name: route.ran for name, route in file.routes.items()},
        "lines": {str(number): ran for number, ran in sorted(file.lines.items())},
        "missed_lines": file.missed_lines(),
        "branches": _outcomes(file, file.decisions),
        "conditions": _outcomes(file, file.conditions),
    }


def _counts(found: Iterable[Any]) -> dict[str, list[int]]:
    return {name: [each.tried, each.total] for name, each in zip(MEASURES, found, strict=True)}


def _outcomes(file: FileCoverage, outcomes: Mapping[Span, Outcomes]) -> list[dict[str, Any]]:
    return [
        {"line": span.line, "column": span.column, "text": file.text_of(span), "true": each.true, "false": each.false}
        for span, each in outcomes.items()
    ]
