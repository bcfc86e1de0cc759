"""Runs scenarios again when one of the files that they are made of changes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from relayscript.apps.testing.golden import script_of
from relayscript.apps.testing.runner import Say, run_all
from relayscript.apps.testing.scenario import Scenario, ScenarioError, read
from relayscript.apps.testing.statements import Include, Party
from relayscript.dsl.parser import parse_file


def files_of(path: Path) -> frozenset[Path]:
    """All files that the test of a scenario reads: itself, what it includes, its script and that one's includes."""
    found = {path, path.with_suffix(".golden")}
    try:
        found |= _included(path)
        scenario = read(path)
        found |= {path.parent / name for name in played_in(scenario)}
        script = script_of(scenario)
        found |= {script, *(Path(each) for each in parse_file(str(script)).sources)}
    except (ScenarioError, OSError):
        found |= set(path.parent.glob("*.cfg"))
    return frozenset(each.resolve() for each in found)


def played_in(scenario: Scenario) -> set[str]:
    """The SIPp scenarios that parties play, and their injection files, by the paths that are written."""
    parties = [line.statement for line in scenario.lines if isinstance(line.statement, Party) and line.statement.plays]
    fields = {str(value) for each in parties for name, value in each.given if name == "inf"}
    return fields | {each.plays for each in parties}


def _included(path: Path) -> set[Path]:
    from relayscript.apps.testing.scenario import parse

    parts = [line.statement for line in parse(path.read_text("latin-1"), str(path)).lines]
    found = {path.parent / each.path for each in parts if isinstance(each, Include)}
    return found.union(*map(_included, found))


def reached_by(changed: Iterable[Path], paths: Iterable[Path]) -> list[Path]:
    """The scenarios that one of the changed files is part of."""
    files = frozenset(each.resolve() for each in changed)
    return [path for path in paths if files & files_of(path)]


def watch_all(paths: list[Path], say: Say) -> None:
    """Run all, then what changes, until Ctrl-C."""
    from watchfiles import watch

    run_all(paths, say)
    folders = {file.parent for path in paths for file in files_of(path)}
    for changes in watch(*folders, raise_interrupt=False):
        reached = reached_by((Path(file) for _, file in changes), paths)
        if reached:
            run_all(reached, say)
