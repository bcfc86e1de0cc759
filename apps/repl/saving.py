"""Writes what was typed as a scenario with its transcript, so that `relayscript test` repeats it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from relayscript.apps.complaints import rendered
from relayscript.apps.repl.answers import Wrong, counted
from relayscript.apps.repl.bench import BUILTIN, Bench
from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.apps.testing.statements import Party, Script, Statement
from relayscript.dsl.diagnostics import ScriptError


def save(bench: Bench, name: Path) -> list[str]:
    """Write NAME.call and NAME.golden, and with the script that comes with the prompt NAME.cfg. Raises Wrong, OSError.

    What is there already is written over only if it is a scenario that was saved for the same script. What did not
    come true, and script, is left out.
    """
    path = name if name.suffix == ".call" else name.with_name(f"{name.name}.call")
    kept = [each for each in bench.journal if each.statement is not None and not each.failed]
    if not kept:
        raise Wrong("there is nothing to save: no statement of a scenario was typed")
    script = _script_for(bench, path)
    head = Script(os.path.relpath(script, path.parent), bench.target or "")
    lines = [head, *(_moved(each.statement, path) for each in kept if each.statement is not None)]
    _write(path, "".join(f"{each}\n" for each in lines), head)
    left = len(bench.journal) - len(kept)
    rows = [f"wrote {path} and {path.with_suffix('.golden').name}: {counted(len(kept), 'statement')}"]
    return [*rows, *([f"left out: {counted(left, 'line')} of script or that did not come true"] if left else [])]


def _write(path: Path, text: str, head: Script) -> None:
    """Write the scenario and play it for its transcript; if that fails, all is as before."""
    before = path.read_text("latin-1") if path.exists() else None
    if before is not None and before.split("\n")[0] != str(head):
        raise Wrong(f"{path} is there already and is not for this script: take another name")
    path.write_text(text, "latin-1")
    try:
        played = play_files(path)
        failure = played.failure
    except (ScriptError, ScenarioError) as error:
        failure = rendered(error) if isinstance(error, ScriptError) else str(error)
    if failure:
        path.unlink() if before is None else path.write_text(before, "latin-1")
        raise Wrong("not saved: it does not come true when it is played from the start", failure)
    path.with_suffix(".golden").write_text(played.transcript, "latin-1")


def _script_for(bench: Bench, path: Path) -> Path:
    """The script's file; a copy of the one that comes with the prompt."""
    if bench.path != BUILTIN:
        return bench.path
    copy = path.with_suffix(".cfg")
    if copy.exists() and copy.read_bytes() != BUILTIN.read_bytes():
        raise Wrong(f"{copy} is there already and is another script: take another name")
    copy.write_bytes(BUILTIN.read_bytes())
    return copy


def _moved(statement: Statement, path: Path) -> Statement:
    """A statement with the files that it names as they are seen from the scenario's folder."""
    if isinstance(statement, Party) and statement.plays:
        return replace(statement, plays=os.path.relpath(statement.plays, path.parent))
    return statement

