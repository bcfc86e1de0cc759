"""Commands over datagrams: each carries a cookie, and is repeated until answered (reference 5.1, 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relayscript.engines.contract import Channel, Network
from relayscript.engines.link import Replied, TimedOut, unobserved
from relayscript.sip.timers import Timer, Timers


@dataclass(slots=True)
class _Pending:
    datagram: bytes
    replied: Replied
    left: int
    timer: Timer


class CookieLink:
    """Requests by cookie: replies may come in any order, late or twice; foreign ones are ignored.

    Only silence after the last attempt counts as failure. The channel is opened by the first request.
    """

    def __init__(
        self,
        network: Network,
        url: str,
        timers: Timers,
        cookie: Callable[[], str],
        timeout: float,
        attempts: int,
        timed_out: TimedOut = unobserved,
    ) -> None:
        self._network, self._url, self._timers, self._cookie = network, url, timers, cookie
        self._timeout, self._attempts, self._timed_out = timeout, max(attempts, 1), timed_out
        self._pending: dict[bytes, _Pending] = {}
        self._channel: Channel | None = None

    def request(self, command: bytes, replied: Replied, attempts: int | None = None) -> None:
        """Send with a fresh cookie, up to `attempts` times, waiting `timeout` seconds after each."""
        cookie = self._cookie().encode("latin-1")
        timer = self._timers.start(self._timeout, lambda: self._silent(cookie))
        datagram = cookie + b" " + command
        self._pending[cookie] = _Pending(datagram, replied, (attempts or self._attempts) - 1, timer)
        self._send(datagram)

    def close(self) -> None:
        """Close the channel; requests under way end with None."""
        pending, self._pending = self._pending, {}
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        for each in pending.values():
            each.timer.cancel()
            each.replied(None)

    def receive(self, data: bytes) -> None:
        """A datagram from the node."""
        cookie, _, reply = data.partition(b" ")
        if (found := self._pending.pop(cookie, None)) is not None:
            found.timer.cancel()
            found.replied(reply)

    def _send(self, datagram: bytes) -> None:
        try:
            if self._channel is None:
                self._channel = self._network.connect(self._url, self.receive)
            self._channel.send(datagram)
        except OSError:
            return  # the timer notices

    def _silent(self, cookie: bytes) -> None:
        self._timed_out()
        pending = self._pending[cookie]
        if pending.left > 0:
            pending.left -= 1
            pending.timer = self._timers.start(self._timeout, lambda: self._silent(cookie))
            self._send(pending.datagram)
            return
        del self._pending[cookie]
        pending.replied(None)
