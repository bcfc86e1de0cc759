"""What a script sets for rtpproxy (reference 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RtpproxySettings:
    """The module's parameters under their own names; times in seconds.

    `rtpproxy_sock` has one entry per occurrence of the parameter, `nortpproxy_str` no line end.
    """

    rtpproxy_sock: tuple[str, ...]
    rtpproxy_disable_tout: float = 60.0
    rtpproxy_timeout: float = 1.0
    rtpproxy_retr: int = 5
    rtpproxy_autobridge: bool = False
    default_set: int = 0
    nortpproxy_str: str = "a=nortpproxy:yes"
    rtpp_notify_socket: str = ""
    generated_sdp_port_min: int = 35000
    generated_sdp_port_max: int = 65000
    generated_sdp_media_ip: str = "127.0.0.1"
