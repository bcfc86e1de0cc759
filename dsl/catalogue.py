"""What a script may use: every function, parameter, variable and transformation, by module.

The facts are those of OpenSIPS 4.0.1, kept in `catalogue.json` (reference/catalogue.md explains the file).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """One argument of a function.

    `kind` is int, str, var, regex or route; `static` takes no variables, `no_expand` is passed unexpanded;
    `avp` and `writable` restrict a var; `flag` is MSG, BRANCH or DIALOG for a flag name; `route` is the type
    of the route that a route name means; `fix_null` has a default when it is left out.
    """

    kind: str = "str"
    optional: bool = False
    static: bool = False
    no_expand: bool = False
    avp: bool = False
    writable: bool = False
    flag: str = ""
    route: str = ""
    fix_null: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A script function. `routes` are the route types it may be used in (`REQUEST`, `FAILURE` ...).

    `asynchronous` marks one that `async` and `launch` take. `variants` are further forms of the name.
    """

    name: str
    module: str
    arguments: tuple[ArgumentSpec, ...] = ()
    minimum: int = 0
    maximum: int = 0
    routes: frozenset[str] = frozenset()
    asynchronous: bool = False
    variants: tuple[FunctionSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """A script variable. `parameter` is none, optional or required; `index` whether it takes `[i]`.

    `variants` is the form with a parameter where it differs from the form without.
    """

    name: str
    module: str
    writable: bool = False
    parameter: str = "none"
    index: bool = False
    variants: tuple[VariableSpec, ...] = ()

    def form(self, with_parameter: bool) -> VariableSpec | None:
        """What holds for the variable with (without) a parameter; None if there is no such form."""
        wanted = ("optional", "required") if with_parameter else ("optional", "none")
        return next((each for each in (self, *self.variants) if each.parameter in wanted), None)


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A module parameter. `type` is int, str or int|str; a `repeatable` one may add to earlier values."""

    name: str
    module: str
    type: str = "str"
    repeatable: bool = False
    route: str = ""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A management command `group:name`: the sets of parameters it takes, and its old names."""

    name: str
    recipes: tuple[tuple[str, ...], ...] = ((),)
    aliases: tuple[str, ...] = ()
    named_only: bool = False


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a module needs. `kind` is module, or the class of modules of which one is to be loaded (`sqldb` ...).

    `missing` is abort, warn or silent; it holds once `parameter` is set, or always if that is empty.
    """

    kind: str
    name: str
    missing: str
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """All that a module offers, by name."""

    name: str
    title: str = ""
    functions: Mapping[str, FunctionSpec] = field(default_factory=dict)
    async_functions: Mapping[str, FunctionSpec] = field(default_factory=dict)
    parameters: Mapping[str, ParameterSpec] = field(default_factory=dict)
    variables: Mapping[str, VariableSpec] = field(default_factory=dict)
    transformations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    commands: Mapping[str, CommandSpec] = field(default_factory=dict)
    statistics: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    internal: frozenset[str] = frozenset()
    dependencies: tuple[Dependency, ...] = ()
    provides: str = ""

    def merged(self, other: ModuleSpec) -> ModuleSpec:
        """This module with what another description of it adds."""
        return replace(
            self,
            functions={**self.functions, **other.functions},
            async_functions={**self.async_functions, **other.async_functions},
            parameters={**self.parameters, **other.parameters},
            variables={**self.variables, **other.variables},
            transformations={**self.transformations, **other.transformations},
            commands={**self.commands, **other.commands},
            statistics=self.statistics | other.statistics,
            events=self.events | other.events,
            contexts=self.contexts | other.contexts,
        )


@dataclass(frozen=True, slots=True)
class GlobalSpec:
    """A global parameter: its type as in the catalogue, and its other spellings."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()


class _Modules(Mapping[str, ModuleSpec]):
    """The modules of a catalogue, each described when it is first asked for."""

    def __init__(self, raw: Mapping[str, Raw], extra: Mapping[str, ModuleSpec]) -> None:
        self._raw = raw
        self._extra = extra
        self._made: dict[str, ModuleSpec] = {}

    def __getitem__(self, name: str) -> ModuleSpec:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> ModuleSpec:
        added = self._extra.get(name)
        if name not in self._raw:
            return self._extra[name]
        known = _module(name, self._raw[name])
        return known.merged(added) if added is not None else known

    def __contains__(self, name: object) -> bool:
        return name in self._raw or name in self._extra

    def __iter__(self) -> Iterator[str]:
        yield from self._raw
        yield from (name for name in self._extra if name not in self._raw)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Catalogue:
    """The language's vocabulary. `modules` goes by loadmodule name, `core` needs no loading."""

    def __init__(self, raw: Raw, extra: Iterable[ModuleSpec] = ()) -> None:
        self._raw = raw
        self._extra = {spec.name: spec for spec in extra}
        self.modules: Mapping[str, ModuleSpec] = _Modules(raw["modules"], self._extra)

    @cached_property
    def core(self) -> ModuleSpec:
        """What is there without any module."""
        return _module("core", self._raw["core"])

    @cached_property
    def globals(self) -> Mapping[str, GlobalSpec]:
        """The global parameters by name."""
        table: Mapping[str, Raw] = self._raw["core"]["globals"]
        return {n: GlobalSpec(n, g["type"], tuple(g.get("alias", ()))) for n, g in table.items()}

    def extended(self, extra: Iterable[ModuleSpec]) -> Catalogue:
        """The catalogue with further modules, or with more in modules it knows."""
        merged = dict(self._extra)
        for spec in extra:
            merged[spec.name] = merged[spec.name].merged(spec) if spec.name in merged else spec
        return Catalogue(self._raw, merged.values())

    def function(self, name: str, loaded: Iterable[str]) -> FunctionSpec | None:
        """The function that a call means: the core's, else that of the first loaded module that has it."""
        return next((s.functions[name] for s in self._scope(loaded) if name in s.functions), None)

    def async_function(self, name: str, loaded: Iterable[str]) -> FunctionSpec | None:
        """The function that `async` or `launch` would run."""
        return next((s.async_functions[name] for s in self._scope(loaded) if name in s.async_functions), None)

    def variable(self, name: str, loaded: Iterable[str]) -> VariableSpec | None:
        """The variable of that name in the core or a loaded module."""
        return next((s.variables[name] for s in self._scope(loaded) if name in s.variables), None)

    def transformations(self, loaded: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Operations by transformation class; `*x` stands for any word that ends in x."""
        found: dict[str, frozenset[str]] = {}
        for spec in self._scope(loaded):
            found.update(spec.transformations)
        return found

    def contexts(self, loaded: Iterable[str]) -> frozenset[str]:
        """The names that may stand in `$(<name>...)`."""
        return frozenset().union(*(spec.contexts for spec in self._scope(loaded)))

    def providers_of_function(self, name: str) -> tuple[str, ...]:
        """The modules that have a function of that name."""
        return tuple(m for m in self.modules if name in self._section(m, "functions", "functions"))

    def providers_of_variable(self, name: str) -> tuple[str, ...]:
        """The modules that have a variable of that name."""
        return tuple(m for m in self.modules if name in self._section(m, "pvs", "variables"))

    def _section(self, module: str, section: str, attribute: str) -> Iterable[str]:
        """The names in a section of a module, without describing the whole module."""
        known: Iterable[str] = self._raw["modules"].get(module, {}).get(section, ())
        own = self._extra.get(module)
        return known if own is None else {*known, *getattr(own, attribute)}

    def _scope(self, loaded: Iterable[str]) -> Iterator[ModuleSpec]:
        yield self.core
        for name in loaded:
            if name in self.modules:
                yield self.modules[name]


@cache
def load() -> Catalogue:
    """The catalogue that comes with the package: OpenSIPS' and, in `additions.json`, what is ours."""
    folder = Path(__file__).parent
    added = json.loads((folder / "additions.json").read_bytes())
    raw = json.loads((folder / "catalogue.json").read_bytes())
    raw["core"]["globals"].update(added["globals"])
    ours = (_module(name, raw) for name, raw in added["modules"].items())
    return Catalogue(raw, ours)


# ---------------------------------------------------------------- from the file


def _module(name: str, raw: Raw) -> ModuleSpec:
    core = name == "core"
    waiting = {n: _function(n, name, f, asynchronous=True) for n, f in raw.get("async_functions", {}).items()}
    functions = raw.get("functions", {})
    return ModuleSpec(
        name=name,
        title=raw.get("doc", ""),
        functions={n: _function(n, name, f) for n, f in functions.items() if "internal" not in f},
        async_functions=waiting,
        parameters={n: _parameter(n, name, p) for n, p in raw.get("params", {}).items()},
        variables={n: _variable(n, name, v, core) for n, v in raw.get("pvs", {}).items()},
        transformations={n: frozenset(t["ops"]) for n, t in raw.get("transformations", {}).items()},
        commands={n: _command(n, c) for n, c in raw.get("mi", {}).items()},
        statistics=frozenset(raw.get("stats", ())),
        events=frozenset(raw.get("events", ())),
        contexts=frozenset(raw.get("pv_contexts", ())),
        internal=frozenset((*raw.get("api", ()), *(n for n, f in functions.items() if "internal" in f))),
        dependencies=tuple(_dependencies(raw)),
        provides=raw.get("class", ""),
    )


def _dependencies(raw: Raw) -> Iterator[Dependency]:
    for each in raw.get("deps", ()):
        if not each.get("reverse"):
            yield Dependency(each["type"], each.get("name") or "", each["missing"])
    for parameter, needs in raw.get("param_deps", {}).items():
        for each in needs:
            yield Dependency(each["type"], each.get("name") or "", each["missing"], parameter)


def _function(name: str, module: str, raw: Raw, asynchronous: bool = False) -> FunctionSpec:
    return FunctionSpec(
        name,
        module,
        tuple(_argument(each) for each in raw["params"]),
        raw["min"],
        raw["max"],
        frozenset(raw.get("routes", ())),
        asynchronous or bool(raw.get("async")),
        tuple(_function(name, module, each) for each in raw.get("variants", ())),
    )


def _argument(raw: Raw) -> ArgumentSpec:
    return ArgumentSpec(
        raw["kind"],
        bool(raw.get("opt")),
        bool(raw.get("static")),
        bool(raw.get("no_expand")),
        bool(raw.get("avp")),
        bool(raw.get("writable")),
        raw.get("flag", ""),
        raw.get("route", ""),
        bool(raw.get("fix_null")),
    )


def _parameter(name: str, module: str, raw: Raw) -> ParameterSpec:
    return ParameterSpec(name, module, raw["type"], bool(raw.get("func")), raw.get("route", ""))


def _command(name: str, raw: Raw) -> CommandSpec:
    recipes = tuple(tuple(each) for each in raw["recipes"])
    return CommandSpec(name, recipes, tuple(raw.get("aliases", ())), bool(raw.get("named_only")))


def _variable(name: str, module: str, raw: Raw, core: bool) -> VariableSpec:
    takes = raw.get("name")
    parameter = "required" if takes == "required" else "optional" if takes else "none"
    variants = tuple(_variable(name, module, each, core) for each in raw.get("variants", ()))
    return VariableSpec(name, module, bool(raw.get("w")), parameter, bool(raw.get("index")), variants)


def runnable() -> frozenset[str]:
    """The functions that relayscript runs (`runs.json`, made from the declarations; a test compares them)."""
    names: list[str] = json.loads((Path(__file__).parent / "runs.json").read_text())
    return frozenset(names)
