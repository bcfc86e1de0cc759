"""The examples: all are in the table, each is without findings and tried as a whole by its scenarios."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relayscript.apps.testing.collecting import scenarios_in
from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.verdict import judge
from relayscript.dsl.catalogue import load
from relayscript.dsl.checker import check
from relayscript.dsl.parser import parse_file

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDERS = sorted(each.parent for each in EXAMPLES.glob("*/*.cfg"))


def test_the_table_has_all() -> None:
    rows = re.findall(r"^\| \[`([\w-]+)`\]\(([\w-]+)\) \|", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert sorted(rows) == [(each.name, each.name) for each in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.name)
def test_the_check_finds_nothing(folder: Path) -> None:
    parsed = parse_file(str(folder / f"{folder.name}.cfg"))
    assert parsed.script is not None
    assert [*parsed.diagnostics, *check(parsed.script, load())] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.name)
def test_scenarios_try_every_line_and_have_transcripts(folder: Path) -> None:
    coverage = Coverage()
    scenarios = scenarios_in([folder])
    assert len(scenarios) > 3
    for each in scenarios:
        assert each.with_suffix(".golden").exists()
        judge(each, coverage=coverage)
    (file,) = coverage.files.values()
    assert file.missed_lines() == []
    assert file.count_routes().percent == 100
    assert file.count_branches().percent > 95
