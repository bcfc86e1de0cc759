"""What the core and the modules of a script offer it together, found once for each set of modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from relayscript.interpreter.declaration import CommandDeclaration, FunctionDeclaration, Module, variable

Command = tuple[CommandDeclaration, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Offers:
    """Functions, commands and variables by name, each with the number of the module that has it; of several with
    one name the first, of commands the last. All statistics (`group:name`), and which of them are gauges.
    `only_ours`: all modules come with relayscript.
    """

    functions: Mapping[str, tuple[int, FunctionDeclaration]]
    commands: Mapping[str, tuple[int, CommandDeclaration]]
    variables: Mapping[str, tuple[int, variable[Any]]]
    statistics: tuple[str, ...]
    gauges: frozenset[str]
    only_ours: bool

    def bound_commands(self, modules: Sequence[Module]) -> dict[str, Command]:
        """The commands as methods of the modules, which are of the classes asked about."""
        return {
            name: (declared, getattr(modules[number], declared.method))
            for name, (number, declared) in self.commands.items()
        }


def offers_of(modules: Sequence[Module]) -> Offers:
    """What these modules offer."""
    return _offered(tuple(type(each) for each in modules))


@lru_cache(maxsize=64)
def _offered(kinds: tuple[type[Module], ...]) -> Offers:
    functions: dict[str, tuple[int, FunctionDeclaration]] = {}
    commands: dict[str, tuple[int, CommandDeclaration]] = {}
    variables: dict[str, tuple[int, variable[Any]]] = {}
    for number, kind in enumerate(kinds):
        for offered in kind.functions():
            functions.setdefault(offered.name, (number, offered))
        commands |= {command.name: (number, command) for command in kind.commands()}
        for declared in kind.variables():
            for name in declared.names:
                variables.setdefault(name, (number, declared))
    statistics = tuple(f"{kind.name}:{each}" for kind in kinds for each in kind.statistics)
    gauges = frozenset(f"{kind.name}:{each}" for kind in kinds for each in kind.gauges)
    only_ours = all(kind.__module__.startswith("relayscript.") for kind in kinds)
    return Offers(functions, commands, variables, statistics, gauges, only_ours)
