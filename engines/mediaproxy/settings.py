"""What a script sets for mediaproxy (reference 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaproxySettings:
    """The module's parameters under their own names; `mediaproxy_timeout` is in milliseconds.

    `ice_candidate` is `none`, `low-priority` or `high-priority`.
    """

    mediaproxy_socket: str = "/run/mediaproxy/dispatcher.sock"
    mediaproxy_timeout: int = 500
    ice_candidate: str = "none"
