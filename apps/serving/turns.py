"""An asyncio loop that serves our own sockets and timers inside its wait: no handles, nothing is scheduled for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from math import inf
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector, SelectorKey
from time import monotonic
from typing import Any, TypeVarTuple

Ts = TypeVarTuple("Ts")
Ready = Callable[[], object]
File = Any
"""A socket, or the number of an open file."""


class Watched:
    """Who is called when a file can be read, and when it can be written."""

    __slots__ = ("readable", "writable")

    def __init__(self) -> None:
        self.readable: Ready | None = None
        self.writable: Ready | None = None

    @property
    def events(self) -> int:
        """What to wait for."""
        return (EVENT_READ if self.readable is not None else 0) | (EVENT_WRITE if self.writable is not None else 0)

    def serve(self, events: int) -> None:
        """Call those who are still there."""
        if events & EVENT_READ and (readable := self.readable) is not None:
            readable()
        if events & EVENT_WRITE and (writable := self.writable) is not None:
            writable()


class Turns(DefaultSelector):
    """The selector of a `ServingLoop`: what is watched here is served here, asyncio gets only what is its own.

    `deadline` tells when `alarm` is to be called (seconds of `time.monotonic`, `inf` for never). Before it is, all that
    was ready by then has been served: an answer in time is no time-out, however late we are. `is_over` says that
    asyncio has something to do; `later` has it call a function behind that.
    """

    def __init__(self, later: Callable[[Callable[[], object]], object]) -> None:
        super().__init__()
        self.deadline: Callable[[], float] = lambda: inf
        self.alarm: Callable[[], object] = lambda: None
        self.is_over = False
        self._later = later

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Serve until something is for asyncio, or its time-out is over; files that it watches itself."""
        end = inf if timeout is None else monotonic() + timeout
        self.is_over = end <= monotonic()
        others: list[tuple[SelectorKey, int]] = []
        while True:
            due = self.deadline()
            until = min(due, end)
            found = self.wait(0.0 if self.is_over else None if until == inf else until - monotonic())
            is_due = due <= monotonic()
            for key, events in found:
                if type(key.data) is Watched:
                    key.data.serve(events)
                else:
                    others.append((key, events))
            if is_due and (others or self.is_over):
                self._later(self.alarm)
            elif is_due:
                self.alarm()
            if others or self.is_over or monotonic() >= end:
                return others

    def wait(self, timeout: float | None) -> list[tuple[SelectorKey, int]]:
        """Wait until a file is ready and serve nobody."""
        return super().select(timeout)

    def watched(self, file: File) -> Watched:
        """Who watches a file; nobody yet if it is new."""
        try:
            found: Watched = self.get_key(file).data
        except KeyError:
            return Watched()
        return found

    def update(self, file: File, watched: Watched) -> None:
        """Wait for what the file is watched for now."""
        is_known, events = file in self.get_map(), watched.events
        if is_known and events:
            self.modify(file, events, watched)
        elif is_known:
            self.unregister(file)
        elif events:
            self.register(file, events, watched)


class ServingLoop(asyncio.SelectorEventLoop):
    """The loop of asyncio over `turns`."""

    def __init__(self) -> None:
        self.turns = Turns(self.call_soon)
        super().__init__(self.turns)

    def ring(self, alarm: Callable[[], object], deadline: Callable[[], float]) -> None:
        """Have an alarm whenever its deadline has come (see `Turns`)."""
        self.turns.alarm, self.turns.deadline = alarm, deadline

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self.turns.is_over = True
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.turns.is_over = True
        return super().call_at(when, callback, *args, context=context)

    def stop(self) -> None:
        self.turns.is_over = True
        super().stop()
