"""The variables of a run: what the script has set, and those that its present route names."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.apps.testing.coverage.measured import label
from relayscript.apps.testing.expecting import shown
from relayscript.apps.testing.ladders.readable import readable
from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.visitor import walk
from relayscript.interpreter.context import Context
from relayscript.interpreter.runtime import Runtime

USUAL = ("$rm", "$ru", "$du", "$fu", "$tu", "$ci", "$si", "$rs")
"""Those that are of interest on any message; `$rs` on a reply only."""


def variables_of(context: Context) -> dict[str, str]:
    """Names, as they are written, and values, as a scenario writes them; what has no value is left out but for those
    that the route names."""
    runtime = context.runtime
    found = {name: text for name in USUAL if (text := _read(runtime, name, context)) not in ("", "<null>")}
    found |= {f"$var({name})": shown(value) for name, value in runtime.script_variables.items() if value is not None}
    for name, values in context.avps.items():
        for index, value in enumerate(values):
            found[f"$(avp({name})[{index}])" if index else f"$avp({name})"] = shown(value)
    if context.flags:
        found["message flags"] = " ".join(sorted(context.flags))
    for name in _named(runtime, context):
        if name not in found and (text := _read(runtime, name, context)):
            found[name] = text
    return found


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Rows of names and values; those that are other ones than before have a `*` in front."""
    width = max(map(len, now), default=0)
    marks = {name: "*" if before and before.get(name) != value else " " for name, value in now.items()}
    rows = [f"{marks[name]} {name:{width}} = {readable(value)}" for name, value in now.items()]
    return [*rows, *(f"* {name:{width}} is gone" for name in before if name not in now)]


def _named(runtime: Runtime, context: Context) -> Iterator[str]:
    """The variables in the route that runs."""
    here = context.stack[-1] if context.stack else ""
    for item in runtime.script.items:
        if isinstance(item, nodes.Route) and label(item) == here:
            named = (each for each in walk(item.body) if isinstance(each, nodes.Variable))
            yield from dict.fromkeys(each.raw for each in named if each.raw and each.name not in ("var", "avp", ""))


def _read(runtime: Runtime, name: str, context: Context) -> str:
    """The value as text; empty if the variable cannot be read."""
    try:
        return shown(runtime.registry.reader_of(name)(context))
    except ScriptError:
        return ""
