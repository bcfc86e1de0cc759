"""The player of recorded cases, with a stand-in for the program that plays one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = Path(__file__).with_name("play.py")

STAND_IN = """
import sys
from pathlib import Path

case = Path(sys.argv[-1])
failures = case / "failures"
left = int(failures.read_text())
failures.write_text(str(left - 1))
print("FAIL" if left > 0 else "PASS", case.name)
sys.exit(left > 0)
"""


@pytest.fixture
def difftest(tmp_path: Path) -> Path:
    """Cases by how often they fail before they pass."""
    cases = {"cases/good": 0, "cases/shaky": 1, "cases/bad": 9, "better/good": 0, "syntax": 0}
    for player in ("difftest.py", "syntax.py"):
        (tmp_path / player).write_text(STAND_IN)
    for name, failures in cases.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / ("expected.tsv" if name == "syntax" else "flow.py")).touch()
        (tmp_path / name / "failures").write_text(str(failures))
    return tmp_path


def play(difftest: Path, passing: str, *arguments: str) -> tuple[int, str, list[str]]:
    """The exit status, what was printed, and the list afterwards."""
    file = difftest / "passing.txt"
    file.write_text(passing)
    command = [sys.executable, str(PLAY), "--list", str(file), *arguments]
    environment = {**os.environ, "DIFFTEST": str(difftest)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, file.read_text().splitlines()


def test_all_that_is_listed_passes(difftest: Path) -> None:
    status, printed, _ = play(difftest, "# a remark\n\ngood\nbetter/good\n")
    assert (status, printed) == (0, "conformance: 2 passed, 0 failed\n")


def test_one_that_fails_fails_the_whole(difftest: Path) -> None:
    status, printed, _ = play(difftest, "good\nbad\n")
    assert (status, printed) == (1, "FAIL bad\nconformance: 1 passed, 1 failed\n")


def test_a_second_chance_is_said(difftest: Path) -> None:
    status, printed, _ = play(difftest, "shaky\n")
    assert status == 0
    assert printed.startswith("shaky failed at first and passed when played again:\nFAIL shaky\n")


def test_a_name_without_a_case_fails(difftest: Path) -> None:
    status, printed, _ = play(difftest, "gone\n")
    assert (status, printed.partition(":")[0]) == (1, "ERROR gone")


def test_only_what_is_named(difftest: Path) -> None:
    assert play(difftest, "bad\n", "good")[:2] == (0, "conformance: 1 passed, 0 failed\n")


def test_all_appends_what_newly_passes(difftest: Path) -> None:
    status, printed, names = play(difftest, "good\n", "--all")
    assert (status, names) == (0, ["good", "syntax", "better/good", "shaky"])
    assert "now passing: syntax better/good shaky" in printed
    assert printed.endswith("conformance: 4 passed, 1 failed\n")


def test_all_still_fails_for_one_that_is_listed(difftest: Path) -> None:
    status, _, names = play(difftest, "bad\n", "--all")
    assert (status, names) == (1, ["bad", "syntax", "better/good", "good", "shaky"])


def test_without_cases_nothing_is_played(tmp_path: Path) -> None:
    status, printed, _ = play(tmp_path, "good\n")
    assert (status, printed) == (0, f"no recorded cases in {tmp_path}: nothing is played\n")
