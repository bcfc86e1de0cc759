"""What is logged and how: `$log_level`, `$xlog_level`, `$C(..)`; and what went wrong: `$err.*`."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Value, int_of

COLORS = {"x": "9", "s": "0", "r": "1", "g": "2", "y": "3", "b": "4", "p": "5", "c": "6", "w": "7"}
"""ANSI colours by their letters; `x` is the terminal's own."""


class LogVariables(Module):
    """The levels up to which the log is written; NULL resets one to what the script's parameters say."""

    name = "core"

    def start_levels(self) -> tuple[int, int]:
        """The levels that the script's parameters set: log, xlog."""
        return self._levels

    @property
    def _levels(self) -> tuple[int, int]:
        return self.runtime.globals.log_level, self.runtime.globals.xlog_level
