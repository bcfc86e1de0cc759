"""The page about testing: each scenario in it comes true with the page's script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.trial import Trial

PAGE = (Path(__file__).parents[1] / "docs" / "testing.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text for name, text in BLOCK.findall(PAGE) if name == language]


(SCRIPT,) = blocks("opensips")
SCENARIOS = blocks("scenario")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "call.cfg").write_text(SCRIPT)
    return tmp_path


@pytest.mark.parametrize("text", SCENARIOS)
def test_scenarios_come_true(folder: Path, text: str) -> None:
    (folder / "call.call").write_text(text)
    played = play_files(folder / "call.call")
    assert played.failure == "", played.transcript


def test_the_python_test_passes(folder: Path) -> None:
    (text,) = blocks("python")
    made: dict[str, object] = {}
    exec(text, made)
    trial = Trial(folder)
    made["test_busy"](trial)  # type: ignore[operator]
    trial.stop()
