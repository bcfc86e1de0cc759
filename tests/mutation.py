"""Drops each statement of the example scripts in turn: does a scenario notice?

    python tests/mutation.py [FOLDER...]        all of examples/ if none is given

A folder has a script of its name and scenarios. Each statement that their scenarios reach is replaced by `;`, those of
them that reach it are played, and one has to end otherwise: another transcript (the lines that ran do not count), an
expectation that is not met, a script that is refused, or one that does not come to an end. What nobody notices is
printed, and what no scenario reaches. Ends with status 1 if there is any.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.testing.collecting import scenarios_in
from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.recorder import Ran
from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_file
from relayscript.dsl.source import Span, excerpt
from relayscript.dsl.visitor import walk

EXAMPLES = Path(__file__).parents[1] / "examples"
PATIENCE = 10.0
"""Seconds of real time after which a script without one of its statements is taken to have no end."""


class NoEnd(BaseException):
    """A script runs for too long."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One that may be dropped, and its text on one line."""

    span: Span
    text: str

    def __str__(self) -> str:
        return f"{self.span.file}:{self.span.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one script: how many statements were dropped, which of that nobody noticed, which nobody reached."""

    folder: str
    dropped: int
    unnoticed: tuple[Statement, ...]
    unreached: tuple[Statement, ...]


def statements(script: nodes.Script, source: list[str]) -> Iterator[Statement]:
    """All statements of all routes, those inside of others too."""
    routes = (item for item in script.items if isinstance(item, nodes.Route))
    for node in (each for route in routes for each in walk(route)):
        if isinstance(node, nodes.Statement) and not isinstance(node, nodes.Empty | nodes.Block):
            yield Statement(node.span, excerpt(node.span, source))


def without(source: list[str], span: Span) -> str:
    """The script with `;` in the place of a stretch; all other lines keep their numbers."""
    before, after = source[span.line - 1][: span.column - 1], source[span.end_line - 1][span.end_column - 1 :]
    blank = [""] * (span.end_line - span.line)
    kept = [f"{before};{after}"] if not blank else [f"{before};", *blank[1:], after]
    return "\n".join([*source[: span.line - 1], *kept, *source[span.end_line :]])


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises NoEnd in what takes longer, again and again in case something catches it. For the main thread only."""

    def end(signum: int, frame: object) -> None:
        raise NoEnd

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


class Bench:
    """A copy of an example, in which its script may be changed."""

    def __init__(self, folder: Path, place: Path) -> None:
        shutil.copytree(folder, place)
        self.script = place / f"{folder.name}.cfg"
        self.source = self.script.read_text("latin-1").split("\n")
        self.scenarios = scenarios_in([place])
        self.reached = {each: self._lines(each) for each in self.scenarios}
        self.known = {each: self._play(each) for each in self.scenarios}

    def _lines(self, scenario: Path) -> frozenset[int]:
        """The script lines that a scenario reaches. Raises SystemExit if it fails with the script as it is."""
        played = play_files(scenario)
        if played.failure:
            raise SystemExit(f"{played.failure}: the scenario has to pass first")
        ran = (each for each in played.player.recorder.events if isinstance(each, Ran))
        return frozenset(number for each in ran for number in each.lines)

    @staticmethod
    def _play(scenario: Path) -> str:
        played = play_files(scenario, lines=False)
        return played.transcript + played.failure

    def is_reached(self, statement: Statement) -> bool:
        """Some scenario runs its first line."""
        return any(statement.span.line in lines for lines in self.reached.values())

    def is_noticed(self, statement: Statement) -> bool:
        """Some scenario ends otherwise without it."""
        self.script.write_text(without(self.source, statement.span), "latin-1")
        reaching = (each for each, lines in self.reached.items() if statement.span.line in lines)
        try:
            with limited(PATIENCE):
                return any(self._play(each) != self.known[each] for each in reaching)
        except (ScriptError, NoEnd):
            return True
        finally:
            self.script.write_text("\n".join(self.source), "latin-1")


def try_all(folder: Path) -> Outcome:
    """Drop every statement of the script in a folder."""
    path = folder / f"{folder.name}.cfg"
    parsed = parse_file(str(path))
    assert parsed.script is not None, f"{path} cannot be read"
    found = list(statements(parsed.script, path.read_text("latin-1").split("\n")))
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(folder, Path(place) / folder.name)
        reached = [each for each in found if bench.is_reached(each)]
        unnoticed = tuple(each for each in reached if not bench.is_noticed(each))
    unreached = tuple(each for each in found if each not in reached)
    return Outcome(folder.name, len(reached), unnoticed, unreached)


def main(folders: list[Path]) -> int:
    """Try the scripts in folders on two processes; returns the exit status."""
    folders = folders or sorted(each for each in EXAMPLES.iterdir() if (each / f"{each.name}.cfg").exists())
    dropped = failed = 0
    with ProcessPoolExecutor(2) as pool:
        for outcome in pool.map(try_all, folders):
            dropped += outcome.dropped
            for each in outcome.unnoticed:
                print(f"not noticed: {each}", flush=True)
            for each in outcome.unreached:
                print(f"not reached: {each}", flush=True)
            failed += len(outcome.unnoticed) + len(outcome.unreached)
            print(f"{outcome.folder}: {outcome.dropped} dropped, {len(outcome.unnoticed)} not noticed", flush=True)
    print(f"{dropped} statements of {len(folders)} scripts were dropped; {failed} are to be looked at")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([Path(each).resolve() for each in sys.argv[1:]]))
