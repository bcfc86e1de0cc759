"""Where and when a script is to be held: what can be typed behind `.break`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from relayscript.apps.simulator.relays import command_in
from relayscript.apps.testing.actor import matches
from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.fragments import Form, read_fragment
from relayscript.interpreter.compiler.fragments import Fragments
from relayscript.interpreter.context import Context
from relayscript.interpreter.control import Exit
from relayscript.interpreter.operators import Failure
from relayscript.interpreter.runtime import KINDS, Runtime
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

Holds = Callable[[Context], bool]
_PLACE = re.compile(r"(?:(?P<file>.+):)?(?P<line>\d+)")
_ROUTE = re.compile(r"(?P<kind>\w+)(?:\[\s*(?P<name>[^\]]*?)\s*\])?")
_WHEN = re.compile(r"(?:^|\s)when\s+(?P<condition>.+)$", re.DOTALL)
_COOKIE = re.compile(r"^\d+_\d+_\d+ ")
RELAY_COMMANDS = ("offer", "answer", "delete")


class BadBreakpoint(Exception):  # noqa: N818 - the mistake of who typed it
    """What was typed names no place in this script; the text says why."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One of them. `text` is as it was typed; of the places, one is set or none (then it is the condition alone).

    `line` is a file and a line, `entry` says that only the first time of a run through a route counts. `level` is
    that of lines of the log, or of more severe ones (lower numbers).
    """

    text: str
    line: tuple[str, int] | None = None
    entry: bool = False
    message: str = ""
    relay: str = ""
    level: int | None = None
    condition: Holds | None = None

    @property
    def is_anywhere(self) -> bool:
        """It has no place: its condition is asked at every line."""
        return self.line is None and not self.message and not self.relay and self.level is None

    def __str__(self) -> str:
        place = f"  ({self.line[0].rpartition('/')[2]}:{self.line[1]})" if self.line is not None else ""
        return f"{self.text}{place}"

    def is_message(self, data: bytes) -> bool:
        """A SIP message is the one that is waited for."""
        try:
            message = Message.parse(data)
        except SipError:
            return False
        if self.message[:1].isdigit():
            return not message.is_request and matches(self.message, message.status)
        return message.is_request and message.method == self.message

    def is_command(self, text: str) -> bool:
        """A command to a relay node is the one that is waited for."""
        return command_in(_COOKIE.sub("", text).encode("latin-1", "replace")) == self.relay


def read_breakpoint(text: str, runtime: Runtime, lines: Mapping[str, Iterable[int]]) -> Breakpoint:
    """What was typed, found in a script; `lines` are those of each file on which statements begin.

    Raises BadBreakpoint, ScriptError.
    """
    found = _WHEN.search(text)
    place = text[: found.start()].strip() if found else text.strip()
    condition = condition_of(found["condition"], Fragments(runtime)) if found else None
    word, _, rest = place.partition(" ")
    if word == "message" and re.fullmatch(r"[A-Z]+|[1-6](\d\d|xx)", rest.strip()):
        return Breakpoint(text, message=rest.strip(), condition=condition)
    if word == "relay" and rest.strip() in RELAY_COMMANDS:
        return Breakpoint(text, relay=rest.strip(), condition=condition)
    if (at := _PLACE.fullmatch(place)) is not None:
        return Breakpoint(text, _line(at["file"] or runtime.path, int(at["line"]), runtime, lines), condition=condition)
    if (named := _ROUTE.fullmatch(place)) is not None and named["kind"] in KINDS:
        return Breakpoint(text, _route(named["kind"], named["name"] or "", runtime, lines), True, condition=condition)
    if not place and condition is not None:
        return Breakpoint(text, condition=condition)
    raise BadBreakpoint(
        f"no place to stop at: {place or 'nothing given'}; write FILE:LINE, route[name] or another kind of route, "
        f"message METHOD or STATUS, relay {' or '.join(RELAY_COMMANDS)}, and/or when CONDITION"
    )


def condition_of(text: str, fragments: Fragments) -> Holds:
    """A condition of the script language as a question to a run; an error counts as no. Raises ScriptError."""
    read = read_fragment(text, (Form.CONDITION,))
    if not read.is_good or read.expression is None:
        raise ScriptError(read.diagnostics)
    ask = fragments.condition(read.expression)  # type: ignore[arg-type]

    def holds(context: Context) -> bool:
        try:
            return ask(context) > 0
        except (Exit, Failure):
            return False

    return holds


def _line(file: str, number: int, runtime: Runtime, lines: Mapping[str, Iterable[int]]) -> tuple[str, int]:
    """The line, or the next one on which a statement begins."""
    path = next((each for each in sorted(lines) if each == file or each.endswith(f"/{file.removeprefix('./')}")), None)
    if path is None:
        known = ", ".join(sorted(each.rpartition("/")[2] for each in lines))
        raise BadBreakpoint(f"{file} is no file of this script, which is in {known}")
    later = [each for each in lines[path] if each >= number]
    if not later:
        raise BadBreakpoint(f"{file} has no statement on or after line {number}")
    return path, min(later)


def _route(kind: str, name: str, runtime: Runtime, lines: Mapping[str, Iterable[int]]) -> tuple[str, int]:
    """The first line of a route."""
    routes = [each for each in runtime.script.items if isinstance(each, nodes.Route) and each.kind == kind]
    route = next((each for each in routes if each.name == name), None)
    if route is None:
        known = ", ".join(f"{kind}[{each.name}]" if each.name else kind for each in routes)
        raise BadBreakpoint(f"the script has no {kind}{f'[{name}]' if name else ''}; it has {known or 'none of them'}")
    first = route.body.statements[0].span
    return _line(first.file, first.line, runtime, lines)
