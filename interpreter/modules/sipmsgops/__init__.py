"""Module sipmsgops: operations on SIP messages (sipmsgops manual)."""

from __future__ import annotations

import json

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.sipmsgops.bodies import BodyFunctions
from relayscript.interpreter.modules.sipmsgops.codecs import CodecFunctions
from relayscript.interpreter.modules.sipmsgops.headers import HeaderFunctions, name_at
from relayscript.interpreter.modules.sipmsgops.lists import ListFunctions
from relayscript.interpreter.modules.sipmsgops.uris import UriFunctions
from relayscript.interpreter.modules.sipmsgops.validation import ValidationFunctions


class Sipmsgops(HeaderFunctions, ListFunctions, UriFunctions, BodyFunctions, CodecFunctions, ValidationFunctions):
    """Asks about messages and edits them."""

    name = "sipmsgops"

    @function()
    def sip_to_json(self, context: Context, target: Reference) -> int:
        """Write the message as JSON: first line, headers (a list of values per name) and body: 1 or -1."""
        message = context.message
        headers: dict[str, list[str]] = {}
        for index in range(len(message.lines)):
            headers.setdefault(name_at(context, index), []).append(message.value(index))
        made = {"first_line": message.first_line, "headers": headers, "body": message.body}
        return 1 if target.set(json.dumps(made)) else -1
