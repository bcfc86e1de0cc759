"""What a running script writes to the log, and where in the script that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context
    from relayscript.interpreter.events import Events
    from relayscript.interpreter.host import Host
    from relayscript.interpreter.observer import Observer
    from relayscript.interpreter.settings import Globals


class ScriptLog:
    """The log of one script: its settings say what is let through, the host writes it, observers are told.

    `files` are the names of the script's files.
    """

    globals: Globals
    host: Host
    events: Events
    observers: list[Observer]
    files: frozenset[str]

    def log(self, level: int, text: str) -> None:
        """Write to the log if the script's `log_level` lets it through."""
        if level <= self.globals.log_level:
            self._write(level, text)

    def xlog(self, context: Context, level: int, expand: Callable[[Context], str]) -> int:
        """`xlog`: 1; -1 if the text exceeds `xlog_buf_size`."""
        if level > self.globals.xlog_level:
            return 1
        text = expand(context)
        if len(text) >= self.globals.xlog_buf_size:
            self.log(-1, "xlog: the text exceeds xlog_buf_size")
            return -1
        self._write(level, text)
        return 1

    def _write(self, level: int, text: str) -> None:
        most = self.globals.stderror_level_filter
        if self.globals.stderror_enabled and (not most or level <= most):
            self.host.log(level, text)
        if self.globals.log_event_enabled:
            self.events.written(level, text)
        for observer in self.observers:
            observer.log(level, text)

    def warn_at(self, text: str, level: int = 1) -> None:
        """Write to the log with the place in the script that is running now."""
        self.log(level, f"{self.place()}: {text}")

    def place(self) -> str:
        """`file:line` of the script line that is running; empty outside of a script."""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                return f"{frame.f_code.co_filename}:{frame.f_lineno}"
            frame = frame.f_back  # type: ignore[assignment]
        return ""
