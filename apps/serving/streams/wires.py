"""Which wire a connection gets: by its listener's transport."""

from __future__ import annotations

from relayscript.apps.serving.streams.settings import StreamSettings
from relayscript.apps.serving.streams.tls import TlsContexts, TlsWire
from relayscript.apps.serving.streams.websocket import WebSocketWire
from relayscript.apps.serving.streams.wire import SipWire, Wire
from relayscript.sip.transport import Address, Listener, bracketed

SECURE = frozenset(("tls", "wss"))
WEB = frozenset(("ws", "wss"))


class Wires:
    """Makes the wires of a script's connections."""

    def __init__(self, settings: StreamSettings | None = None, contexts: TlsContexts | None = None) -> None:
        self.settings = settings or StreamSettings()
        self._contexts = contexts or TlsContexts()

    def prepare(self, listener: Listener) -> None:
        """Raises OSError if connections through the listener could not be secured as they should be."""
        if listener.protocol in SECURE:
            self._contexts.server(listener)

    def accepted(self, listener: Listener) -> Wire:
        """For a connection that a peer made."""
        inner = self._inner(listener, None)
        if listener.protocol not in SECURE:
            return inner
        return TlsWire(self._contexts.server(listener), inner, is_server=True)

    def made(self, listener: Listener, destination: Address) -> Wire:
        """For a connection that we make."""
        inner = self._inner(listener, destination)
        if listener.protocol not in SECURE:
            return inner
        return TlsWire(self._contexts.client(destination), inner, is_server=False)

    def _inner(self, listener: Listener, destination: Address | None) -> Wire:
        protocol, option = listener.protocol, self.settings.option
        if protocol in WEB:
            resource, origin = option(protocol, "resource"), option(protocol, "require_origin")
            host = f"{bracketed(destination[0])}:{destination[1]}" if destination else ""
            return WebSocketWire(host, str(resource or "/"), needs_origin=origin != 0)
        answers = option(protocol, "crlf_pingpong") != 0 and not option(protocol, "crlf_drop")
        return SipWire(answers)
