"""The events of a server: sockets that can be read or written, timers that are due, what threads bring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil, inf

from relayscript.apps.serving.turns import File, ServingLoop
from relayscript.sip.timers import Timers

TICK = 0.02
"""Seconds by which a timer may fire late, so that all that fall due in them cost one wake-up of the loop."""


class EventLoop:
    """Hands in events from sockets and threads, with `timers.now` right and due timers fired.

    `failed` gets an exception that an event left behind; the loop goes on.
    """

    def __init__(self, loop: ServingLoop, failed: Callable[[Exception], None]) -> None:
        self.loop = loop
        self.timers = Timers(loop.time())
        self._failed = failed
        self._turns = loop.turns
        loop.ring(self._fire, self._deadline)

    def watch(self, file: File, ready: Callable[[], object]) -> None:
        """Call `ready` whenever the socket (or the file of that number) can be read."""
        watched = self._turns.watched(file)
        watched.readable = partial(self.run, ready)
        self._turns.update(file, watched)

    def unwatch(self, file: File) -> None:
        """The socket is of no interest any more."""
        watched = self._turns.watched(file)
        watched.readable = watched.writable = None
        self._turns.update(file, watched)

    def watch_writable(self, file: File, ready: Callable[[], object]) -> None:
        """Call `ready` whenever the socket can be written."""
        watched = self._turns.watched(file)
        watched.writable = partial(self.run, ready)
        self._turns.update(file, watched)

    def unwatch_readable(self, file: File) -> None:
        """Nothing is to be read for now."""
        watched = self._turns.watched(file)
        watched.readable = None
        self._turns.update(file, watched)

    def unwatch_writable(self, file: File) -> None:
        """Nothing is left to write."""
        watched = self._turns.watched(file)
        watched.writable = None
        self._turns.update(file, watched)

    def soon(self, event: Callable[[], object]) -> None:
        """Run an event after the current one. May be called from any thread."""
        self.loop.call_soon_threadsafe(self.run, event)

    def run(self, event: Callable[[], object]) -> None:
        """Run one event at the present time."""
        self.timers.now = self.loop.time()
        try:
            event()
        except Exception as error:
            self._failed(error)

    def tick(self) -> None:
        """Move the clock to the present (between the packets of one wake-up)."""
        self.timers.now = self.loop.time()

    def _deadline(self) -> float:
        """When timers are to fire: at once if one is due, else at a tick."""
        deadline = self.timers.deadline()
        if deadline is None:
            return inf
        return deadline if deadline <= self.loop.time() else ceil(deadline / TICK) * TICK

    def _fire(self) -> None:
        try:
            self.timers.fire(self.loop.time())
        except Exception as error:
            self._failed(error)
