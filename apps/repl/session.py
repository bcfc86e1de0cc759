"""A session at the prompt without the prompt: text in, text out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.repl.answers import Answer, Wrong, diagnosed, pointed
from relayscript.apps.repl.bench import BUILTIN, Bench, Entry
from relayscript.apps.repl.changing import loaded, reloaded
from relayscript.apps.repl.commands import Request, View, scripted
from relayscript.apps.repl.holding import described
from relayscript.apps.repl.table import command
from relayscript.apps.repl.typed import Typed, is_complete, kind_of, statement_of
from relayscript.apps.repl.world import World
from relayscript.apps.testing.scenario import ScenarioError, parse_line, read
from relayscript.apps.testing.statements import Comment, Include, Mock, Script, Statement
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.context import Context


@dataclass(frozen=True, slots=True)
class Status:
    """What a toolbar shows. `time` is virtual, in seconds; `held` is where the script is held, empty if it is not."""

    script: str
    message: str
    time: float
    calls: int
    sessions: int
    held: str = ""


class Session:
    """One person's session. Raises ScriptError, OSError if the script that it begins with is no good."""

    def __init__(self, file: Path | None = None, target: str | None = None, view: View | None = None) -> None:
        self.bench = Bench(file or BUILTIN, target)
        self.view = view or View()

    @property
    def greeting(self) -> list[str]:
        """What there is, in a line."""
        return [f"{loaded(self.bench)[0]}. Try: alice calls bob; .help lists what can be typed"]

    def is_complete(self, text: str) -> bool:
        """The text can be done: no bracket, string or comment is left open."""
        return is_complete(byte_text(text))

    def do(self, text: str) -> Answer:
        """Do what was typed. Whatever it is, the session goes on: mistakes are told in the answer."""
        typed = byte_text(text).strip()
        news = self._refreshed()
        stop = self.bench.stop
        try:
            rows, wrong = self._done(typed), False
        except Wrong as error:
            rows, wrong = list(error.lines), True
        except ScriptError as error:
            rows, wrong = diagnosed(error.diagnostics, typed, self.view.color), True
        except OSError as error:
            rows, wrong = [f"error: {error.filename or typed}: {(error.strerror or str(error)).lower()}"], True
        except KeyboardInterrupt:
            rows, wrong = ["interrupted"], True
        except Exception as error:
            rows, wrong = [f"internal error, please report it: {type(error).__name__}: {error}"], True
        if self.bench.stop is not stop:
            rows += described(self.bench)
        over = kind_of(typed) is Typed.COMMAND and typed.split()[0] in QUITS
        return Answer((*news, *rows), wrong, over)

    def end(self) -> None:
        """Stop the script."""
        self.bench.end()

    @property
    def status(self) -> Status:
        """What there is now."""
        world, stop = self.bench.world, self.bench.stop
        message = self.bench.world.current.message
        sessions = sum(len(each.sessions()) for each in world.host.relays.nodes.values())
        calls = sum(
            each.established or each.final is None for actor in world.player.actors.values()
            for each in actor.agent.calls.values() if each.invite_sent
        )  # fmt: skip
        held = ""
        if stop is not None:
            frame = stop.frames[0] if stop.frames else None
            held = f"{frame.file.rpartition('/')[2]}:{frame.line}" if frame is not None else stop.reason
        first = f"{message.method} {message.uri}" if message.is_request else f"{message.status} {message.method}"
        return Status(self.bench.path.name, first, world.host.timers.now, calls, sessions, held)

    # ---- what was typed

    def _done(self, typed: str) -> list[str]:
        match kind_of(typed):
            case Typed.NOTHING:
                return []
            case Typed.COMMAND:
                name, _, rest = typed[1:].partition(" ")
                return command(name).run(Request(self.bench, rest.strip(), self.view))
            case Typed.STATEMENT:
                return self._statement(statement_of(typed))
            case Typed.SCRIPT:
                return scripted(
                    self.bench, typed, lambda world, context: world.evaluator.prepared(typed, context.kind)
                )

    def _statement(self, text: str) -> list[str]:
        if self.bench.stop is not None:
            raise Wrong("the script is held: .continue first, or .step, .next, .out; .back returns to the stop before")
        try:
            statement = parse_line(text)
        except ScenarioError as error:
            raise Wrong(*pointed(error, text)) from None
        match statement:
            case Comment():
                return []
            case Script():
                raise Wrong("another script is loaded with .load FILE")
            case Include(path):
                return self._include(Path(path))
            case Mock():
                return self._mock(text, statement)
        return self.bench.perform(Entry(text, playing(statement), statement))

    def _include(self, path: Path) -> list[str]:
        """The statements in another file, each as if it had been typed."""
        try:
            lines = read(path).lines
        except ScenarioError as error:
            raise Wrong(f"error: {error}") from None
        done: list[str] = []
        for line in lines:
            done += self._statement(str(line.statement))
            if self.bench.stop is not None:
                return [*done, f"held in line {line.number} of {path}; what is behind it is left out"]
        return done

    def _mock(self, text: str, mock: Mock) -> list[str]:
        """A part of the script is replaced: from the beginning, as in a scenario."""
        if mock.kind == "route" and self.bench.world.runtime.route("route", mock.name) is None:
            raise Wrong(f"error: the script has no route[{mock.name}]")
        entry = Entry(text, lambda world, held: [], mock)
        self.bench.journal.append(entry)
        try:
            lost = self.bench.rebuild()
        except ScriptError:
            self.bench.journal.remove(entry)
            raise
        return [f"from the beginning, {str(mock).removeprefix('mock ')}", *lost]

    # ---- the script's file

    def _refreshed(self) -> list[str]:
        """Take up a script whose file has changed; a bad one is told once and leaves the one before in force."""
        if self.bench.stop is not None or not self.bench.has_changed():
            return []
        try:
            return reloaded(self.bench)
        except ScriptError as error:
            rows = diagnosed(error.diagnostics, "", self.view.color)
        except OSError as error:
            rows = [f"error: {error.filename}: {(error.strerror or str(error)).lower()}"]
        return [*rows, f"{self.bench.path.name} has changed and is no good: the one before stays in force"]


QUITS = (".quit", ".q", ".exit")
"""What ends a session."""


def playing(statement: Statement) -> Callable[[World, Context | None], list[str]]:
    """A deed that plays a statement."""

    def act(world: World, held: Context | None) -> list[str]:
        world.player.do(statement)
        return []

    return act


def byte_text(text: str) -> str:
    """Text as the script language has it: one character for each byte of its UTF-8 form."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")
