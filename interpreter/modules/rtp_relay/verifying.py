"""What can be wrong with a script before it runs: engines that do not exist, fields that no participant has."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, error
from relayscript.dsl.formats import parse_format
from relayscript.dsl.visitor import walk
from relayscript.interpreter.modules.rtp_relay.call import CONTEXT_FIELDS, context_field
from relayscript.interpreter.modules.rtp_relay.legs import FIELDS

LEGS = ("rtp_relay", "rtp_relay_peer")
CONTEXT = "rtp_relay_ctx"


def findings(script: nodes.Script, engines: Collection[str]) -> Iterator[Diagnostic]:
    """All that is wrong with literal names of engines and fields."""
    for node in walk(script):
        if isinstance(node, nodes.Call) and node.name == "rtp_relay_engage" and node.args:
            yield from _engine(node.args[0], engines)
        elif isinstance(node, nodes.Variable):
            yield from _field(node, node)
        elif isinstance(node, nodes.Text) and "$" in node.value:
            for part in _variables(node):
                yield from _field(part, node)


def _engine(named: nodes.Node | None, engines: Collection[str]) -> Iterator[Diagnostic]:
    if isinstance(named, nodes.Text) and "$" not in named.value and named.value not in engines:
        hint = f"engines loaded: {', '.join(sorted(engines))}"
        yield error("RS320", f"no relay engine is called {named.value!r}", named.span, hint)


def _variables(text: nodes.Text) -> list[nodes.Variable]:
    """Those in a text, which may be no format at all."""
    try:
        return [part for part in parse_format(text.value) if isinstance(part, nodes.Variable)]
    except ScriptError:
        return []


def _field(found: nodes.Variable, place: nodes.Node) -> Iterator[Diagnostic]:
    field = found.parameter
    if not isinstance(field, str) or not field:
        return
    known = field.lower() in FIELDS if found.name in LEGS else context_field(field) is not None
    if found.name in (*LEGS, CONTEXT) and not known:
        names = FIELDS if found.name in LEGS else CONTEXT_FIELDS
        yield error("RS321", f"${found.name} has no field {field!r}", place.span, f"fields: {', '.join(names)}")
