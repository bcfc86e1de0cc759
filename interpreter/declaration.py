"""How a script module declares what it offers: functions, variables, parameters, commands, statistics.

A module is a class; its decorated methods are what scripts use. Argument kinds, arity and routes come
from the catalogue for functions that OpenSIPS has; a function of our own states them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import FunctionSpec
from relayscript.dsl.diagnostics import Diagnostic
from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context
    from relayscript.interpreter.runtime import Runtime

M = TypeVar("M", bound="Callable[..., Any]")
Reader = Callable[["Context"], Value]
"""Reads a value from a run."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A modparam: its default, and whether repeating it adds values (then the setting is a list)."""

    name: str
    default: int | str | None = None
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class FunctionDeclaration:
    """A script function. `spec` is None if the catalogue has it."""

    name: str
    method: str
    waits: bool = False
    spec: FunctionSpec | None = None


@dataclass(frozen=True, slots=True)
class CommandDeclaration:
    """A management command `module:name`, its old names, and the accepted sets of parameters."""

    name: str
    method: str
    aliases: tuple[str, ...] = ()


def function(name: str = "", *, waits: bool = False, spec: FunctionSpec | None = None) -> Callable[[M], M]:
    """The method is the script function of that name (default: the method's own name).

    It is called with the context and the evaluated arguments and returns the script's return code:
    > 0 true, < 0 false, 0 ends the script. `waits` says that it may give way to other runs.
    """

    def declare(method: M) -> M:
        method.__declares__ = FunctionDeclaration(  # type: ignore[attr-defined]
            name or method.__name__, method.__name__, waits, spec
        )
        return method

    return declare


def command(name: str, *aliases: str) -> Callable[[M], M]:
    """The method answers a management command. It takes the parameters by name and returns JSON data.

    It raises `interpreter.management.CommandError` to answer with an error.
    """

    def declare(method: M) -> M:
        method.__declares__ = CommandDeclaration(  # type: ignore[attr-defined]
            name, method.__name__, aliases
        )
        return method

    return declare


class variable(Generic[M]):  # noqa: N801 - a decorator, like property
    """The method reads the script variable; `@name.setter` writes it.

    A getter takes the context, then the parameter text if `parameter` is not "none" (None if it was left
    out), then the index if `index` (None, a number, "*" or another word; a word that another variable gives
    only if `words`). It returns the value.
    A setter takes the same, then the operator (`=`, `:=`) and the value; it returns whether it succeeded.
    A linker is optional and makes a variable that is often read fast: called once with a parameter and an
    index known beforehand, it returns a function of the context that reads just that.
    """

    def __init__(
        self, *names: str, parameter: str = "none", index: bool = False, words: bool = False
    ) -> None:
        self.names = names
        self.parameter = parameter
        self.index = index
        self.words = words
        self.get: Callable[..., Value] | None = None
        self.set: Callable[..., bool] | None = None
        self.link: Callable[..., Reader] | None = None

    def __call__(self, method: Callable[..., Value]) -> variable[M]:
        self.get = method
        return self

    def setter(self, method: Callable[..., bool]) -> variable[M]:
        """The method writes the variable."""
        self.set = method
        return self

    def linker(self, method: Callable[..., Reader]) -> variable[M]:
        """The method makes a reader for one parameter and index."""
        self.link = method
        return self


class Module:
    """Base of all script modules; one instance serves one running script.

    `settings` holds the modparams by name, defaults included. `start()` is called when all modules
    exist, `restore()` when all are started and before any message, `leave()` when no more messages come,
    `stop()` at the end. `gauges` are those of its statistics that tell how much there is of something, and that
    nothing sets back to 0.
    """

    name: ClassVar[str] = ""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    requires: ClassVar[tuple[str, ...]] = ()
    statistics: ClassVar[tuple[str, ...]] = ()
    gauges: ClassVar[tuple[str, ...]] = ()

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        self.runtime = runtime
        self.settings = settings

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """What only this module can find wrong with a script, before it starts."""
        return ()

    def start(self) -> None:
        """Everything is loaded; open what is needed."""

    def leave(self, done: Callable[[], None]) -> None:
        """The script is about to end: tell others what they must know of that, then call `done`."""
        done()

    def restore(self) -> None:
        """All modules are started: take up again what outlived a restart. It is before any message."""

    def stop(self) -> None:
        """The script ends; give back what is held."""

    @classmethod
    def functions(cls) -> Iterator[FunctionDeclaration]:
        """The script functions declared by the class and its bases."""
        return (d for d in _declared(cls) if isinstance(d, FunctionDeclaration))  # type: ignore[arg-type]

    @classmethod
    def commands(cls) -> Iterator[CommandDeclaration]:
        """The management commands declared."""
        return (d for d in _declared(cls) if isinstance(d, CommandDeclaration))  # type: ignore[arg-type]

    @classmethod
    def variables(cls) -> Iterator[variable[Any]]:
        """The script variables declared."""
        return (each for each in _declared(cls) if isinstance(each, variable))  # type: ignore[arg-type]


@cache
def _declared(kind: type[Module]) -> tuple[object, ...]:
    """All that a class and its bases declare."""
    found = (each for owner in kind.__mro__ for each in vars(owner).values())
    declared = (each if isinstance(each, variable) else getattr(each, "__declares__", None) for each in found)
    return tuple(each for each in declared if each is not None)
