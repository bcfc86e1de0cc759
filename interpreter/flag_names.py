"""The flags that a script names: flags exist by being named, and are listed newest name first (language.md 10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.formats import parse_format

FUNCTIONS = frozenset(("setflag", "resetflag", "isflagset", "setbflag", "resetbflag", "isbflagset"))
VARIABLES = frozenset(("msg.flag", "msg.branch.flag", "branch.flag"))


class FlagNames:
    """The names of all flags of a script, in the order of their first mention."""

    def __init__(self, script: nodes.Script) -> None:
        self._order = {name: number for number, name in enumerate(dict.fromkeys(_named(script)))}

    def __contains__(self, name: str) -> bool:
        return name in self._order

    def listed(self, flags: Iterable[str]) -> str:
        """Flags as a text, blank separated: the one named last comes first, unknown ones before by name."""
        last = len(self._order)
        return " ".join(sorted(flags, key=lambda name: (-self._order.get(name, last), name)))


def _named(node: object) -> Iterator[str]:
    """The flag names below a node, in order."""
    match node:
        case nodes.Call(name=function, args=(nodes.Text(value=flag), *_)) if function in FUNCTIONS:
            yield flag
        case nodes.Variable(name=name, parameter=str() as flag) if name in VARIABLES:
            yield flag
        case nodes.Text(value=text) if "flag(" in text:
            yield from _in_text(text)
    if is_dataclass(node) and isinstance(node, nodes.Node):
        for field in fields(node):
            value = getattr(node, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                yield from _named(each)


def _in_text(text: str) -> Iterator[str]:
    try:
        parts = parse_format(text)
    except ScriptError:
        return
    for part in parts:
        if isinstance(part, nodes.Variable):
            yield from _named(part)
