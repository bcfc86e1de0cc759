"""Module rtpproxy: media relays of that name (rtp-relay.md 5 and 10)."""

from __future__ import annotations

from relayscript.interpreter.modules.rtpproxy.offering import Offering
from relayscript.interpreter.modules.rtpproxy.playing import Playing

__all__ = ["Rtpproxy"]


class Rtpproxy(Offering, Playing):
    """Relays through rtpproxy daemons, or the one inside this process (`rtp.io:auto`)."""

    name = "rtpproxy"
