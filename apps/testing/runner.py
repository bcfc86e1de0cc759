"""Runs scenarios one after the other and tells of them as they end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from relayscript.apps.testing.verdict import Verdict, judge

if TYPE_CHECKING:
    from relayscript.apps.testing.coverage.collecting import Coverage

Say = Callable[[str], object]

NEW_OBJECTS = 10_000
"""So many come before garbage is looked for; Python's own number, 700, makes a test a tenth slower."""


def run_all(
    paths: Iterable[Path], say: Say, *, update: bool = False, live: bool = False, coverage: Coverage | None = None
) -> bool:
    """Judge all scenarios; whether all passed. `say` gets a line for each that tells something, and a last one."""
    begin = perf_counter()
    counts = dict.fromkeys(("passed", "failed", "left out", "written"), 0)
    with _seldom_collecting():
        for path in paths:
            verdict = judge(path, update=update, live=live, coverage=coverage)
            for kind in kinds(verdict):
                counts[kind] += 1
            if verdict.text:
                say(told(verdict))
    shown = (f"{count} {kind}" for kind, count in counts.items() if count or kind == "passed")
    say(f"{', '.join(shown)} in {perf_counter() - begin:.2f} s")
    return not counts["failed"]


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Each test leaves a whole runtime behind: it pays to look for garbage when that is over."""
    usual = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def kinds(verdict: Verdict) -> tuple[str, ...]:
    """What a test is counted as: one that was written has passed too."""
    if verdict.left_out:
        return ("left out",)
    if not verdict.passed:
        return ("failed",)
    return ("passed", "written") if verdict.text else ("passed",)


def told(verdict: Verdict) -> str:
    """A test that failed, was left out or was written, and what is to be said of it."""
    if verdict.left_out:
        return f"left out {verdict.path}: {verdict.text}"
    return f"{'written' if verdict.passed else 'FAILED'} {verdict.path}\n{verdict.text}\n"
