"""Values and statements that are typed at the editor while a script is held."""

from __future__ import annotations

from relayscript.apps.dap.program import Program
from relayscript.apps.dap.requests import Refused
from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.changing import set_variable
from relayscript.apps.repl.commands import Request, View, scripted
from relayscript.apps.repl.looking import LOOKING
from relayscript.apps.repl.session import byte_text
from relayscript.apps.repl.typed import Typed, kind_of
from relayscript.dsl import nodes
from relayscript.dsl.fragments import read_fragment

LOOKS = {each.name: each for each in LOOKING}
"""The dot commands that change nothing."""


def value_of(text: str, program: Program, calls: bool) -> str:
    """An expression or condition, for a watch; functions of the script only if `calls`. Raises Wrong, Refused."""
    typed = byte_text(text).strip()
    read = read_fragment(typed)
    found = read.expression
    only = read.statements[0] if len(read.statements) == 1 else None
    if isinstance(only, nodes.Evaluate) and found is None:
        found = only.command
    if read.is_good and (found is None or (isinstance(found, nodes.Command) and not calls)):
        raise Refused("that is no value")
    bench = program.bench
    with program.unwatched(counted=False):
        return _result(bench.world.evaluator.prepared(typed, bench.context.kind)(bench.context))


def done(text: str, program: Program) -> str:
    """What is typed at the debug console: script, or a dot command that looks at something. Raises Wrong, Refused."""
    typed, bench = byte_text(text).strip(), program.bench
    if kind_of(typed) is Typed.COMMAND:
        return _looked(typed, program)
    if kind_of(typed) is Typed.STATEMENT:
        raise Refused("the scenario is held: only script can be typed now")
    with program.unwatched(counted=True):
        return _result(scripted(bench, typed, lambda world, run: world.evaluator.prepared(typed, run.kind)))


def changed(name: str, value: str, program: Program) -> str:
    """Set a variable to a number or an expression of the script, else to the text; its value then.

    Raises Wrong, Refused.
    """
    if not name.startswith("$"):
        raise Refused(f"{name} cannot be set")
    typed = f"{byte_text(name)} {byte_text(value)}"
    with program.unwatched(counted=True):
        rows = set_variable(Request(program.bench, typed, View()))
    if not rows or not rows[-1].startswith("= "):
        raise Wrong(*rows)
    return _result(rows[-1:])


def _looked(typed: str, program: Program) -> str:
    name, _, rest = typed[1:].partition(" ")
    if name not in LOOKS:
        raise Refused(f"commands here are {' '.join(f'.{each}' for each in LOOKS)}")
    return "\n".join(LOOKS[name].run(Request(program.bench, rest.strip(), View())))


def _result(rows: list[str]) -> str:
    return "\n".join(row.removeprefix("= ") for row in rows)
