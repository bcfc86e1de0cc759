"""Tells which script lines run, through the code objects that carry the script's file name and lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from types import CodeType, FrameType
from typing import Any

import greenlet

from relayscript.interpreter.compiler.lines import OnLine, headers

__all__ = ["LineTrace", "headers"]

TOOL = 4
"""Our number among the tools of `sys.monitoring`, none of those that Python names itself."""


class LineTrace:
    """Calls back with file and line before each line of the given files, while it is on (`with`).

    Lines in `quiet` are left out.

    It uses `sys.monitoring` where Python has it (3.12). Before, it is a trace function, which greenlets
    lose when they switch: so it is set again after every switch.
    """

    def __init__(
        self, files: Collection[str], on_line: OnLine, quiet: frozenset[tuple[str, int]] = frozenset()
    ) -> None:
        self._files = files
        self._on_line = on_line
        self._quiet = quiet
        self._before: tuple[Callable[..., Any] | None, Callable[..., Any] | None] = (None, None)

    def __enter__(self) -> LineTrace:
        if sys.version_info >= (3, 12):
            self._monitor()
        else:
            switched = greenlet.settrace(lambda event, args: sys.settrace(self._called))
            self._before = (switched, sys.gettrace())
            sys.settrace(self._called)
        return self

    def __exit__(self, *error: object) -> None:
        if sys.version_info >= (3, 12):
            sys.monitoring.set_events(TOOL, 0)
            sys.monitoring.free_tool_id(TOOL)
        else:
            switched, called = self._before
            greenlet.settrace(switched)
            sys.settrace(called)

    def _called(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        return self._stepped if frame.f_code.co_filename in self._files else None

    def _stepped(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if event == "line":
            self._line(frame.f_code.co_filename, frame.f_lineno)
        return self._stepped

    def _line(self, file: str, number: int) -> None:
        if (file, number) not in self._quiet:
            self._on_line(file, number)

    def _monitor(self) -> None:
        if sys.version_info >= (3, 12):
            monitoring = sys.monitoring

            def line(code: CodeType, number: int) -> object:
                if code.co_filename not in self._files:
                    return monitoring.DISABLE
                self._line(code.co_filename, number)
                return None

            monitoring.use_tool_id(TOOL, "relayscript")
            monitoring.register_callback(TOOL, monitoring.events.LINE, line)
            monitoring.set_events(TOOL, monitoring.events.LINE)
            monitoring.restart_events()
