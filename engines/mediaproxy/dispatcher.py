"""The connection to a dispatcher: one request at a time, each answered by one line (reference 6.6)."""

from __future__ import annotations

from collections import deque

from relayscript.engines.contract import Channel, Network
from relayscript.engines.link import Replied, TimedOut, unobserved
from relayscript.sip.timers import Timer, Timers


class DispatcherLink:
    """Requests wait for each other. Silence or a lost connection ends them all; the next connects anew."""

    def __init__(
        self, network: Network, url: str, timers: Timers, timeout: float, timed_out: TimedOut = unobserved
    ) -> None:
        self._network, self._url, self._timers, self._timeout = network, url, timers, timeout
        self._timed_out = timed_out
        self._waiting: deque[tuple[bytes, Replied]] = deque()
        self._timer: Timer | None = None
        self._channel: Channel | None = None
        self._number = 0
        self._data = b""

    def request(self, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send a request as soon as those before it are answered; there is one attempt only."""
        self._waiting.append((command, replied))
        if len(self._waiting) == 1:
            self._send()

    def close(self) -> None:
        """Close the connection; requests under way end with None."""
        self._fail(self._number)

    def _send(self) -> None:
        number = self._number
        self._timer = self._timers.start(self._timeout, lambda: self._silent(number))
        try:
            if self._channel is None:
                self._channel = self._network.connect(self._url, lambda data: self._receive(number, data))
            self._channel.send(self._waiting[0][0])
        except OSError:
            self._timer.cancel()
            self._timer = self._timers.start(0, lambda: self._fail(number))

    def _silent(self, number: int) -> None:
        self._timed_out()
        self._fail(number)

    def _receive(self, number: int, data: bytes) -> None:
        if number != self._number:
            return
        if not data:
            self._fail(number)
            return
        self._data += data
        line, mark, rest = self._data.partition(b"\r\n")
        if not mark or not self._waiting:
            return
        self._data = rest
        _, replied = self._waiting.popleft()
        self._stop_timer()
        if self._waiting:
            self._send()
        replied(line)

    def _fail(self, number: int) -> None:
        if number != self._number:
            return
        waiting, self._waiting = self._waiting, deque()
        self._number += 1
        self._data = b""
        self._stop_timer()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        for _, replied in waiting:
            replied(None)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
