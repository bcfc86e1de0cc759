"""What is found wrong while a message is processed, and the error route that is told of it (language.md 3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Kind
from relayscript.interpreter.control import Exit

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context
    from relayscript.sip.errors import SipError

LABEL = "error_route"
WITHOUT = (Kind.ONREPLY, Kind.LOCAL)
"""Kinds of route in which no error route runs."""


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """Class and level of a problem, what it is, and the answer it asks for; 0 and empty for no problem."""

    kind: int = 0
    level: int = 0
    info: str = ""
    code: int = 0
    reason: str = ""


NO_ERROR = ErrorInfo()
ASSERTION = ErrorInfo(4, 1, "assertion failed", 500, "server error")


def malformed(error: SipError) -> ErrorInfo:
    """A header that does not parse: class 1, level 3, answer 400 `bad To header`."""
    reason = error.reason.removeprefix("Bad ").removeprefix("Missing ")
    return ErrorInfo(1, 3, str(error), 400, f"bad {reason} header" if reason else "bad header")


BAD_URI = ErrorInfo(1, 3, "bad request URI", 400, "bad R-URI")


def handle(context: Context) -> None:
    """Run the error route for what was recorded, inside the route that is running; an `exit` in it ends the run.

    Nothing happens while it runs already, and in routes for replies and for requests of our own.
    """
    route = context.runtime.route(LABEL)
    if route is None or context.kind in WITHOUT or LABEL in context.stack:
        return
    context.stack.append(LABEL)
    try:
        route.function(context)
    finally:
        context.stack.pop()
        context.error = None


def asserted(context: Context, holds: bool, text: str) -> int:
    """`assert` with asserts switched on: 1; a failure is logged, told to the error route, and ends the run."""
    if holds:
        return 1
    context.runtime.warn_at(f"assertion failed: {text}", level=-2)
    context.error = ASSERTION
    handle(context)
    raise Exit
