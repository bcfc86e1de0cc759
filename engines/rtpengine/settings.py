"""What a script sets for rtpengine (reference 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RtpengineSettings:
    """The module's parameters under their own names; times in seconds.

    `rtpengine_sock` and `extra_failover_error` have one entry per occurrence of the parameter.
    """

    rtpengine_sock: tuple[str, ...]
    rtpengine_disable_tout: float = 60.0
    rtpengine_tout: float = 1.0
    rtpengine_retr: int = 5
    rtpengine_timer_interval: float = 5.0
    extra_failover_error: tuple[str, ...] = ()
    ping_enabled: bool = False
    default_set: int = 0
