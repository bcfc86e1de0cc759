"""Commands of the debugger: breakpoints, steps, where the script is held, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.bench import Bench
from relayscript.apps.repl.commands import Command, Request, Takes
from relayscript.apps.repl.debugger import Frame, Resume, Stop
from relayscript.apps.repl.variables import changed, variables_of
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.useragent import CRLF

AROUND = 3
"""Lines that `.where` shows before and behind the one that runs next."""


def break_at(request: Request) -> list[str]:
    """Set a breakpoint, or list them."""
    bench = request.bench
    if request.rest:
        made = bench.break_at(request.rest)
        return [f"breakpoint {len(bench.world.debugger.breakpoints)}: {made}"]
    found = bench.world.debugger.breakpoints
    return [f"{number}: {each}" for number, each in enumerate(found, 1)] or ["no breakpoint"]


def unbreak(request: Request) -> list[str]:
    """Take a breakpoint away, by its number, or all of them."""
    found = request.bench.world.debugger.breakpoints
    if request.rest == "all":
        found.clear()
    elif request.rest.isdecimal() and 1 <= int(request.rest) <= len(found):
        del found[int(request.rest) - 1]
    else:
        raise Wrong("say which: .unbreak NUMBER, or .unbreak all; .break lists them")
    return break_at(Request(request.bench, "", request.view))


def resuming(how: Resume) -> Callable[[Request], list[str]]:
    """What lets the script go on."""
    return lambda request: request.bench.go_on(how)


def back(request: Request) -> list[str]:
    """Return to the stop before."""
    return request.bench.back()


def where(request: Request) -> list[str]:
    """The lines around the one that runs next."""
    frame = _frame(request.bench)
    lines = Path(frame.file).read_text("latin-1").split("\n")
    first, last = max(1, frame.line - AROUND), min(len(lines), frame.line + AROUND)
    return [_row(lines, number, frame.line) for number in range(first, last + 1)]


def stack(request: Request) -> list[str]:
    """The routes that run, the innermost first, and where other runs wait."""
    bench = request.bench
    stop = _stop(bench)
    rows = [f"{each.label}  {_place(each)}" for each in stop.frames] or ["no route runs now"]
    others = bench.world.debugger.other_runs()
    return [*rows, *(f"waiting: {each.label}  {_place(each)}  {each.context.message.call_id}" for each in others)]


def described(bench: Bench) -> list[str]:
    """Where the script is held now: why, the line, the variables with a `*` before those that changed since the last
    stop; nothing if it is not held."""
    stop = bench.stop
    if stop is None:
        return []
    call = f", call {stop.call_id}" if stop.call_id else ""
    rows = [f"held at {stop.reason}{call}"]
    if stop.frames:
        frame = stop.frames[0]
        lines = Path(frame.file).read_text("latin-1").split("\n")
        rows += [f"in {frame.label}", _row(lines, frame.line, frame.line)]
    elif stop.message:
        rows.append(readable(stop.message.decode("latin-1").split(CRLF)[0]))
    now = variables_of(stop.context) if stop.context is not None else {}
    rows += changed(bench.previous, now) if now else []
    bench.previous = now
    return rows


def _row(lines: list[str], number: int, here: int) -> str:
    text = readable(lines[number - 1].rstrip("\r")) if number <= len(lines) else ""
    return f"{'->' if number == here else '  '} {number:4} | {text}".rstrip()


def _place(frame: Frame) -> str:
    return f"{frame.file.rpartition('/')[2]}:{frame.line}"


def _stop(bench: Bench) -> Stop:
    if bench.stop is None:
        raise Wrong("nothing is held")
    return bench.stop


def _frame(bench: Bench) -> Frame:
    stop = _stop(bench)
    if not stop.frames:
        raise Wrong("no route runs now: it is held at a message")
    return stop.frames[0]


HOLDING = (
    Command(
        "break",
        "[FILE:LINE | ROUTE | message METHOD or STATUS | relay offer, answer or delete] [when CONDITION]",
        "hold the script there; without anything: list the breakpoints", break_at, Takes.PLACE,
    ),
    Command("unbreak", "NUMBER | all", "take breakpoints away", unbreak),
    Command("step", "", "to the next line, also into a route that is called", resuming(Resume.INTO)),
    Command("next", "", "to the next line of this route", resuming(Resume.OVER)),
    Command("out", "", "to where this route was called from", resuming(Resume.OUT)),
    Command("continue", "", "on to the next breakpoint", resuming(Resume.CONTINUE)),
    Command("where", "", "the lines around the one that runs next", where),
    Command("stack", "", "the routes that run, and where other runs wait", stack),
    Command("back", "", "to the stop before this one", back),
)  # fmt: skip
