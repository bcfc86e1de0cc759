"""The test bench behind the prompt: a script, what was done to it so far, and where it is held.

All that changes the script's world is a deed and goes into a journal with the count of what had happened by then. The
simulator is deterministic, so the journal brings the world back to any moment: after a change of the script, after an
interruption, and at an earlier stop of the debugger.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.breakpoints import BadBreakpoint, Breakpoint, read_breakpoint
from relayscript.apps.repl.current import PLACE
from relayscript.apps.repl.debugger import Resume, Stop
from relayscript.apps.repl.suspension import Suspension
from relayscript.apps.repl.telling import Telling
from relayscript.apps.repl.world import Stamp, World, stamp_of
from relayscript.apps.testing.golden import mocks_of
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.player import ScenarioFailure
from relayscript.apps.testing.recorder import SipSeen
from relayscript.apps.testing.scenario import Line, Scenario
from relayscript.apps.testing.statements import Mock, Statement
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Context
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

BUILTIN = Path(__file__).with_name("builtin.cfg")
"""The script for those who name none."""


NEVER = Stop("", sys.maxsize)
"""A stop that never comes."""


@dataclass(slots=True)
class Entry:
    """One deed: how it was typed, the count at that time, whether the script was held then.

    `statement` is what can be saved of it; `failed` says that it did not come true. `act` does it, in a world and in
    the run that is held there, if one is, and returns what there is to say.
    """

    text: str
    act: Callable[[World, Context | None], list[str]]
    statement: Statement | None = None
    tick: int = 0
    nested: bool = False
    failed: bool = False


@dataclass(slots=True)
class Bench:
    """One script under trial. Raises ScriptError, OSError if the script is no good.

    `stop` is where it is held now, `stops` are all stops so far, `journal` all deeds.
    """

    path: Path = BUILTIN
    target: str | None = None
    journal: list[Entry] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    stop: Stop | None = None
    previous: dict[str, str] = field(default_factory=dict)
    world: World = field(init=False)
    telling: Telling = field(init=False)
    _running: Suspension[Stop, Resume] = field(init=False)
    _said: list[str] = field(default_factory=list)
    _seen: int = 0
    _taken: int = -1
    _refused: Stamp = ()

    def __post_init__(self) -> None:
        self._adopt(self._made())

    # ---- the world

    def _made(self) -> World:
        """A world as at the beginning, with what the scenario puts in the place of parts of the script."""
        mocks = [each.statement for each in self.journal if isinstance(each.statement, Mock)]
        lines = tuple(Line(0, each) for each in mocks)
        return World(self.path, self.target, mocks_of(Scenario("<typed>", lines)), self._held)

    def _adopt(self, world: World) -> None:
        self.world = world
        self.telling = Telling(world.player)
        self._running = Suspension()
        self._seen = len(world.player.recorder.events)
        self._taken = -1
        self.stop = None

    def end(self) -> None:
        """Stop the script."""
        self.world.debugger.is_on = False
        self._running.abandon()
        self.world.end()

    # ---- deeds

    def perform(self, entry: Entry) -> list[str]:
        """Do something and write it into the journal; what there is to say. Raises Wrong.

        What was interrupted (KeyboardInterrupt) leaves the world as it was before.
        """
        entry.tick, entry.nested = self.world.debugger.tick, self.stop is not None
        self.journal.append(entry)
        if self.stop is not None:
            return entry.act(self.world, self.held_context)
        return self._guarded(entry, lambda: self._running.start(lambda: self._act(entry)), entry.text)

    def go_on(self, how: Resume) -> list[str]:
        """Let the script go on from where it is held. Raises Wrong."""
        if self.stop is None:
            raise Wrong("nothing is held: set a breakpoint with .break, then let somebody call")
        entry = next(each for each in reversed(self.journal) if not each.nested)
        self.stop = None
        return self._guarded(entry, lambda: self._running.go_on(how), entry.text)

    def _act(self, entry: Entry) -> None:
        said = entry.act(self.world, None)
        self._said += said

    def _guarded(self, entry: Entry, run: Callable[[], Stop | None], typed: str) -> list[str]:
        try:
            self._arrived(run())
        except KeyboardInterrupt:
            self._undo(entry)
            raise Wrong("interrupted: all is as it was before") from None
        except ScenarioFailure as failure:
            entry.failed = True
            raise Wrong(*self._news(typed), f"error: {readable(str(failure))}") from None
        except Wrong as wrong:
            entry.failed = True
            raise Wrong(*self._news(typed), *wrong.lines) from None
        return self._news(typed)

    def _arrived(self, stop: Stop | None) -> None:
        """A deed is done, or held."""
        self.stop = stop
        if stop is None:
            self.world.debugger.forget_step()
        else:
            self.stops.append(replace(stop, frames=(), message=b""))
        events = self.world.player.recorder.events
        for event in reversed(events[self._seen :]):
            if isinstance(event, SipSeen) and not event.sent and self._takes(event):
                break
        self._seen = len(events)

    def _takes(self, event: SipSeen) -> bool:
        """A request that reached the script, other than an ACK, is the current message from then on."""
        try:
            message = Message.parse(event.data)
        except SipError:
            return False
        if not message.is_request or message.method == "ACK":
            return False
        self.world.current.receive(event.data, event.address)
        return True

    def _news(self, typed: str = "") -> list[str]:
        said, self._said = self._said, []
        return [*self.telling.news(typed), *said]

    @property
    def held_context(self) -> Context | None:
        """The run that is held, or one on the message that is; None if nothing is held."""
        return self._context_at(self.stop) if self.stop is not None else None

    def _context_at(self, stop: Stop) -> Context:
        """The run that is held; at a message without one, a run on that message, begun when it is first asked for."""
        if stop.context is not None:
            return stop.context
        if stop.message and self._taken != stop.tick:
            self._taken = stop.tick
            self.world.current.receive(stop.message, PLACE)
        return self.world.current.context

    @property
    def context(self) -> Context:
        """The run in which typed script runs now."""
        return self.held_context or self.world.current.context

    # ---- stops

    def _held(self, stop: Stop) -> Resume:
        """The debugger wants to stop; what was typed at this stop before is done again first."""
        debugger = self.world.debugger
        if stop.tick <= debugger.quiet_until:
            for each in self.journal:
                if each.nested and each.tick == stop.tick:
                    with suppress(Wrong):
                        each.act(self.world, self._context_at(stop))
            if stop.tick != debugger.quiet_until:
                return Resume.CONTINUE
        return self._running.hold(stop)

    def break_at(self, text: str) -> Breakpoint:
        """Set a breakpoint. Raises Wrong, ScriptError."""
        try:
            found = read_breakpoint(text, self.world.runtime, self.world.lines)
        except BadBreakpoint as error:
            raise Wrong(f"error: {error}") from None
        self.world.debugger.breakpoints.append(found)
        return found

    def back(self) -> list[str]:
        """Return to the stop before this one, or to the last one if nothing is held. Raises Wrong."""
        earlier = self.stops[:-1] if self.stop is not None else self.stops
        if not earlier:
            raise Wrong("there is no earlier stop to return to")
        if self.has_changed():
            raise Wrong(f"{self.path.name} has changed: .continue first, so that it is read again")
        until = earlier[-1]
        self.journal = [each for each in self.journal if each.tick < until.tick]
        self.stops = earlier[:-1]
        self._running.abandon()
        self._replay(self._made(), until)
        if self.stop is None:
            raise Wrong("the earlier stop did not come about again; all that was typed before it is done")
        return []

    # ---- playing it all again

    def _undo(self, entry: Entry) -> None:
        """Bring the world back to what it was before a deed."""
        del self.journal[next(place for place, each in enumerate(self.journal) if each is entry) :]
        self.stops = [each for each in self.stops if each.tick <= entry.tick]
        self._replay(self._made())

    def rebuild(self) -> list[str]:
        """A fresh world in which everything typed is done again. Raises ScriptError, OSError; then all stays."""
        return self._replay(self._made())

    def _replay(self, world: World, until: Stop = NEVER) -> list[str]:
        """Do the journal again in a fresh world, up to a stop; what did not come true now and did before."""
        breakpoints = self.world.debugger.breakpoints
        self.end()
        self._adopt(world)
        lost = self._set_again(breakpoints)
        debugger = world.debugger
        debugger.quiet_until = until.tick
        debugger.pause_at = {each.tick: "typed here" for each in self.journal if each.nested}
        debugger.pause_at[until.tick] = until.reason
        for entry in [each for each in self.journal if not each.nested]:
            failed, entry.failed = entry.failed, False
            try:
                self._arrived(self._running.start(lambda entry=entry: self._act(entry)))  # type: ignore[misc]
            except (ScenarioFailure, Wrong) as failure:
                entry.failed = True
                lost += [] if failed else [f"{entry.text}: {failure}"]
            if self.stop is not None:
                break
        debugger.pause_at = {}
        debugger.quiet_until = 0 if until is NEVER else until.tick
        self._news()
        return lost

    def _set_again(self, breakpoints: Iterable[Breakpoint]) -> list[str]:
        lost = []
        for each in breakpoints:
            try:
                self.break_at(each.text)
            except (Wrong, ScriptError) as error:
                lost.append(f"breakpoint {each.text} is gone: {error}")
        return lost

    # ---- the script's file

    def load(self, path: Path, target: str | None = None) -> None:
        """Another script, and nothing typed yet. Raises ScriptError, OSError; then all stays as it is."""
        before = (self.path, self.target, self.journal)
        self.path, self.target, self.journal = path, target or self.target, []
        try:
            world = self._made()
        except (ScriptError, OSError):
            self.path, self.target, self.journal = before
            raise
        self.end()
        self.stops, self.previous, self._refused = [], {}, ()
        self._adopt(world)

    def has_changed(self) -> bool:
        """A file of the script is another one than when it was loaded or refused last."""
        now = stamp_of([file for file, *_ in self.world.stamp])
        return now not in (self.world.stamp, self._refused)

    def reload(self) -> list[str]:
        """Read the script again and do everything typed again. Raises ScriptError, OSError; then all stays.

        What was typed while the script was held is left out: the stops may be elsewhere now.
        """
        now = stamp_of([file for file, *_ in self.world.stamp])
        try:
            world = self._made()
        except (ScriptError, OSError):
            self._refused = now
            raise
        nested = [each for each in self.journal if each.nested]
        self.journal = [each for each in self.journal if not each.nested]
        self.stops = []
        lost = self._replay(world)
        return [*lost, *(f"{each.text}: left out, it was typed at a stop" for each in nested)]
