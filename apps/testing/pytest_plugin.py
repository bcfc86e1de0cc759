"""The pytest plugin: it collects scenarios (`*.call`), and has fixtures for Python tests of scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from relayscript.apps.testing.coverage.collecting import Coverage
    from relayscript.apps.testing.trial import Trial

COVERAGE: pytest.StashKey[Coverage] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes golden files, `--live-scenarios` uses sockets, `--script-coverage` notes what ran."""
    group = parser.getgroup("relayscript", "scripts and scenarios")
    group.addoption("--update-golden", action="store_true", help="write golden files instead of comparing with them")
    group.addoption("--live-scenarios", action="store_true", help="play scenarios on real sockets")
    group.addoption("--script-coverage", metavar="FILE", help="save what was tried of the scripts")


def pytest_configure(config: pytest.Config) -> None:
    """Coverage begins, if it is asked for."""
    if config.getoption("--script-coverage"):
        from relayscript.apps.testing.coverage.collecting import Coverage

        config.stash[COVERAGE] = Coverage()


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """A scenario is a test; a name that begins with `_` is a part for others to include."""
    if file_path.suffix == ".call" and not file_path.name.startswith("_"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save the coverage: that of a worker of xdist beside the file, for the first process to add up."""
    config = session.config
    coverage = config.stash.get(COVERAGE, None)
    if coverage is None:
        return
    target = Path(config.getoption("--script-coverage"))
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if not worker:
        for part in sorted(target.parent.glob(f"{target.name}.gw*")):
            coverage.load(part)
            part.unlink()
    coverage.save(target.with_name(f"{target.name}.{worker}") if worker else target)


class Failed(Exception):  # noqa: N818 - how a test ended
    """A scenario did not come true, or its transcript is not the golden one; the text shows it."""


class ScenarioFile(pytest.File):
    """A `*.call` file: one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """The test, with the scenario's tags as its keywords."""
        from relayscript.apps.testing.collecting import tags_of  # late: other tests need not load a runtime

        item = ScenarioTest.from_parent(self, name=self.path.stem)
        item.extra_keyword_matches.update(tags_of(self.path))
        yield item


class ScenarioTest(pytest.Item):
    """Plays the scenario and compares the transcript."""

    def runtest(self) -> None:
        """Fail if something does not come true or the transcript differs."""
        from relayscript.apps.testing.verdict import judge

        update, live = (bool(self.config.getoption(each)) for each in ("--update-golden", "--live-scenarios"))
        path = Path(os.path.relpath(self.path))  # as a person would write it
        verdict = judge(path, update=update and not live, live=live, coverage=self.config.stash.get(COVERAGE, None))
        if verdict.left_out:
            pytest.skip(verdict.text)
        if not verdict.passed:
            raise Failed(verdict.text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What failed, alone; for other failures the traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands."""
        return self.path, 0, self.name


# ---- fixtures


@pytest.fixture
def script(request: pytest.FixtureRequest) -> Iterator[Trial]:
    """A script on trial, nothing loaded yet: `script.load("x.cfg")`, by its path from the test's folder."""
    from relayscript.apps.testing.trial import Trial

    trial = Trial(request.path.parent)
    yield trial
    trial.stop()
