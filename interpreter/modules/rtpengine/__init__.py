"""Module rtpengine: media relays of that name (rtp-relay.md 6 and 10)."""

from __future__ import annotations

from relayscript.interpreter.modules.rtpengine.playing import Playing
from relayscript.interpreter.modules.rtpengine.variables import RtpengineVariables

__all__ = ["Rtpengine"]


class Rtpengine(Playing, RtpengineVariables):
    """Relays through rtpengine daemons."""

    name = "rtpengine"
