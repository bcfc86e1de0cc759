"""Module maxfwd: the Max-Forwards header (maxfwd manual; RFC 3261 16.3 and 16.6 step 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.variables.headers import Overwritten
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

MOST = 256
"""The largest `max_limit`."""

EXHAUSTED = -1
UNREADABLE = -2
ADDED = 2
NOT_LESS, ABSENT, UNREADABLE_TEST = -1, -2, -3


class Maxfwd(Module):
    """Counts down how far a request may still go."""

    name = "maxfwd"
    parameters = (Parameter("max_limit", MOST),)

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if not 1 <= settings["max_limit"] <= MOST:
            raise ValueError(f"max_limit goes from 1 to {MOST}")

    @function()
    def mf_process_maxfwd_header(self, context: Context, max_value: int) -> int:
        """Count down, at once and for all routes: 1; 2 if the header was missing and `max_value` was added.

        -1 if it was 0 already, -2 if it is no number. A value above `max_limit` becomes `max_limit`.
        """
        message = context.message
        if "max-forwards" not in message.keys:
            context.changes.last.append(f"Max-Forwards: {max_value}")
            return ADDED
        value = _read(message)
        if value is None:
            return UNREADABLE
        if value == 0:
            return EXHAUSTED
        limit = self.settings["max_limit"]
        _write(message, limit if value > limit else value - 1)
        return 1

    @function()
    def is_maxfwd_lt(self, context: Context, max_value: int) -> int:
        """Whether the value is less than that: 1 or -1; -2 without the header, -3 if it is no number."""
        if "max-forwards" not in context.message.keys:
            return ABSENT
        value = _read(context.message)
        if value is None:
            return UNREADABLE_TEST
        return 1 if value < max_value else NOT_LESS


def _read(message: Message) -> int | None:
    """The value; an empty one counts as 0."""
    text = message.header("max-forwards") or "0"
    return int(text) if text.isascii() and text.isdigit() else None


def _write(message: Message, value: int) -> None:
    """Write over the value; it keeps its width."""
    index = message.keys.index("max-forwards")
    text = str(value).rjust(len(message.value(index)))
    message.lines[index] = Overwritten(message.line_with(index, text), text)
