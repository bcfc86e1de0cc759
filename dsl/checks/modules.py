"""Modules and their parameters: there, loaded once, before they are used, with what they need."""

from __future__ import annotations

import re
from collections.abc import Callable

from relayscript.dsl.catalogue import Dependency, ModuleSpec, ParameterSpec
from relayscript.dsl.checks.findings import ROUTE_TYPES, Check
from relayscript.dsl.checks.patterns import pattern_mistake
from relayscript.dsl.checks.spelling import did_you_mean
from relayscript.dsl.nodes import LoadModule, ModParam, Number

_GONE = {"rabbitmq": "load rabbitmq_consumer or event_rabbitmq"}
_SKIPPED = ("event_route",)
_VALUES = {
    ("usrloc", "working_mode_preset", "sqldb"): "sql", ("usrloc", "working_mode_preset", "cachedb"): "cachedb",
    ("usrloc", "cluster_mode", "sqldb"): "sql", ("usrloc", "cluster_mode", "cachedb"): "cachedb",
    ("usrloc", "restart_persistency", "sqldb"): "sql",
}  # fmt: skip
"""The word that a value has if it needs a module of that class; most parameters need it for any but `_OFF`."""
_OFF = ("0", "none")
"""Values by which a parameter asks for nothing."""

_BLOCK_OF = {kind: block for block, kind in ROUTE_TYPES.items()}


class Modules:
    """Checks `loadmodule` and `modparam`."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._set: dict[tuple[str, str], str] = {}

    def load(self, item: LoadModule) -> None:
        """A `loadmodule`: from here on, the module is there."""
        check, name = self._check, item.module
        if name in check.loaded:
            first = check.loaded[name]
            check.error("RS241", f"module {name} is loaded twice", item.path.span, "", f"first loaded at {first}")
        elif name in _GONE:
            check.error("RS240", f"module {name} is gone", item.path.span, _GONE[name])
        elif name in _SKIPPED:
            check.warning("RS242", f"module {name} is built in; it need not be loaded", item.path.span)
        elif name not in check.catalogue.modules:
            check.error("RS240", f"there is no module {name}", item.path.span,
                        did_you_mean(name, check.catalogue.modules))  # fmt: skip
        check.loaded.setdefault(name, item.path.span)

    def set(self, item: ModParam) -> None:
        """A `modparam`: for every loaded module that its pattern means."""
        check, pattern = self._check, item.modules.value
        if pattern_mistake(pattern):
            check.error("RS310", f"bad regular expression: {pattern_mistake(pattern)}", item.modules.span)
            return
        means = _matcher(pattern)
        meant = [name for name in check.loaded if means(name) and name in check.catalogue.modules]
        if not meant:
            self._nobody(item, pattern)
        for name in meant:
            self._parameter(item, check.catalogue.modules[name])

    def _nobody(self, item: ModParam, pattern: str) -> None:
        check = self._check
        if any(name not in check.catalogue.modules and name == pattern for name in check.loaded):
            return
        if pattern in check.catalogue.modules:
            hint = check.missing_module((pattern,))
        else:
            hint = did_you_mean(pattern, check.loaded or check.catalogue.modules)
        check.error("RS243", f"no loaded module is called {pattern}", item.modules.span, hint)

    def _parameter(self, item: ModParam, module: ModuleSpec) -> None:
        check, name = self._check, item.name.value
        spec = module.parameters.get(name)
        self._set[module.name, name] = str(item.value.value)
        if spec is None:
            check.error("RS244", f"module {module.name} has no parameter {name}", item.name.span,
                        did_you_mean(name, module.parameters))  # fmt: skip
            return
        number = isinstance(item.value, Number)
        if spec.type == ("str" if number else "int"):
            kind, got = ("a string", "a number") if number else ("a number", "a string")
            text = str(item.value.value)
            quoted = f'write "{text}"' if number else f"write {text} without quotes"
            hint = quoted if number or text.lstrip("+-").isdigit() else ""
            check.error("RS245", f"parameter {name} of module {module.name} is {kind}, not {got}",
                        item.value.span, hint)  # fmt: skip
            return
        self._route(item, spec)

    def _route(self, item: ModParam, spec: ParameterSpec) -> None:
        """A parameter that names a route."""
        if not spec.route or isinstance(item.value, Number):
            return
        block, name = _BLOCK_OF[spec.route], item.value.value
        known = self._check.route_names.get(block, set())
        if name not in known:
            self._check.warning("RS262", f"there is no {block}[{name}]", item.value.span,
                                did_you_mean(name, known))  # fmt: skip

    # ---- what modules need

    def needs(self) -> None:
        """Every loaded module finds the others it needs."""
        for name in self._check.loaded:
            if name in self._check.catalogue.modules:
                for need in self._check.catalogue.modules[name].dependencies:
                    if self._applies(name, need) and not self._is_met(need):
                        self._complain(name, need)

    def _applies(self, module: str, need: Dependency) -> bool:
        if need.missing == "silent" or not need.parameter:
            return need.missing != "silent"
        value = self._set.get((module, need.parameter), "0")
        return value not in _OFF and _VALUES.get((module, need.parameter, need.kind), "") in value

    def _is_met(self, need: Dependency) -> bool:
        if need.name:
            return need.name in self._check.loaded
        modules = self._check.catalogue.modules
        return any(name in modules and modules[name].provides == need.kind for name in self._check.loaded)

    def _complain(self, module: str, need: Dependency) -> None:
        wanted = f"module {need.name}" if need.name else f"a module of class {need.kind}"
        because = f" (as {need.parameter} is set)" if need.parameter else ""
        say = self._check.error if need.missing == "abort" else self._check.warning
        hint = f'add loadmodule "{need.name}.so"' if need.name else ""
        say("RS246", f"module {module} needs {wanted}{because}", self._check.loaded[module], hint)


def _matcher(pattern: str) -> Callable[[str], object]:
    """Whether a module is meant by the pattern of a `modparam`: as a whole, in upper or lower case."""
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error:
        return lambda name: name == pattern
    return compiled.fullmatch
