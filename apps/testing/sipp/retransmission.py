"""Sends a message again and again until an answer comes (RFC 3261 17.1.1.2, 17.1.2.2, as SIPp does it)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.sip.timers import Timer, Timers

T2 = 4.0
"""The longest interval between requests other than INVITE, in seconds."""

MOST_INVITES = 5
MOST_OTHERS = 9
"""How often a message is sent again before the call fails."""


class Retransmission:
    """Sends one message at a time again. `failed` is called with how often it was sent when nobody answers."""

    def __init__(self, timers: Timers, failed: Callable[[int], None]) -> None:
        self._timers = timers
        self._failed = failed
        self._timer: Timer | None = None

    @property
    def is_active(self) -> bool:
        """A message waits for its answer."""
        return self._timer is not None

    def start(self, seconds: float, is_invite: bool, send: Callable[[], object]) -> None:
        """Send after so many seconds, then after twice as many, and so on."""
        self._again(seconds, is_invite, send, 1)

    def stop(self) -> None:
        """The answer came, or nobody waits for it any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self, seconds: float, is_invite: bool, send: Callable[[], object], times: int) -> None:
        def fired() -> None:
            self._timer = None
            if times > (MOST_INVITES if is_invite else MOST_OTHERS):
                self._failed(times)
                return
            send()
            self._again(seconds * 2 if is_invite else min(seconds * 2, T2), is_invite, send, times + 1)

        self._timer = self._timers.start(seconds, fired)
