"""The pytest plugin: what it collects, how tests end, its fixture, and coverage from several processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from relayscript.apps.testing.coverage.collecting import Coverage

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
route {
	if ($rU == "x") sl_send_reply(200, "Fine");
	else sl_send_reply(404, "Not here");
}
"""
SCENARIO = "tag quick\nalice -> OPTIONS sip:x@127.0.0.1\nalice <- 200\n"
PYTHON = """
import pytest

def test_the_answer(script):
    script.load("x.cfg").call("alice -> OPTIONS sip:x@127.0.0.1", "alice <- 200")
    assert [each.status for each in script.got("alice")] == [200]

def test_what_is_wrong(script):
    script.load("x.cfg")
    with pytest.raises(AssertionError, match="expected alice <- 200; alice got SIP/2.0 404"):
        script.call("alice -> OPTIONS sip:y@127.0.0.1", "alice <- 200")

def test_nothing_loaded(script):
    with pytest.raises(AssertionError, match="no script is loaded"):
        script.call("alice -> OPTIONS sip:y@127.0.0.1")
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A scenario that comes true, with its script beside it."""
    (tmp_path / "x.cfg").write_text(SCRIPT)
    scenario = tmp_path / "x.call"
    scenario.write_text(SCENARIO)
    return scenario


def pytest_run(folder: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", *options, str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def test_scenarios_are_collected_compared_and_written(case: Path) -> None:
    golden = case.with_suffix(".golden")
    (case.parent / "_part.call").write_text("this is included elsewhere\n")
    status, output = pytest_run(case.parent)
    assert (status, output.splitlines()[-1].split(" in ")[0]) == (0, "1 passed")
    assert not golden.exists()
    assert pytest_run(case.parent, "--update-golden")[0] == 0
    assert golden.read_text().splitlines()[-1] == "   0.000  alice <- 200 OPTIONS"
    assert pytest_run(case.parent)[0] == 0


def test_a_difference_is_shown_with_the_script_line_it_comes_from(case: Path) -> None:
    pytest_run(case.parent, "--update-golden")
    case.with_suffix(".cfg").write_text(SCRIPT.replace('200, "Fine"', '202, "Fine"'))
    case.write_text(SCENARIO.replace("200", "2xx"))
    status, output = pytest_run(case.parent)
    assert status == 1
    assert "-   0.000  alice <- 200 OPTIONS" in output
    assert "+   0.000  alice <- 202 OPTIONS    # after x.cfg:5" in output


@pytest.mark.parametrize(("chosen", "status"), [("quick", 0), ("slow", 5)])
def test_tags_are_keywords(case: Path, chosen: str, status: int) -> None:
    assert pytest_run(case.parent, "-k", chosen)[0] == status


def test_python_tests_have_a_script_on_trial(case: Path) -> None:
    (case.parent / "test_x.py").write_text(PYTHON)
    status, output = pytest_run(case.parent)
    assert (status, output.splitlines()[-1].split(" in ")[0]) == (0, "4 passed"), output


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_coverage_of_all_processes_is_saved(case: Path, options: tuple[str, ...]) -> None:
    (case.parent / "y.call").write_text("script x.cfg\nalice -> OPTIONS sip:y@127.0.0.1\nalice <- 404\n")
    saved = case.parent / "saved"
    assert pytest_run(case.parent, f"--script-coverage={saved}", *options)[0] == 0
    coverage = Coverage()
    coverage.load(saved)
    assert coverage.files["x.cfg"].missed_lines() == []
    assert sorted(file.name for file in case.parent.glob("saved*")) == ["saved"]
