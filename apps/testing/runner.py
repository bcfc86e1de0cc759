"""Runs scenarios one after the other and tells of them as they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter

from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.verdict import Verdict, judge

Say = Callable[[str], object]


def run_all(paths: Iterable[Path], say: Say, *, update: bool = False, coverage: Coverage | None = None) -> bool:
    """Judge all scenarios; whether all passed. `say` gets a line for each that tells something, and a last one."""
    begin, passed, failed, changed = perf_counter(), 0, 0, 0
    for path in paths:
        verdict = judge(path, update=update, coverage=coverage)
        passed += verdict.passed
        failed += not verdict.passed
        changed += verdict.passed and bool(verdict.text)
        if verdict.text:
            say(told(verdict))
    more = ((failed, "failed"), (changed, "written"))
    counts = [f"{passed} passed", *(f"{count} {word}" for count, word in more if count)]
    say(f"{', '.join(counts)} in {perf_counter() - begin:.2f} s")
    return not failed


def told(verdict: Verdict) -> str:
    """A test that failed or was written, and what is to be said of it."""
    return f"{'written' if verdict.passed else 'FAILED'} {verdict.path}\n{verdict.text}\n"
