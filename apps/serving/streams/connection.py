"""One connection: a socket that never blocks, the wire on it, and the limits on how long things may take."""

from __future__ import annotations

import os
import socket
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.streams.wire import Wire
from relayscript.sip.timers import Timer
from relayscript.sip.transport import Address

AT_ONCE = 65536
"""How many bytes one wake-up takes from a connection before others get their turn."""

MESSAGES_AT_ONCE = 16
"""How many messages of a connection are handled before others get their turn."""

MOST_UNSENT = 1 << 20
"""Bytes that wait for a peer that does not read, before it is given up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: until connected, until the handshakes are done, for one message, and without any traffic.

    `chunks` is in how many reads a message may come; 0 for any number.
    """

    connect: float = 0.1
    handshake: float = 4.0
    message: float = 4.0
    idle: float = 120.0
    chunks: int = 4


class Owner(Protocol):
    """Who gets to know what happens on a connection."""

    def received(self, connection: Connection, message: bytes) -> None:
        """A message came in."""

    def ready(self, connection: Connection) -> None:
        """Messages can be exchanged from now on. Called once, unless it ends before."""

    def ended(self, connection: Connection, reason: str) -> None:
        """It is closed; the reason is empty if nothing was wrong. Called exactly once."""


class Connection:
    """A connected socket, or one that is being connected."""

    __slots__ = (
        "_chunks",
        "_early",
        "_events",
        "_has_begun",
        "_idle",
        "_is_closed",
        "_is_connected",
        "_is_writing",
        "_kept",
        "_limits",
        "_moved",
        "_owner",
        "_patience",
        "_sock",
        "_waiting",
        "peer",
        "wire",
    )  # fmt: skip

    def __init__(
        self, events: EventLoop, sock: socket.socket, peer: Address, wire: Wire, limits: Limits, owner: Owner
    ) -> None:
        self.peer = peer
        self.wire = wire
        self._events = events
        self._sock = sock
        self._limits = limits
        self._owner = owner
        self._is_connected = self._is_closed = self._is_writing = self._has_begun = False
        self._patience: Timer | None = None
        self._early = 0
        self._chunks = 0
        self._waiting: deque[bytes] = deque()
        self._moved = events.timers.now
        self._kept = 0.0
        self._idle = events.timers.start(limits.idle, self._look_if_idle)

    # ---- for the owner

    def accepted(self) -> None:
        """The socket is connected already."""
        self._is_connected = True
        self._events.watch(self._sock, self._readable)
        self.wire.start()
        if not self.wire.is_ready:
            self._wait(self._limits.handshake, "the handshake took too long")
        self._flush()
        self._look_if_ready()

    def connect(self) -> None:
        """Begin to connect to the peer; what is sent meanwhile waits."""
        self._wait(self._limits.connect, "no connection in time")
        self._write_when_possible()
        try:
            self._sock.connect(self.peer)
        except BlockingIOError:
            return
        except (OSError, OverflowError) as error:
            self.end(spoken(error))

    def send(self, message: bytes) -> None:
        """Send a message as soon as possible."""
        if self._is_closed:
            return
        if not self._is_connected or not self.wire.is_ready:
            self._early += len(message)
            if self._early > MOST_UNSENT:
                self.end("too much to send before it is connected")
                return
        self.wire.send(message)
        self._flush()

    @property
    def is_connected(self) -> bool:
        """The peer is there."""
        return self._is_connected and self.wire.is_ready

    @property
    def local(self) -> Address:
        """The address that it has on this side."""
        host, port = self._sock.getsockname()[:2]
        return host, port

    @property
    def idle_for(self) -> float:
        """Seconds that it may stay without traffic from now on."""
        return max(self._moved + self._limits.idle, self._kept) - self._events.timers.now

    def keep(self, seconds: float) -> None:
        """It may stay without traffic for so long from now on, or longer if it may anyway."""
        self._kept = self._events.timers.now + seconds

    def end(self, reason: str = "") -> None:
        """Close it, now."""
        if self._is_closed:
            return
        self._is_closed = True
        self._idle.cancel()
        self._calm()
        self._say_goodbye()
        self._events.unwatch(self._sock)
        self._sock.close()
        self._owner.ended(self, reason)

    # ---- inside

    def _say_goodbye(self) -> None:
        if not self._is_connected:
            return
        self.wire.end()
        try:
            self._sock.send(self.wire.outgoing)
        except OSError:
            return  # who does not hear it learns from the close

    def _readable(self) -> None:
        try:
            data = self._sock.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            self.end(spoken(error))
            return
        if not data:
            self.end("closed in the middle of a message" if self.wire.is_partial else "")
            return
        self._moved = self._events.timers.now
        self._take(data)

    def _take(self, data: bytes) -> None:
        was_ready = self.wire.is_ready
        found = self.wire.receive(data)
        if found or self.wire.is_ready != was_ready:
            self._calm()
            self._chunks = 0
            self._look_if_ready()
        self._waiting.extend(found)
        self._hand_over()
        if self._waiting and not self._is_closed:
            self._events.unwatch_readable(self._sock)
            self._events.soon(self._go_on)

    def _go_on(self) -> None:
        """Others had their turn: handle more of what came, and read again when that is done."""
        if self._is_closed:
            return
        self._hand_over()
        if self._waiting and not self._is_closed:
            self._events.soon(self._go_on)
        elif not self._is_closed:
            self._events.watch(self._sock, self._readable)

    def _hand_over(self) -> None:
        """Give messages to the owner, not too many; behind the last one look at what else there is."""
        for _ in range(min(len(self._waiting), MESSAGES_AT_ONCE)):
            if self._is_closed:
                return
            self._owner.received(self, self._waiting.popleft())
        if not self._waiting and not self._is_closed:
            self._look_at_rest()
            self._flush()

    def _look_at_rest(self) -> None:
        """What came is no whole message yet, or no handshake: that must not go on for ever."""
        if not self.wire.is_ready:
            self._wait(self._limits.handshake, "the handshake took too long")
        elif self.wire.is_partial:
            self._chunks += 1
            self._wait(self._limits.message, "a message took too long")
            if self._chunks == self._limits.chunks:
                self.end("a message came in too many pieces")

    def _look_if_ready(self) -> None:
        if self.is_connected and not self._has_begun and not self._is_closed:
            self._has_begun = True
            self._owner.ready(self)

    def _writable(self) -> None:
        if not self._is_connected:
            error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                self.end(spoken(OSError(error, "")))
                return
            self._calm()
            self.accepted()
        self._flush()

    def _flush(self) -> None:
        """Write what can be written; the rest when the peer has read."""
        outgoing = self.wire.outgoing
        if self._is_closed or not self._is_connected:
            return
        try:
            while outgoing:
                del outgoing[: self._sock.send(outgoing)]
                self._moved = self._events.timers.now
        except BlockingIOError:
            self._write_when_possible()
        except OSError as error:
            self.end(spoken(error))
            return
        if len(outgoing) > MOST_UNSENT:
            self.end("it does not read what it is sent")
        elif self.wire.is_over and not self._waiting and (self.wire.fault or not outgoing):
            self.end(self.wire.fault)
        elif not outgoing and self._is_writing:
            self._is_writing = False
            self._events.unwatch_writable(self._sock)

    def _write_when_possible(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._events.watch_writable(self._sock, self._writable)

    # ---- time

    def _wait(self, seconds: float, reason: str) -> None:
        """Give up in so many seconds, unless something else is waited for already."""
        if self._patience is None:
            self._patience = self._events.timers.start(seconds, lambda: self.end(reason))

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _look_if_idle(self) -> None:
        left = self.idle_for
        if left <= 0:
            self.end()
        else:
            self._idle = self._events.timers.start(left, self._look_if_idle)


def spoken(error: Exception) -> str:
    """A socket's error in words."""
    if not isinstance(error, OSError) or not error.errno:
        return str(error)
    return os.strerror(error.errno).lower()
