"""Serves one client of the Debug Adapter Protocol: its requests, by the state that they are good in."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from enum import Flag, auto
from pathlib import Path

from relayscript.apps.complaints import rendered
from relayscript.apps.dap.asking import changed, done, value_of
from relayscript.apps.dap.calls import Calls
from relayscript.apps.dap.connection import Connection
from relayscript.apps.dap.framing import Object
from relayscript.apps.dap.picture import Picture, Values
from relayscript.apps.dap.program import WATCH, Program
from relayscript.apps.dap.requests import Arguments, Refused, Request
from relayscript.apps.dap.watcher import Watcher
from relayscript.apps.dap.wishes import Wishes
from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.debugger import Resume
from relayscript.apps.testing.player import ScenarioFailure
from relayscript.apps.testing.recorder import Logged
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Context

CAPABILITIES: Object = {
    "supportsConfigurationDoneRequest": True,
    "supportsFunctionBreakpoints": True,
    "supportsConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsEvaluateForHovers": True,
    "supportsStepBack": True,
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsTerminateRequest": True,
    "exceptionBreakpointFilters": [
        {"filter": "errors", "label": "Errors in the log", "description": "A relay failed, a statement made no sense"},
        {"filter": "warnings", "label": "Warnings in the log", "description": "Also what could be made good again"},
    ],
}
"""What the answer to initialize says."""

TARGETS = ("", "3.2", "4.0")
"""The versions of OpenSIPS that a script can mean; none: what it means by itself."""


class State(Flag):
    """How far the session is."""

    NEW = auto()
    READY = auto()
    RUNNING = auto()
    HELD = auto()
    DONE = auto()


LATER = ~State.NEW
ALWAYS = LATER | State.NEW
WORDS = {
    State.NEW: "nothing is launched yet", State.READY: "the scenario has not begun yet",
    State.RUNNING: "the script is not held", State.HELD: "the script is held", State.DONE: "the scenario is over",
}  # fmt: skip
"""Why a request is refused in a state."""

Handler = Callable[[Arguments], Object]


class Adapter:
    """One session. `serve` returns when the client has taken its leave, or is gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state = State.NEW
        self._over = self._ending = self._pausing = self._entering = False
        self._first_line = 1
        self._next: Callable[[], None] | None = None
        self._program: Program | None = None
        self._picture: Picture | None = None
        self._values: dict[int, Values] = {}
        self._watcher = Watcher(self._say)
        self._calls = Calls(lambda number: connection.tell("thread", {"reason": "started", "threadId": number}))
        self._wishes = Wishes()
        self._handlers: dict[str, tuple[State, Handler]] = {
            "initialize": (State.NEW, self._initialize),
            "launch": (State.NEW, self._launch),
            "setBreakpoints": (LATER, lambda asked: self._wishes.lines(asked, self.program, self._first_line)),
            "setFunctionBreakpoints": (LATER, lambda asked: self._wishes.names(asked, self.program, self._first_line)),
            "setExceptionBreakpoints": (LATER, lambda asked: self._wishes.errors(asked, self.program)),
            "configurationDone": (State.READY, self._configured),
            "threads": (ALWAYS, lambda asked: {"threads": self._calls.rows()}),
            "stackTrace": (State.HELD, self._stack),
            "scopes": (State.HELD, lambda asked: {"scopes": self.picture.scopes(asked.number("frameId"))}),
            "variables": (State.HELD, self._variables),
            "setVariable": (State.HELD, lambda asked: self._set(asked.text("name"), asked.text("value"))),
            "setExpression": (State.HELD, lambda asked: self._set(asked.text("expression"), asked.text("value"))),
            "evaluate": (State.HELD, self._evaluate),
            "continue": (State.HELD, lambda asked: self._go(Resume.CONTINUE)),
            "next": (State.HELD, lambda asked: self._go(Resume.OVER)),
            "stepIn": (State.HELD, lambda asked: self._go(Resume.INTO)),
            "stepOut": (State.HELD, lambda asked: self._go(Resume.OUT)),
            "stepBack": (State.HELD, self._step_back),
            "reverseContinue": (State.HELD, self._reverse),
            "pause": (LATER, self._pause),
            "terminate": (ALWAYS, self._terminate),
            "disconnect": (ALWAYS, self._disconnect),
        }

    def serve(self) -> None:
        """Answer requests until the client leaves; then the script is stopped."""
        try:
            while not self._over and (request := self._connection.receive()) is not None:
                self._answer(request)
                if (action := self._next) is not None:
                    self._next = None
                    action()
        finally:
            if self._program is not None:
                self._program.end()

    @property
    def program(self) -> Program:
        """What is debugged."""
        assert self._program is not None
        return self._program

    @property
    def picture(self) -> Picture:
        """What can be seen at the stop."""
        assert self._picture is not None
        return self._picture

    def _answer(self, request: Request) -> None:
        """Do what is asked; whatever is wrong with it, the session goes on."""
        states, handler = self._handlers.get(request.command, (ALWAYS, _unknown))
        try:
            if self._state not in states:
                raise Refused(f"{request.command} cannot be done: {WORDS[self._state]}")
            body = handler(request.arguments)
        except (Refused, Wrong) as error:
            self._connection.refuse(request, str(error))
        except Exception as error:
            self._connection.refuse(request, f"internal error, please report it: {type(error).__name__}: {error}")
        else:
            self._connection.respond(request, body)

    def _say(self, category: str, text: str) -> None:
        self._connection.tell("output", {"category": category, "output": f"{text}\n"})

    # ---- the beginning

    def _initialize(self, asked: Arguments) -> Object:
        self._first_line = 1 if asked.truth("linesStartAt1", True) else 0
        return CAPABILITIES

    def _launch(self, asked: Arguments) -> Object:
        scenario, script, target = asked.text("scenario"), asked.text("script"), asked.text("target")
        if not scenario:
            raise Refused("launch needs a scenario: FILE.call")
        if target not in TARGETS:
            raise Refused(f"there is no target {target}")
        self._entering = asked.truth("stopOnEntry")
        path, cfg = Path(scenario).absolute(), Path(script).absolute() if script else None
        try:
            self._program = Program(path, cfg, target or None, self._attend, self._log, self._watcher)
        except ScriptError as error:
            raise Refused(rendered(error)) from None
        except (ScenarioError, ScenarioFailure) as error:
            raise Refused(str(error)) from None
        except OSError as error:
            raise Refused(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from None
        self._state = State.READY
        self._next = self._launched
        return {}

    def _launched(self) -> None:
        for event in self.program.bench.world.player.recorder.events:
            if isinstance(event, Logged):
                self._watcher.log(event.level, event.text)
        self._watcher.fault = ""
        self._connection.tell("initialized", {})

    def _configured(self, asked: Arguments) -> Object:
        self._next = lambda: self._run(self.program.start)
        return {}

    def _log(self, text: str) -> None:
        self._say("console", text)

    # ---- running

    def _run(self, go: Callable[[], None]) -> None:
        """Let the script run to the next stop, or to the end of the scenario."""
        self._state, self._picture = State.RUNNING, None
        wrong = ""
        try:
            go()
            if self.program.is_held and not self._ending:
                return self._stopped()
        except Wrong as error:
            wrong = str(error)
        except Exception:
            wrong = f"internal error, please report it:\n{traceback.format_exc()}"
        return self._finish(wrong)

    def _attend(self, context: Context) -> str:
        """Called between two lines of the script: see to the client; why to hold here, if there is a reason."""
        self._calls.number(context.message.call_id)
        while (request := self._connection.pending()) is not None:
            self._answer(request)
        if self._ending or self._over or self._connection.is_over:
            self._ending = True
            return "over"
        entering, pausing = self._entering, self._pausing
        self._entering = self._pausing = False
        return "entry" if entering else "pause" if pausing else ""

    def _finish(self, wrong: str) -> None:
        """The scenario is over: say how it went."""
        self._state = State.DONE
        wrong = wrong or self.program.failure or ("it was ended before its end" if self._ending else "")
        self._say("important", wrong or f"{self.program.path.name}: all came true")
        self._connection.tell("exited", {"exitCode": 1 if wrong else 0})
        self._connection.tell("terminated", {})

    def _stopped(self) -> None:
        """Tell where the script is held, and why."""
        self._state, self._entering = State.HELD, False
        program = self.program
        self._picture = picture = Picture(program, self._calls)
        picture.compare(self._values.get(picture.thread, {}))
        self._values[picture.thread] = picture.values
        reason = program.why if program.stop.reason == WATCH else program.stop.reason
        fault, self._watcher.fault = self._watcher.fault, ""
        body: Object = {"threadId": picture.thread, "allThreadsStopped": True, **self._wishes.told(reason, fault)}
        self._connection.tell("stopped", body)

    def _go(self, how: Resume) -> Object:
        self._next = lambda: self._run(lambda: self.program.go_on(how))
        return {"allThreadsContinued": True}

    def _step_back(self, asked: Arguments) -> Object:
        return self._back(self.program.line_before(), "step")

    def _reverse(self, asked: Arguments) -> Object:
        return self._back(*self.program.breakpoint_before())

    def _back(self, tick: int, reason: str) -> Object:
        if not 0 < tick < self.program.stop.tick:
            raise Refused("this is the first line that ran")
        if self.program.bench.has_changed():
            raise Refused("a file of the script has changed: launch it again")
        self._next = lambda: self._run(lambda: self.program.back(tick, reason))
        return {}

    def _pause(self, asked: Arguments) -> Object:
        self._pausing = self._state in State.RUNNING | State.READY
        return {}

    # ---- at a stop

    def _stack(self, asked: Arguments) -> Object:
        frames = self.picture.frames(asked.number("threadId"), self._first_line)
        first, levels = asked.number("startFrame"), asked.number("levels")
        return {"stackFrames": frames[first : first + levels if levels else None], "totalFrames": len(frames)}

    def _variables(self, asked: Arguments) -> Object:
        return {"variables": self.picture.variables(asked.number("variablesReference"))}

    def _set(self, name: str, value: str) -> Object:
        return {"value": changed(name, value, self.program), "variablesReference": 0}

    def _evaluate(self, asked: Arguments) -> Object:
        text, context = asked.text("expression"), asked.text("context")
        if context in ("repl", ""):
            found = done(text, self.program)
        else:
            found = value_of(text, self.program, calls=context == "watch")
        return {"result": found, "variablesReference": 0}

    # ---- the end

    def _terminate(self, asked: Arguments) -> Object:
        self._end()
        return {}

    def _disconnect(self, asked: Arguments) -> Object:
        self._over = True
        return {}

    def _end(self) -> None:
        self._ending = True
        if self._state in State.READY | State.HELD:
            self._next = lambda: self._finish("")


def _unknown(asked: Arguments) -> Object:
    raise Refused("this request is not known here")
