"""An asyncio loop whose clock drives a queue of timers: one loop timer for all of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from math import ceil

from relayscript.sip.timers import Timers

TICK = 0.02
"""Seconds by which a timer may fire late, so that all that fall due in them cost one wake-up of the loop."""


class EventLoop:
    """Hands in events from sockets and threads, with `timers.now` right and due timers fired.

    `failed` gets an exception that an event left behind; the loop goes on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, failed: Callable[[Exception], None]) -> None:
        self.loop = loop
        self.timers = Timers(loop.time())
        self._failed = failed
        self._alarm: asyncio.TimerHandle | None = None

    def watch(self, sock: socket.socket | int, ready: Callable[[], object]) -> None:
        """Call `ready` whenever the socket (or the file of that number) can be read."""
        self.loop.add_reader(sock, self.run, ready)

    def unwatch(self, sock: socket.socket | int) -> None:
        """The socket is of no interest any more."""
        self.loop.remove_reader(sock)
        self.loop.remove_writer(sock)

    def watch_writable(self, sock: socket.socket | int, ready: Callable[[], object]) -> None:
        """Call `ready` whenever the socket can be written."""
        self.loop.add_writer(sock, self.run, ready)

    def unwatch_readable(self, sock: socket.socket) -> None:
        """Nothing is to be read for now."""
        self.loop.remove_reader(sock)

    def unwatch_writable(self, sock: socket.socket | int) -> None:
        """Nothing is left to write."""
        self.loop.remove_writer(sock)

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
        self.arm()

    def tick(self) -> None:
        """Move the clock to the present (between the packets of one wake-up)."""
        self.timers.now = self.loop.time()

    def arm(self) -> None:
        """See to it that the loop wakes up for the next timer: at once if it is due, else at the next tick."""
        deadline = self.timers.deadline()
        if deadline is None:
            return
        when = deadline if deadline <= self.timers.now else ceil(deadline / TICK) * TICK
        alarm = self._alarm
        if alarm is not None:
            if alarm.when() <= when:
                return
            alarm.cancel()
        self._alarm = self.loop.call_at(when, self._fire)

    def _fire(self) -> None:
        self._alarm = None
        try:
            self.timers.fire(self.loop.time())
        except Exception as error:
            self._failed(error)
        self.arm()
