"""A scenario at play on the virtual clock that can be held, looked at, and taken back.

It stands on the prompt's test bench: what is changed at a stop is in its journal, so that going back plays all of it
again up to the moment before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from relayscript.apps.dap.places import Log, Wanted, placed
from relayscript.apps.repl.bench import Bench, Entry
from relayscript.apps.repl.breakpoints import BadBreakpoint, Breakpoint
from relayscript.apps.repl.debugger import Frame, Resume, Stop
from relayscript.apps.repl.world import World
from relayscript.apps.testing.golden import refuse_idle_mocks, script_of
from relayscript.apps.testing.player import ScenarioFailure
from relayscript.apps.testing.scenario import ScenarioError, read
from relayscript.interpreter.context import Context
from relayscript.interpreter.observer import Observer

WATCH = "watch"
"""The reason of stops that whoever attends has asked for."""

FAULT = "exception"
"""The reason of stops at lines of the log."""

Attend = Callable[[Context], str]
"""Called before every line with the run; why to hold there, empty for no reason."""


class Program:
    """One scenario and its script. Raises ScriptError, ScenarioError, OSError if they are no good.

    `failure` says what did not come true, `why` is the reason that `attend` gave last. `observer` is told what
    happens, but not again when it is played again.
    """

    def __init__(
        self, path: Path, script: Path | None, target: str | None, attend: Attend, log: Log, observer: Observer
    ) -> None:
        self.path = path
        self.scenario = read(path)
        named = self.scenario.script.target if self.scenario.script is not None else ""
        mocks = [Entry(str(each), _nothing, each) for each in self.scenario.mocks]
        self.bench = Bench(script or script_of(self.scenario), target or named or None, mocks)
        try:
            refuse_idle_mocks(self.scenario, self.bench.world.runtime)
        except ScenarioError:
            self.bench.end()
            raise
        self.failure = ""
        self.why = ""
        self.wanted: list[Wanted] = []
        self._level: int | None = None
        self._attend, self._log, self._observer = attend, log, observer
        self._logs: list[Breakpoint] = []
        self._stops: list[Breakpoint] = []
        self._ticks: list[int] = []
        self._hits: dict[int, str] = {}
        self._arm()
        self._observed()

    # ---- going on

    def start(self) -> None:
        """Play the scenario up to the first stop, or to its end."""
        self._arm()
        self.bench.perform(Entry(str(self.path), self._play))
        self._arrived()

    def go_on(self, how: Resume) -> None:
        """From the stop to the next one, or to the end."""
        self._arm()
        self.bench.go_on(how)
        self._arrived()

    def back(self, tick: int, reason: str) -> None:
        """Return to an earlier moment. Raises Wrong if a file of the script is another one now."""
        bench = self.bench
        before, now = [each for each in bench.stops[:-1] if each.tick < tick], bench.stops[-1]
        bench.stops = [*before, Stop(reason, tick), now]
        bench.world.debugger.breakpoints = []
        bench.back()
        self._ticks = [each for each in self._ticks if each <= tick]
        self._hits = {each: text for each, text in self._hits.items() if each <= tick}
        self._arm()
        self._observed()

    def line_before(self) -> int:
        """The moment of the script line before the stop; 0 if there is none."""
        tick = self.stop.tick
        return max((each for each in self._ticks if each < tick), default=0)

    def breakpoint_before(self) -> tuple[int, str]:
        """The moment and the reason of the last stop at a breakpoint before this one; else those of the first line."""
        hits = [each for each in self._hits if each < self.stop.tick]
        return (max(hits), self._hits[max(hits)]) if hits else (min(self._ticks, default=0), "entry")

    def end(self) -> None:
        """Stop the script for good."""
        self.bench.end()

    def _play(self, world: World, held: Context | None) -> list[str]:
        self.failure = ""
        try:
            world.player.play(self.scenario)
        except ScenarioFailure as failure:
            self.failure = f"{self.path}:{failure.line}: {failure}"
        return []

    # ---- where it is held

    @property
    def is_held(self) -> bool:
        """It waits to go on."""
        return self.bench.stop is not None

    @property
    def stop(self) -> Stop:
        """Where it is held."""
        assert self.bench.stop is not None, "nothing is held"
        return self.bench.stop

    def waiting(self) -> tuple[Frame, ...]:
        """Where other runs wait."""
        return tuple(self.bench.world.debugger.other_runs())

    @contextmanager
    def unwatched(self, counted: bool) -> Iterator[None]:
        """While it is entered, nothing holds the script. What is not `counted` must change nothing: it is not done
        again when all is played again."""
        debugger = self.bench.world.debugger
        tick, debugger.is_on = debugger.tick, False
        try:
            yield
        finally:
            debugger.is_on = True
            if not counted:
                debugger.tick = tick

    def _arrived(self) -> None:
        """Do at a stop what breakpoints would have done that were not asked because there was another reason."""
        stop = self.bench.stop
        if stop is None:
            return
        if stop.reason not in (WATCH, "step"):
            self._hits[stop.tick] = stop.reason
            return
        if stop.tick > max(self._ticks[-1:], default=0):
            self._ticks.append(stop.tick)
        for each in (*self._logs, *self._stops):
            if stop.frames and each.line == (stop.frames[0].file, stop.frames[0].line) and _holds(each, stop):
                self._hits[stop.tick] = each.text

    # ---- breakpoints

    def want(self, wanted: list[Wanted]) -> dict[int, Breakpoint | BadBreakpoint]:
        """These breakpoints from now on; what has become of each, by its number."""
        self.wanted = wanted
        return self._arm()

    def want_level(self, level: int | None) -> None:
        """Hold where something of that level, or more severe, is logged; None: nowhere."""
        self._level = level
        self._arm()

    def _arm(self) -> dict[int, Breakpoint | BadBreakpoint]:
        """Set the breakpoints: first what is asked at every line, then what logs, which both let others have a say.

        They are made anew, as one that held at a line would not hold at the next one as well.
        """
        found = {each.number: self._placed(each) for each in self.wanted}
        logs = {each.number for each in self.wanted if each.log}
        made = {number: each for number, each in found.items() if isinstance(each, Breakpoint)}
        self._logs = [each for number, each in made.items() if number in logs]
        self._stops = [each for number, each in made.items() if number not in logs]
        watch = Breakpoint(WATCH, condition=lambda context: self._watched(context))
        faults = [Breakpoint(FAULT, level=self._level)] if self._level is not None else []
        self.bench.world.debugger.breakpoints = [watch, *self._logs, *self._stops, *faults]
        return found

    def _placed(self, wanted: Wanted) -> Breakpoint | BadBreakpoint:
        try:
            return placed(wanted, self.bench.world, self._log)
        except BadBreakpoint as error:
            return error

    def _watched(self, context: Context) -> bool:
        tick = self.bench.world.debugger.tick
        if tick > max(self._ticks[-1:], default=0):
            self._ticks.append(tick)
        self.why = self._attend(context)
        return bool(self.why)

    def _observed(self) -> None:
        """The observer hears of everything before the debugger does, who may hold there: it may be in the midst of
        telling all of them now, so that their list must not change."""
        runtime = self.bench.world.runtime
        runtime.observers = [self._observer, *runtime.observers]


def _holds(each: Breakpoint, stop: Stop) -> bool:
    """What it asks is so; one that logs does it, and says no."""
    return each.condition is None or (stop.context is not None and each.condition(stop.context))


def _nothing(world: World, held: Context | None) -> list[str]:
    """A mock is put into the script when it is loaded."""
    return []
