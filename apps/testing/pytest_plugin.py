"""Lets pytest collect scenarios (`*.call`) that have a golden transcript (`*.golden`) beside them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` is for all golden files: transcripts, diagnostics."""
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing with them")


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """A scenario with its golden transcript; with `--update-golden` also one without."""
    if file_path.suffix != ".call":
        return None
    if file_path.with_suffix(".golden").exists() or parent.config.getoption("--update-golden"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class Differs(Exception):  # noqa: N818 - how a comparison ended
    """A transcript is not the golden one; the text shows the difference."""


class ScenarioFile(pytest.File):
    """A `*.call` file: one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """The comparison of its transcript with the golden one."""
        yield GoldenTranscript.from_parent(self, name=self.path.stem)


class GoldenTranscript(pytest.Item):
    """Plays the scenario and compares the transcript."""

    def runtest(self) -> None:
        """Fail if something does not come true or the transcript differs."""
        from relayscript.apps.testing.golden import play_files  # late: other tests need not load a runtime

        played = play_files(self.path)
        golden = self.path.with_suffix(".golden")
        if played.failure:
            raise Differs(f"{played.transcript}{played.failure}")
        if self.config.getoption("--update-golden"):
            golden.write_text(played.transcript, "latin-1")
            return
        difference = diff(golden.read_text("latin-1"), played.transcript, golden.name)
        if difference:
            raise Differs(difference)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The difference alone; for other failures the traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, Differs) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands."""
        return self.path, 0, self.name


def diff(expected: str, got: str, name: str) -> str:
    """The difference of two transcripts; empty if there is none."""
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), name, "now", lineterm="", n=2)
    return "\n".join(lines)
