"""What is logged and how: `$log_level`, `$xlog_level`, `$C(..)`; and what was wrong with the message: `$err.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.failing import NO_ERROR, ErrorInfo
from relayscript.interpreter.values import Value, int_of

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

COLORS = {"x": "9", "s": "0", "r": "1", "g": "2", "y": "3", "b": "4", "p": "5", "c": "6", "w": "7"}
"""ANSI colours by their letters; `x` is the terminal's own."""

class LogVariables(Module):
    """The levels up to which the log is written. Writing NULL resets a level to that of the script's parameters."""

    name = "core"

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._log_level = runtime.globals.log_level
        self._xlog_level = runtime.globals.xlog_level

    @variable("log_level")
    def log_level(self, context: Context) -> Value:
        """The level of the core's log."""
        return self.runtime.globals.log_level

    @log_level.setter
    def _set_log_level(self, context: Context, op: str, value: Value) -> bool:
        level = self._log_level if value is None else int_of(value)
        if level is None:
            return False
        self.runtime.globals.log_level = level
        return True

    @variable("xlog_level")
    def xlog_level(self, context: Context) -> Value:
        """The level of `xlog`."""
        return self.runtime.globals.xlog_level

    @xlog_level.setter
    def _set_xlog_level(self, context: Context, op: str, value: Value) -> bool:
        level = self._xlog_level if value is None else int_of(value)
        if level is None:
            return False
        self.runtime.globals.xlog_level = level
        return True

    @variable("C", parameter="required")
    def color(self, context: Context, which: str) -> Value:
        """A change of colour for terminals, foreground and background; empty unless `xlog_force_color` is set."""
        if not self.runtime.globals.xlog_force_color:
            return ""
        front, back = which[:1], which[1:2]
        if front.lower() not in COLORS or back not in COLORS:
            return None
        weight = "1" if front.isupper() else "0"
        return f"\x1b[{weight};3{COLORS[front.lower()]};4{COLORS[back]}m"


class ErrorVariables(Module):
    """What was found wrong with the message; 0 and empty while nothing is."""

    name = "core"

    @variable("err.class")
    def kind(self, context: Context) -> Value:
        """The class of the error (1: the message does not parse)."""
        return _error(context).kind

    @variable("err.level")
    def level(self, context: Context) -> Value:
        """How bad it is."""
        return _error(context).level

    @variable("err.info")
    def info(self, context: Context) -> Value:
        """What it is."""
        return _error(context).info

    @variable("err.rcode")
    def code(self, context: Context) -> Value:
        """The status of the reply it asks for."""
        return _error(context).code

    @variable("err.rreason")
    def reason(self, context: Context) -> Value:
        """The reason phrase of that reply."""
        return _error(context).reason


def _error(context: Context) -> ErrorInfo:
    return context.error or NO_ERROR
