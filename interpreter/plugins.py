"""Modules of third parties: found by entry point, and described to the check from their own declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import get_type_hints

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import (
    ArgumentSpec,
    Catalogue,
    FunctionSpec,
    ModuleSpec,
    ParameterSpec,
    VariableSpec,
    load,
)
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.regex import Matcher

ENTRY_POINTS = "relayscript.modules"
"""A package adds a module by an entry point of this group; its name is the module's."""

_ARGUMENTS = {str: "str", int: "int", Reference: "var", Matcher: "regex"}
_NAMES = {"Context": Context, "Reference": Reference, "Matcher": Matcher}
"""What annotations may name though it is imported for types alone."""

_ROUTES = frozenset(str(kind.name) for kind in Kind)


def plugin(name: str) -> type[Module] | None:
    """The class of an installed third-party module; None if there is none of that name."""
    from importlib.metadata import entry_points  # late: it takes longer to load than most scripts

    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == name:
            loaded: type[Module] = entry.load()
            return loaded
    return None


def catalogue_for(script: nodes.Script) -> Catalogue:
    """What a script may use: OpenSIPS' modules, ours, and the third-party ones that it loads.

    Raises ScriptError as `plugin_specs` does.
    """
    known = load()
    added = plugin_specs(script, known)
    return known.extended(added) if added else known


def plugin_specs(script: nodes.Script, catalogue: Catalogue) -> tuple[ModuleSpec, ...]:
    """The third-party modules that a script loads: those installed that the catalogue does not know.

    Raises ScriptError if one of them cannot be imported or described.
    """
    return tuple(_specs(script, catalogue))


def _specs(script: nodes.Script, catalogue: Catalogue) -> Iterator[ModuleSpec]:
    for item in outsiders(script, catalogue):
        try:
            found = plugin(item.module)
            if found is not None:
                yield described(found)
        except (ImportError, AttributeError, TypeError) as error:
            text = f"the installed module {item.module} is no good: {error}"
            raise ScriptError((Diagnostic(Severity.ERROR, "RS331", text, item.path.span),)) from error


def outsiders(script: nodes.Script, catalogue: Catalogue) -> Iterator[nodes.LoadModule]:
    """The modules that a script loads and the catalogue does not know."""
    for item in script.items:
        if isinstance(item, nodes.LoadModule) and item.module not in catalogue.modules:
            yield item


def described(module: type[Module]) -> ModuleSpec:
    """A module as the check needs it: functions, variables and parameters.

    A function that states no `spec` is read from its signature: `str`, `int`, `Reference` and `Matcher` (each
    perhaps `| None`) are the kinds of arguments, those with a default may be left out, all routes may call it.
    Raises TypeError for an argument of any other type.
    """
    return ModuleSpec(
        name=module.name,
        functions={each.name: each.spec or _function(module, each.name, each.method) for each in module.functions()},
        parameters={each.name: _parameter(module.name, each) for each in module.parameters},
        variables={spec.name: spec for spec in _variables(module)},
        statistics=frozenset(module.statistics),
    )


def _function(module: type[Module], name: str, method: str) -> FunctionSpec:
    declared = getattr(module, method)
    types = get_type_hints(declared, _NAMES)
    given = list(inspect.signature(declared).parameters.values())[2:]
    arguments = tuple(_argument(module.name, each, types[each.name]) for each in given)
    least = sum(not each.optional for each in arguments)
    return FunctionSpec(name, module.name, arguments, least, len(arguments), _ROUTES)


def _argument(module: str, declared: inspect.Parameter, hint: object) -> ArgumentSpec:
    optional = declared.default is not inspect.Parameter.empty
    for kind in getattr(hint, "__args__", (hint,)):
        if kind in _ARGUMENTS:
            return ArgumentSpec(_ARGUMENTS[kind], optional)
    raise TypeError(f"module {module}: the argument {declared} has no type that scripts have")


def _parameter(module: str, declared: Parameter) -> ParameterSpec:
    types = {int: "int", str: "str"}
    return ParameterSpec(declared.name, module, types.get(type(declared.default), "int|str"), declared.repeatable)


def _variables(module: type[Module]) -> Iterable[VariableSpec]:
    for each in module.variables():
        for name in each.names:
            yield VariableSpec(name, module.name, each.set is not None, each.parameter, each.index)
