"""Commands over streams: one line each, answered by one line each, in order (reference 5.1)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from relayscript.engines.contract import Channel, Network
from relayscript.engines.link import Replied, TimedOut, unobserved
from relayscript.sip.timers import Timer, Timers


class LineLink:
    """A connection that stays open (`tcp:`, `cunix:`, `rtp.io:`).

    A reply that does not come in time would be taken for the next one, so the connection is dropped with
    everything that waits on it; the next request opens another.
    """

    def __init__(
        self, network: Network, url: str, timers: Timers, timeout: float, timed_out: TimedOut = unobserved
    ) -> None:
        self._network, self._url, self._timers, self._timeout = network, url, timers, timeout
        self._timed_out = timed_out
        self._pending: deque[tuple[Replied, Timer]] = deque()
        self._channel: Channel | None = None
        self._number = 0
        self._data = b""

    def request(self, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send one line; there is one attempt only."""
        number = self._number
        self._pending.append((replied, self._timers.start(self._timeout, lambda: self._silent(number))))
        try:
            if self._channel is None:
                self._channel = self._network.connect(self._url, lambda data: self._receive(number, data))
            self._channel.send(command + b"\n")
        except OSError:
            self._timers.start(0, lambda: self._fail(number))

    def close(self) -> None:
        """Close the connection; requests under way end with None."""
        self._fail(self._number)

    def _receive(self, number: int, data: bytes) -> None:
        if number != self._number:
            return
        if not data:
            self._fail(number)
            return
        *lines, self._data = (self._data + data).split(b"\n")
        for line in lines:
            if self._pending and number == self._number:
                replied, timer = self._pending.popleft()
                timer.cancel()
                replied(line)

    def _silent(self, number: int) -> None:
        self._timed_out()
        self._fail(number)

    def _fail(self, number: int) -> None:
        """End the connection with this number, unless it has ended already."""
        if number != self._number:
            return
        pending, self._pending = self._pending, deque()
        self._number += 1
        self._data = b""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        for replied, timer in pending:
            timer.cancel()
            replied(None)


@dataclass(slots=True)
class _Call:
    command: bytes
    replied: Replied
    timer: Timer
    again: bool = True
    data: bytes = b""
    channel: Channel | None = None
    over: bool = False


class OneShotLink:
    """A connection for each command (`unix:`): connect, write, read one reply, close.

    A connection that is reset before any reply is tried once more.
    """

    def __init__(
        self, network: Network, url: str, timers: Timers, timeout: float, timed_out: TimedOut = unobserved
    ) -> None:
        self._network, self._url, self._timers, self._timeout = network, url, timers, timeout
        self._timed_out = timed_out
        self._calls: list[_Call] = []

    def request(self, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send one command over a connection of its own."""
        call = _Call(command, replied, self._timers.start(self._timeout, lambda: self._silent(call)))
        self._calls.append(call)
        self._open(call)

    def close(self) -> None:
        """Close all connections; requests under way end with None."""
        for call in tuple(self._calls):
            self._end(call, None)

    def _open(self, call: _Call) -> None:
        if call.channel is not None:
            call.channel.close()
        try:
            call.channel = self._network.connect(self._url, lambda data: self._receive(call, data))
            call.channel.send(call.command + b"\n")
        except OSError:
            self._timers.start(0, lambda: self._end(call, None))

    def _receive(self, call: _Call, data: bytes) -> None:
        if call.over:
            return
        call.data += data
        if b"\n" in call.data or (not data and call.data):
            self._end(call, call.data.partition(b"\n")[0])
        elif not data and call.again:
            call.again = False
            self._open(call)
        elif not data:
            self._end(call, None)

    def _silent(self, call: _Call) -> None:
        self._timed_out()
        self._end(call, None)

    def _end(self, call: _Call, reply: bytes | None) -> None:
        if call.over:
            return
        call.over = True
        call.timer.cancel()
        self._calls.remove(call)
        if call.channel is not None:
            call.channel.close()
        call.replied(reply)
