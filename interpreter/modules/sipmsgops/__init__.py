"""Module sipmsgops: operations on SIP messages (sipmsgops manual)."""

from __future__ import annotations

from relayscript.interpreter.modules.sipmsgops.headers import HeaderFunctions


class Sipmsgops(HeaderFunctions):
    """Asks about messages and edits them."""

    name = "sipmsgops"
