"""A script on the virtual clock with all that watches it: player, debugger, coverage, reasons."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from relayscript.apps.repl.current import Current
from relayscript.apps.repl.debugger import Debugger, OnStop
from relayscript.apps.repl.evaluating import Evaluator
from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.apps.testing.player import PATIENCE, Player
from relayscript.apps.testing.reasons import Reasons
from relayscript.dsl import nodes
from relayscript.dsl.fragments import PLACE
from relayscript.interpreter.marks import Mark
from relayscript.interpreter.mocks import Mocks
from relayscript.interpreter.runtime import Runtime


class Marking:
    """An `interpreter.marks.Marks` that serves several others."""

    def __init__(self, coverage: Coverage, reasons: Reasons) -> None:
        self.coverage = coverage
        self.reasons = reasons

    def begin(self, script: nodes.Script) -> None:
        """The conditions that are to be marked now are those of this script."""
        self.coverage.begin(script)

    def mark(self, node: nodes.Condition) -> Mark:
        """A function that tells both."""
        count, note = self.coverage.mark(node), self.reasons.mark(node)
        return lambda context, truth: note(context, count(context, truth))


class Watched(Player):
    """A player that tells somebody else of the lines that run, too."""

    def __init__(self, runtime: Runtime, host: VirtualHost, also: Callable[[str, int], None]) -> None:
        self._also = also
        self._quiet = headers(runtime.script)
        super().__init__(runtime, host)

    def watch(self) -> AbstractContextManager[object]:
        """While it is entered, the script lines that run are recorded and told."""
        return LineTrace(self.runtime.files, self._line, self._quiet)

    def _line(self, file: str, number: int) -> None:
        self.recorder.line(file, number)
        self._also(file, number)

    def attempt(self, function: Callable[[], object]) -> bool:
        """Run something as a run of the script, and all that follows from it; False if it goes on waiting."""
        ended: list[bool] = []

        def run() -> None:
            try:
                function()
            finally:
                ended.append(True)

        with self.watch():
            files, self.runtime.files = self.runtime.files, self.runtime.files | {PLACE}
            try:
                self.runtime.spawn(run)
                found = self.host.until(lambda: ended, PATIENCE)
                self.host.settle()
            finally:
                self.runtime.files = files
        return found


class World:
    """Everything that begins anew when a script is loaded. Raises ScriptError, OSError.

    `stamp` tells whether a file of the script has changed since.
    """

    def __init__(self, path: Path, target: str | None, mocks: Mocks, on_stop: OnStop) -> None:
        self.path = path
        self.coverage = Coverage()
        reasons = Reasons()
        self.host = VirtualHost()
        self.stamp = stamp_of([str(path)])
        marking = Marking(self.coverage, reasons)
        self.runtime = Runtime.load(str(path), self.host, target=target, marks=marking, mocks=mocks)
        self.stamp = stamp_of(self.runtime.files | {str(path)})
        self.evaluator = Evaluator(self.runtime)
        self.debugger = Debugger(self.runtime, on_stop)
        self.player = Watched(self.runtime, self.host, self.debugger.line)
        self.runtime.observers.append(self.debugger)
        reasons.record(self.player)
        self.current = Current(self.runtime)

    @property
    def lines(self) -> dict[str, tuple[int, ...]]:
        """The lines of each file of the script on which statements begin."""
        return {file: tuple(found.lines) for file, found in self.coverage.files.items()}

    def end(self) -> None:
        """Stop the script."""
        self.debugger.is_on = False
        self.host.end()


Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(files: list[str] | frozenset[str]) -> Stamp:
    """Something that changes when one of the files does; a file that is not there is a change as well."""
    found = []
    for file in sorted(files):
        try:
            status = Path(file).stat()
        except OSError:
            found.append((file, 0, -1))
        else:
            found.append((file, status.st_mtime_ns, status.st_size))
    return tuple(found)

