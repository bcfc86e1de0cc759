"""The words that a script can use where it stands: functions, variables, transformations, routes, headers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from relayscript.dsl.catalogue import FunctionSpec, ModuleSpec, VariableSpec, runnable
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.formats import NOWHERE
from relayscript.interpreter.management import accepted_names, find_command, recipes_of, spec_of
from relayscript.interpreter.runtime import KINDS, Runtime

HEADERS = (
    "Accept", "Allow", "Authorization", "Call-ID", "Contact", "Content-Length", "Content-Type", "CSeq", "Date", "Event",
    "Expires", "From", "Max-Forwards", "Min-SE", "P-Asserted-Identity", "P-Preferred-Identity", "Path", "Privacy",
    "Proxy-Authorization", "Reason", "Record-Route", "Refer-To", "Referred-By", "Require", "Route", "Server",
    "Session-Expires", "Subject", "Supported", "To", "User-Agent", "Via", "WWW-Authenticate",
)  # fmt: skip
"""The usual header fields of SIP (RFC 3261 section 20 and extensions)."""

WORDS = ("if", "while", "for", "switch", "exit", "drop", "return", "route", "xlog")


@dataclass(frozen=True, slots=True)
class Word:
    """Something that can be typed, how it is used, and what it is."""

    text: str
    usage: str = ""
    meaning: str = ""


class Vocabulary:
    """The words of one running script."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._signatures: dict[str, Word] = {}

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions that the script can call, sorted."""
        runs = runnable()
        return tuple(sorted(name for spec in self._specs() for name in spec.functions if name in runs))

    def _specs(self) -> Iterator[ModuleSpec]:
        yield self._runtime.catalogue.core
        modules = self._runtime.catalogue.modules
        yield from (modules[name] for name in self._runtime.modules if name in modules)

    def function(self, name: str) -> Word:
        """A function with its arguments, `[...]` around those that can be left out."""
        if name not in self._signatures:
            self._signatures[name] = self._function(name)
        return self._signatures[name]

    def _function(self, name: str) -> Word:
        try:
            method, spec = self._runtime.function(name, NOWHERE)
        except ScriptError:
            return Word(name, f"{name}()")
        return Word(name, f"{name}({', '.join(_arguments(method, spec))})", _first_line(method))

    def kind_of_argument(self, name: str, number: int) -> tuple[str, str]:
        """Kind of a function's argument, and the type of route that it names; empty if there is none."""
        spec = self._runtime.catalogue.function(name, self._runtime.modules)
        if spec is None or number >= len(spec.arguments):
            return "", ""
        return spec.arguments[number].kind, spec.arguments[number].route

    @cached_property
    def variables(self) -> tuple[Word, ...]:
        """The variables, sorted by name."""
        names = sorted(self._runtime.registry.names())
        return tuple(_variable(name, self._runtime.catalogue.variable(name, self._runtime.modules)) for name in names)

    @cached_property
    def transformations(self) -> tuple[str, ...]:
        """All `class.operation`, sorted."""
        found = self._runtime.catalogue.transformations(self._runtime.modules)
        return tuple(sorted(f"{group}.{op}" for group, ops in found.items() for op in ops if not op.startswith("*")))

    def routes(self, kind: str = "") -> list[str]:
        """The names of the routes of a kind; without one, the labels of all."""
        routes = self._runtime.routes.items()
        if kind:
            return [name for (each, name), _ in routes if each == kind and name]
        return [route.label for _, route in routes]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of routes."""
        return tuple(KINDS)

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """The names of all management commands."""
        return tuple(accepted_names(self._runtime.commands))

    def parameters(self, command: str) -> tuple[str, ...]:
        """The parameters of a management command."""
        if command not in self.commands:
            return ()
        declaration, handler = find_command(self._runtime.commands, command)
        recipes = recipes_of(handler, spec_of(self._runtime, declaration))
        return tuple(dict.fromkeys(name for recipe in recipes for name in recipe))


def _arguments(method: Callable[..., int], spec: FunctionSpec) -> Iterator[str]:
    taken = inspect.signature(method).parameters.values()
    names = [each.name for each in taken if each.kind is not each.VAR_POSITIONAL]
    for index, argument in enumerate(spec.arguments):
        name = names[index + 1] if index + 1 < len(names) else argument.kind
        text = name if name == argument.kind else f"{name}: {argument.kind}"
        yield f"[{text}]" if argument.optional else text


def _variable(name: str, spec: VariableSpec | None) -> Word:
    if spec is None:
        return Word(name, f"${name}")
    parameter = {"none": "", "optional": "[(name)]", "required": "(name)"}[spec.parameter]
    usage = f"${name}{parameter}" if not spec.index else f"$({name}{parameter}[index])"
    return Word(name, usage, "can be set" if spec.writable else "")


def _first_line(method: object) -> str:
    return (inspect.getdoc(method) or "").split("\n")[0]
