"""The pages of `docs/` that are made from the declarations: what of the language runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pkgutil import iter_modules

from relayscript.dsl.catalogue import Catalogue, FunctionSpec, VariableSpec, load
from relayscript.interpreter import modules
from relayscript.interpreter.loading import module_class
from relayscript.interpreter.modules.core import CORE
from relayscript.interpreter.settings import Globals
from relayscript.interpreter.transformations import step

RUNS, ACCEPTED, MISSING = "runs", "accepted without effect", "not supported"
_HEAD = """# The language of route scripts

What of the core language of OpenSIPS 4.0.1 relayscript runs. This page is made from the declarations;
`pytest --update-golden tests/apps/test_reference.py` writes it anew.
"""


def language_page() -> str:
    """`docs/language.md`: every variable, transformation, function and global parameter of the core."""
    catalogue = load()
    sections = (
        _section("Variables", ("variable", "parameter", "index", "writable", "state"), _variables(catalogue)),
        _section("Transformations", ("transformation", "state"), _transformations(catalogue)),
        _section("Functions", ("function", "arguments", "routes", "state"), _functions(catalogue)),
        _section("Global parameters", ("parameter", "type", "state"), _globals(catalogue)),
    )
    return "\n".join((_HEAD, *sections))


def runnable_functions() -> str:
    """`dsl/runs.json`: the names of all script functions that run, those of our modules too."""
    rooms = (each.name for each in iter_modules(modules.__path__))
    classes = [*CORE, *(found for name in rooms if (found := module_class(name)) is not None)]
    names = {declared.name for each in classes for declared in each.functions()}
    return json.dumps(sorted(names), indent=0) + "\n"


def states(page: str) -> Iterator[tuple[str, str]]:
    """Each name in a page with its state."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            yield cells[0].strip("`"), cells[-1]


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join((*lines, ""))


def _variables(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    declared = {name: each for module in CORE for each in module.variables() for name in each.names}
    for name, spec in sorted(catalogue.core.variables.items()):
        state = RUNS if name in declared else MISSING
        yield f"`${name}`", _parameter(spec), _mark(_any(spec, "index")), _mark(_any(spec, "writable")), state


def _parameter(spec: VariableSpec) -> str:
    kinds = {each.parameter for each in (spec, *spec.variants)}
    return kinds.pop() if len(kinds) == 1 else "optional"


def _any(spec: VariableSpec, attribute: str) -> bool:
    return any(getattr(each, attribute) for each in (spec, *spec.variants))


def _transformations(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    for group, ops in sorted(catalogue.core.transformations.items()):
        for op in sorted(ops):
            sample = op.replace("*", "sha256")
            yield f"`{{{group}.{op}}}`", RUNS if step(group, sample, ()) is not None else MISSING


def _functions(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    declared = {each.name for module in CORE for each in module.functions()}
    for name, spec in sorted(catalogue.core.functions.items()):
        yield f"`{name}`", _arguments(spec), _routes(spec), RUNS if name in declared else MISSING


def _arguments(spec: FunctionSpec) -> str:
    shown = [f"[{each.kind}]" if each.optional else each.kind for each in spec.arguments]
    return ", ".join(shown) or "none"


def _routes(spec: FunctionSpec) -> str:
    return "all" if len(spec.routes) == 9 else ", ".join(sorted(spec.routes)).lower()


def _globals(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    acting = Globals.acting()
    for name, spec in sorted(catalogue.globals.items()):
        yield f"`{name}`", spec.type.replace("|", " or "), RUNS if name in acting else ACCEPTED


def _mark(holds: bool) -> str:
    return "yes" if holds else "no"
