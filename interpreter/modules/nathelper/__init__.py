"""Module nathelper: phones behind NAT (nathelper manual)."""

from __future__ import annotations

from relayscript.dsl.variable import parse_variable
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import NOWHERE
from relayscript.interpreter.modules.nathelper.contact import ContactFunctions, source_uri
from relayscript.interpreter.modules.nathelper.detection import DetectionFunctions
from relayscript.interpreter.modules.nathelper.pinging import Pinging
from relayscript.interpreter.modules.nathelper.sdp import SdpFunctions


class Nathelper(ContactFunctions, SdpFunctions, DetectionFunctions, Pinging):
    """Finds phones behind NAT, and makes their messages lead back to them."""

    name = "nathelper"

    @function()
    def fix_nated_register(self, context: Context) -> int:
        """Leave the source address for registrar in the variable `received_avp`: 1; -1 if that is not set."""
        text = self.settings["received_avp"]
        if not text:
            context.log(-1, "fix_nated_register: the parameter received_avp is not set")
            return -1
        write = self.runtime.registry.writer(parse_variable(text, NOWHERE))
        return 1 if write(context, "=", source_uri(context.message)) else -1
