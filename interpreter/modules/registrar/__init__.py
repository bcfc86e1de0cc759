"""Module registrar: takes registrations and finds registered users (registrar manual; RFC 3261 10)."""

from __future__ import annotations

from relayscript.interpreter.modules.registrar.asking import Asking
from relayscript.interpreter.modules.registrar.looking import Looking
from relayscript.interpreter.modules.registrar.saving import Saving


class Registrar(Saving, Looking, Asking):
    """The registrar of one running script."""

    name = "registrar"
    requires = ("usrloc", "signaling")
