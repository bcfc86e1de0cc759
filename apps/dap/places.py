"""Breakpoints as an editor asks for them, found in a script: lines, routes, conditions, and points that only log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from relayscript.apps.repl.breakpoints import BadBreakpoint, Breakpoint, condition_of, read_breakpoint
from relayscript.apps.repl.session import byte_text
from relayscript.apps.repl.world import World
from relayscript.apps.testing.expecting import shown
from relayscript.apps.testing.ladders.readable import readable
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.fragments import Form, read_fragment
from relayscript.interpreter.compiler.fragments import Fragments
from relayscript.interpreter.context import Context
from relayscript.interpreter.control import Exit
from relayscript.interpreter.operators import Failure

Log = Callable[[str], object]
Value = Callable[[Context], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the editor asks for: a line of a file, or else the name of a route.

    `condition` is one of the script language, `log` what to write there instead of stopping, with `{EXPRESSION}` for
    values. `number` names it towards the editor.
    """

    number: int
    file: str = ""
    line: int = 0
    name: str = ""
    condition: str = ""
    log: str = ""

    @property
    def text(self) -> str:
        """Its name as the reason of a stop."""
        return f"breakpoint {self.number}"


def placed(wanted: Wanted, world: World, log: Log) -> Breakpoint:
    """The breakpoint in a script; on a line without a statement it moves to the next one that has one.

    A point that logs holds nowhere. Raises BadBreakpoint with what is wrong with it.
    """
    try:
        found = _at_line(wanted, world) if wanted.file else _at_name(wanted.name, world)
        if wanted.condition:
            found = replace(found, condition=condition_of(byte_text(wanted.condition), Fragments(world.runtime)))
        if wanted.log:
            found = replace(found, condition=_logging(found, byte_text(wanted.log), world, log))
    except ScriptError as error:
        raise BadBreakpoint("; ".join(each.message for each in error.diagnostics)) from None
    return replace(found, text=wanted.text)


def _at_line(wanted: Wanted, world: World) -> Breakpoint:
    here = Path(wanted.file).resolve()
    file = next((each for each in world.lines if Path(each).resolve() == here), None)
    if file is None:
        raise BadBreakpoint(f"{here.name} is no file of this script")
    later = [each for each in world.lines[file] if each >= wanted.line]
    if not later:
        raise BadBreakpoint(f"there is no statement on or after line {wanted.line}")
    return Breakpoint(wanted.text, (file, min(later)))


def _at_name(name: str, world: World) -> Breakpoint:
    """A route, as `.break` takes it; its bare name is enough if it is a `route`."""
    text = byte_text(name).strip()
    if world.runtime.route("route", text) is not None:
        text = f"route[{text}]"
    return read_breakpoint(text, world.runtime, world.lines)


def _logging(at: Breakpoint, template: str, world: World, log: Log) -> Callable[[Context], bool]:
    parts = list(_parts(template, world))

    def write(context: Context) -> bool:
        if at.condition is None or at.condition(context):
            log("".join(each if isinstance(each, str) else each(context) for each in parts))
        return False

    return write


def _parts(template: str, world: World) -> list[str | Value]:
    """Text and values of a template; braces within an expression come in pairs."""
    parts: list[str | Value] = []
    depth = start = 0
    for place, character in enumerate(template):
        if character == "{":
            if depth == 0:
                parts.append(readable(template[start:place]))
                start = place + 1
            depth += 1
        elif character == "}" and depth:
            depth -= 1
            if depth == 0:
                parts.append(_value(template[start:place], world))
                start = place + 1
    if depth:
        raise BadBreakpoint("a { is not closed")
    return [*parts, readable(template[start:])]


def _value(text: str, world: World) -> Value:
    """Raises ScriptError."""
    read = read_fragment(text, (Form.VALUE,))
    if not read.is_good or read.expression is None:
        raise ScriptError(read.diagnostics)
    compute = Fragments(world.runtime).value(read.expression)  # type: ignore[arg-type]

    def value(context: Context) -> str:
        try:
            return readable(shown(compute(context)))
        except (Exit, Failure) as error:
            return f"<no value: {error}>"

    return value
