"""What a dot command is: its name, what it takes, its help, and what it does on the bench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.bench import Bench, Entry
from relayscript.apps.repl.evaluating import Work
from relayscript.apps.repl.world import World
from relayscript.apps.testing.player import PATIENCE
from relayscript.interpreter.context import Context

Prepare = Callable[[World, Context], Work]
"""Makes something ready to be done, in a world and for a run; it is asked again for each world."""


class Takes(Enum):
    """What can stand behind a command, for completion."""

    NOTHING = "nothing"
    FILE = "file"
    ROUTE = "route"
    MESSAGE = "message"
    SCRIPT = "script"
    MANAGEMENT = "management"
    CALL = "call"
    PLACE = "place"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class View:
    """How wide lines may be, in characters, and whether they may have colours (ANSI)."""

    width: int = 100
    color: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it was typed: what stands behind its name."""

    bench: Bench
    rest: str
    view: View

    @property
    def words(self) -> list[str]:
        """The words of it."""
        return self.rest.split()


@dataclass(frozen=True, slots=True)
class Command:
    """A dot command. `run` returns the lines to say; it raises Wrong, ScriptError, OSError."""

    name: str
    arguments: str
    text: str
    run: Callable[[Request], list[str]]
    takes: Takes = Takes.NOTHING

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f".{self.name} {self.arguments}".rstrip()


def scripted(bench: Bench, text: str, prepare: Prepare) -> list[str]:
    """Do something as a run of the script and write it into the journal. Raises Wrong."""
    here, first = bench.world, prepare(bench.world, bench.context)

    def act(world: World, held: Context | None) -> list[str]:
        context = held or world.current.context
        work = first if world is here else prepare(world, context)
        said: list[str] = []

        def run() -> None:
            context.passes = context.passes if held is not None else 0
            try:
                said.extend(work(context))
            except Exception as error:
                said.append(f"internal error, please report it: {type(error).__name__}: {error}")

        if held is not None:
            world.runtime.spawn(run)
        elif not world.player.attempt(run):
            raise Wrong(f"it goes on waiting after {PATIENCE:g} s")
        return said

    return bench.perform(Entry(text, act))
