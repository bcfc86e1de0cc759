"""Module rtp_relay: binds a call to a media relay and follows it until the call ends."""

from __future__ import annotations

from relayscript.interpreter.modules.rtp_relay.copying import Copying
from relayscript.interpreter.modules.rtp_relay.engaging import Engaging
from relayscript.interpreter.modules.rtp_relay.management import RelayCommands
from relayscript.interpreter.modules.rtp_relay.variables import RelayVariables

__all__ = ["RtpRelay"]


class RtpRelay(Engaging, RelayVariables, RelayCommands, Copying):
    """The relay of calls (rtp_relay manual)."""

    name = "rtp_relay"
    requires = ("tm",)
