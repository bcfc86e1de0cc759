"""Holds a script at its lines, messages and relay commands, and lets it go on line by line.

It knows of no terminal: whoever drives it gives a callback, which is called in the middle of the run, blocks for as
long as it likes, and returns how to go on. While one run is held, nothing else happens: time stands still.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import CodeType, FrameType

from greenlet import getcurrent, greenlet

from relayscript.apps.repl.breakpoints import Breakpoint
from relayscript.interpreter.compiler.emit import CONTEXT
from relayscript.interpreter.context import Context
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.workers import Workers
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener


class Resume(Enum):
    """How a script that is held goes on."""

    CONTINUE = "continue"
    INTO = "step"
    OVER = "next"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Frame:
    """A route on the stack: its label, the line it is at, and its run."""

    label: str
    file: str
    line: int
    context: Context


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a script is held. `frames` are the routes, the innermost first; none if no script line runs now.

    `reason` is what the stop is for, in words, `tick` counts all that could have been one since the script began,
    `message` is the SIP message that the stop is at, if it is at one.
    """

    reason: str
    tick: int
    frames: tuple[Frame, ...] = ()
    message: bytes = b""

    @property
    def context(self) -> Context | None:
        """The run that is held, if it is a run of a route."""
        return self.frames[0].context if self.frames else None

    @property
    def call_id(self) -> str:
        """The Call-ID of what is held; empty if there is none."""
        if self.context is not None:
            return self.context.message.call_id
        try:
            return Message.parse(self.message).call_id if self.message else ""
        except SipError:
            return ""


OnStop = Callable[[Stop], Resume]


@dataclass(slots=True)
class _Step:
    """What has to come about before the script is held again."""

    run: greenlet
    deepest: int = sys.maxsize

    def is_over(self, depth: Callable[[], int]) -> bool:
        """The line that is about to run is the one to stop at."""
        if getcurrent() is self.run:
            return depth() <= self.deepest
        return _is_idle(self.run)


class Debugger:
    """Watches one running script; an `interpreter.observer.Observer` that also has to be told of each `line`.

    `pause_at` are counts (see `Stop.tick`) at which it stops whatever the breakpoints say, with the reason to give; up
    to `quiet_until` it stops nowhere else.
    """

    def __init__(self, runtime: Runtime, on_stop: OnStop) -> None:
        self.breakpoints: list[Breakpoint] = []
        self.tick = 0
        self.quiet_until = 0
        self.pause_at: dict[int, str] = {}
        self.is_on = True
        self._runtime = runtime
        self._on_stop = on_stop
        self._step: _Step | None = None
        self._last: FrameType | None = None
        self._held: dict[Breakpoint, bool] = {}
        self._runs: set[greenlet] = set()
        self._here: greenlet | None = None

    # ---- what happens

    def line(self, file: str, number: int) -> None:
        """A script line is about to run."""
        self.tick += 1
        frame = self._frame(file)
        self._runs.add(getcurrent())
        reason = self._due() or self._reason(file, number, frame)
        self._last = frame
        if reason:
            self._stop(reason)

    def message(self, sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        """A SIP message went out or came in."""
        self.tick += 1
        reason = self._due()
        if not reason and self._listens:
            found = next((each for each in self.breakpoints if each.message and each.is_message(data)), None)
            reason = found.text if found is not None and self._holds(found) else ""
        if reason:
            self._stop(reason, data)

    def relay(self, node: str, sent: bool, text: str) -> None:
        """A command was sent to a relay node, or its reply came."""
        self.tick += 1
        reason = self._due()
        if not reason and self._listens and sent:
            found = next((each for each in self.breakpoints if each.relay and each.is_command(text)), None)
            reason = found.text if found is not None and self._holds(found) else ""
        if reason:
            self._stop(reason)

    def log(self, level: int, text: str) -> None:
        """The script or the core wrote to the log."""
        self.tick += 1
        reason = self._due()
        if not reason and self._listens:
            found = next((each for each in self.breakpoints if each.level is not None and level <= each.level), None)
            reason = found.text if found is not None and self._holds(found) else ""
        if reason:
            self._stop(reason)

    def timer(self, name: str, seconds: float) -> None:
        """Nothing stops at a timer."""

    # ---- is it a stop?

    @property
    def _listens(self) -> bool:
        return self.is_on and self.tick > self.quiet_until

    def _due(self) -> str:
        return self.pause_at.get(self.tick, "") if self.is_on else ""

    def _reason(self, file: str, number: int, frame: FrameType | None) -> str:
        """Why to stop before a line; empty for no reason."""
        if not self._listens or frame is None:
            return ""
        if self._step is not None and self._step.is_over(lambda: len(list(self._frames()))):
            return "step"
        return next((each.text for each in self.breakpoints if self._is_at(each, file, number, frame)), "")

    def _is_at(self, each: Breakpoint, file: str, number: int, frame: FrameType) -> bool:
        if each.line is not None:
            entered = not each.entry or frame is not self._last
            return each.line == (file, number) and entered and self._holds(each)
        if not each.is_anywhere:
            return False
        before, now = self._held.get(each, False), self._holds(each)
        self._held[each] = now
        return now and not before

    def _holds(self, each: Breakpoint) -> bool:
        if each.condition is None:
            return True
        frame = next(self._frames(), None)
        return frame is not None and each.condition(frame.context)

    def forget_step(self) -> None:
        """All that was under way is done: a step that did not come to a line ends with it."""
        self._step = None

    # ---- the stop

    def _stop(self, reason: str, message: bytes = b"") -> None:
        frames = tuple(self._frames())
        self._step = None
        self._here = getcurrent()
        how = self._on_stop(Stop(reason, self.tick, frames, message))
        if how is Resume.INTO:
            self._step = _Step(getcurrent())
        elif how is Resume.OVER:
            self._step = _Step(getcurrent(), max(len(frames), 1))
        elif how is Resume.OUT:
            self._step = _Step(getcurrent(), len(frames) - 1)

    def other_runs(self) -> Iterable[Frame]:
        """Where runs are that wait for something while this one is held: the innermost route of each."""
        self._runs = {each for each in self._runs if not each.dead}
        for each in self._runs:
            if each is not self._here and not _is_idle(each) and (found := next(self._frames(each.gr_frame), None)):
                yield found

    # ---- frames

    def _frame(self, file: str) -> FrameType | None:
        """The frame of the line that is about to run."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != file:
            frame = frame.f_back
        return frame

    def _frames(self, innermost: FrameType | None = None) -> Iterator[Frame]:
        """The routes that run now, the innermost first. Blocks in conditions count as part of their route."""
        frame = innermost or sys._getframe(1)
        labels: dict[CodeType, str] = {each.function.__code__: each.label for each in self._runtime.routes.values()}
        place: tuple[str, int] | None = None
        while frame is not None:
            code = frame.f_code
            if code.co_filename in self._runtime.files:
                place = place or (code.co_filename, frame.f_lineno)
                label = labels.get(code)
                context = frame.f_locals.get(CONTEXT) if label is not None else None
                if label is not None and isinstance(context, Context):
                    yield Frame(label, *place, context)
                    place = None
            frame = frame.f_back  # type: ignore[assignment]


def _is_idle(run: greenlet) -> bool:
    """A run has ended, or is one that waits for its next job."""
    return run.dead or (run.gr_frame is not None and run.gr_frame.f_code is Workers._work.__code__)
