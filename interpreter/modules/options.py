"""Module options: answers OPTIONS that ask about this server (options manual; RFC 3261 11)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.modules.signaling import Signaling
from relayscript.interpreter.modules.sl import queue_reply_headers
from relayscript.sip.errors import SipError
from relayscript.sip.uri import parse_uri

HEADERS = {
    "accept": "Accept", "accept_encoding": "Accept-Encoding", "accept_language": "Accept-Language",
    "support": "Supported",
}  # fmt: skip


class Options(Module):
    """Says what the server can do."""

    name = "options"
    requires = ("signaling",)
    parameters = (
        Parameter("accept", "*/*"), Parameter("accept_encoding", ""), Parameter("accept_language", "en"),
        Parameter("support", ""),
    )  # fmt: skip

    @function()
    def options_reply(self, context: Context) -> int:
        """Answer an OPTIONS whose R-URI has no user with our capabilities: 0, the script is done;
        -1 for any other request."""
        signaling = self.runtime.module(Signaling)
        if context.message.method != "OPTIONS" or _user(context.branch.uri) != "" or signaling is None:
            return -1
        lines = "".join(f"{name}: {self.settings[key]}\r\n" for key, name in HEADERS.items() if self.settings[key])
        queue_reply_headers(context, lines)
        return 0 if signaling.reply(context, 200, "OK") == 1 else -1


def _user(uri: str) -> str | None:
    try:
        return parse_uri(uri).user
    except SipError:
        return None
