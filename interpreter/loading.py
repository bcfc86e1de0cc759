"""What `loadmodule` and `modparam` do: find the class of a module, give it its parameters, make it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.plugins import plugin
from relayscript.interpreter.regex import compile_ere

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

_HOME = "relayscript.interpreter.modules"
_BUILT_IN = ("proto_udp", "mi_script")


def module_class(name: str) -> type[Module] | None:
    """The class of a script module; None if there is none that we run."""
    if name in _BUILT_IN:
        return _transport(name)
    if name.isidentifier() and find_spec(f"{_HOME}.{name}") is not None:
        return _only_class(name)
    return plugin(name)


@cache
def _transport(name: str) -> type[Module]:
    return type(f"Transport_{name}", (Module,), {"name": name})


@cache
def _only_class(name: str) -> type[Module] | None:
    room = import_module(f"{_HOME}.{name}")
    for each in vars(room).values():
        if isinstance(each, type) and issubclass(each, Module) and each.__dict__.get("name") == name:
            return each
    return None


def load_modules(runtime: Runtime) -> None:
    """Make the modules that the script loads, in its order. Raises ScriptError if one cannot be."""
    for item in runtime.script.items:
        if not isinstance(item, nodes.LoadModule):
            continue
        name = item.module
        loaded = module_class(name)
        if loaded is not None and name not in runtime.modules:
            runtime.modules[name] = _made(runtime, loaded, item)


def _made(runtime: Runtime, loaded: type[Module], item: nodes.LoadModule) -> Module:
    try:
        return loaded(runtime, parameters_of(runtime.script, loaded))
    except ValueError as error:
        at = Diagnostic(Severity.ERROR, "RS330", f"module {loaded.name}: {error}", item.path.span)
        raise ScriptError((at,)) from None


def parameters_of(script: nodes.Script, loaded: type[Module]) -> dict[str, Any]:
    """A module's parameters: the defaults, then what `modparam` says; of repeatable ones a list."""
    declared = {each.name: each for each in loaded.parameters}
    made: dict[str, Any] = {name: _default(each) for name, each in declared.items()}
    given: set[str] = set()
    for item in script.items:
        if not isinstance(item, nodes.ModParam) or not _is_for(item, loaded.name):
            continue
        parameter, value = declared.get(item.name.value), item.value.value
        if parameter is None:
            continue
        if parameter.repeatable:
            made[parameter.name] = [*(made[parameter.name] if parameter.name in given else ()), value]
        else:
            made[parameter.name] = value
        given.add(parameter.name)
    return made


def _default(parameter: Parameter) -> object:
    if not parameter.repeatable:
        return parameter.default
    return [] if parameter.default is None else [parameter.default]


def _is_for(item: nodes.ModParam, module: str) -> bool:
    """The module pattern of a `modparam` (anchored, case-insensitive) means this module."""
    return compile_ere(f"^({item.modules.value})$").matches(module)
