"""What the check says of broken scripts, word for word: `tests/golden/diagnostics/*.cfg` and `*.txt` beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relayscript.dsl.catalogue import load
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Diagnostic, render, to_json
from relayscript.dsl.parser import parse_file

FOLDER = Path(__file__).parents[1] / "golden" / "diagnostics"
SCRIPTS = sorted(FOLDER.glob("*.cfg"))


def judged(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[tuple[Diagnostic, ...], str]:
    """The findings and their text, with the file's name alone."""
    monkeypatch.chdir(path.parent)
    parsed = parse_file(path.name)
    found = parsed.diagnostics
    if parsed.script is not None:
        found += check(parsed.script, load(), target="4.0")
    return found, render(found, parsed.sources)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_diagnostics(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    found, text = judged(path, monkeypatch)
    golden = path.with_suffix(".txt")
    if request.config.getoption("--update-golden"):
        golden.write_text(text)
    assert found, "every script of this folder is broken"
    assert text == golden.read_text()


def test_each_mistake_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = judged(FOLDER / "five-mistakes.cfg", monkeypatch)
    assert [each.span.line for each in found if each.span is not None] == [7, 8, 11, 11, 14, 15]


def test_findings_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = judged(FOLDER / "typo-function.cfg", monkeypatch)
    (told,) = json.loads(to_json(found))
    assert told["severity"] == "error"
    assert told["start"] == {"line": 5, "column": 2}
