"""Where the client wants the script to be held, as it says in three requests, and the answers to them."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from relayscript.apps.dap.framing import Object
from relayscript.apps.dap.places import Wanted
from relayscript.apps.dap.program import FAULT, Program
from relayscript.apps.dap.requests import Arguments, Refused
from relayscript.apps.repl.breakpoints import BadBreakpoint, Breakpoint
from relayscript.apps.testing.ladders.readable import readable

LEVELS = {"errors": -1, "warnings": 1}
"""The filters of exceptions: levels of the log."""

REASONS = {"step": "step", "entry": "entry", "pause": "pause"}


class Wishes:
    """All breakpoints of a session."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lines: dict[str, list[Wanted]] = {}
        self._names: list[Wanted] = []

    def lines(self, asked: Arguments, program: Program, first_line: int) -> Object:
        """setBreakpoints: those of one file, instead of the ones before."""
        path = asked.inner("source").text("path")
        if not path:
            raise Refused("a breakpoint needs the path of its source")
        self._lines[path] = [
            Wanted(
                next(self._numbers), path, each.number("line") + 1 - first_line,
                condition=each.text("condition"), log=each.text("logMessage"),
            )
            for each in asked.all("breakpoints")
        ]  # fmt: skip
        return self._set(self._lines[path], program, first_line)

    def names(self, asked: Arguments, program: Program, first_line: int) -> Object:
        """setFunctionBreakpoints: routes, and the messages and relay commands that `.break` of the prompt knows."""
        self._names = [
            Wanted(next(self._numbers), name=each.text("name"), condition=each.text("condition"))
            for each in asked.all("breakpoints")
        ]
        return self._set(self._names, program, first_line)

    def errors(self, asked: Arguments, program: Program) -> Object:
        """setExceptionBreakpoints."""
        filters = asked.words("filters")
        if unknown := [each for each in filters if each not in LEVELS]:
            raise Refused(f"there is no filter {unknown[0]}")
        program.want_level(max((LEVELS[each] for each in filters), default=None))
        return {"breakpoints": [{"verified": True} for _ in filters]}

    def told(self, reason: str, fault: str) -> Object:
        """The reason of a stop as the protocol has it; `fault` is what was logged."""
        if reason in REASONS:
            return {"reason": REASONS[reason]}
        if reason == FAULT:
            return {"reason": reason, "description": "In the log", "text": fault}
        named = any(each.text == reason for each in self._names)
        number = int(reason.rpartition(" ")[2])
        return {"reason": "function breakpoint" if named else "breakpoint", "hitBreakpointIds": [number]}

    def _set(self, asked: list[Wanted], program: Program, first_line: int) -> Object:
        found = program.want([*(each for rows in self._lines.values() for each in rows), *self._names])
        return {"breakpoints": [_told(each.number, found[each.number], first_line) for each in asked]}


def _told(number: int, found: Breakpoint | BadBreakpoint, first_line: int) -> Object:
    if isinstance(found, BadBreakpoint):
        return {"id": number, "verified": False, "message": readable(str(found))}
    if found.line is None:
        return {"id": number, "verified": True}
    file, line = found.line
    path = Path(file).absolute()
    source = {"name": path.name, "path": str(path)}
    return {"id": number, "verified": True, "line": line - 1 + first_line, "source": source}
