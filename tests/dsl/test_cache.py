"""Verdicts that are remembered: for how long they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.dsl.cache import recall, remember
from relayscript.dsl.diagnostics import Diagnostic, error, warning
from relayscript.dsl.source import Span


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "script.cfg"
    path.write_text("route { exit; }\n")
    return path


def found(script: Path) -> tuple[Diagnostic, ...]:
    return (warning("RS900", "odd", Span(str(script), 1, 1, 1, 6), "mend it", "a note"),)


def test_an_unchanged_script_is_recalled_with_its_warnings(script: Path) -> None:
    remember(str(script), "", [str(script)], found(script))
    assert recall(str(script), "") == found(script)


def test_nothing_is_recalled_of_a_script_that_nobody_checked(script: Path) -> None:
    assert recall(str(script), "") is None


def test_a_change_of_the_script_or_of_an_included_file_forgets(script: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.inc"
    part.write_text("# part\n")
    remember(str(script), "", [str(script), str(part)], ())
    assert recall(str(script), "") == ()
    part.write_text("# other\n")
    assert recall(str(script), "") is None
    part.unlink()
    assert recall(str(script), "") is None


def test_other_options_are_another_question(script: Path) -> None:
    remember(str(script), "4.0", [str(script)], ())
    assert recall(str(script), "3.2") is None


def test_errors_are_not_remembered(script: Path) -> None:
    remember(str(script), "", [str(script)], (error("RS100", "cannot read part.inc"),))
    assert recall(str(script), "") is None


def test_a_broken_entry_is_ignored(script: Path, tmp_path: Path) -> None:
    remember(str(script), "", [str(script)], ())
    for entry in (tmp_path / "cache" / "relayscript" / "checked").iterdir():
        entry.write_bytes(b"\x80garbage")
    assert recall(str(script), "") is None


def test_a_folder_that_cannot_be_written_does_no_harm(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(script))
    remember(str(script), "", [str(script)], ())
    assert recall(str(script), "") is None
