"""event_datagram: tells external listeners of events, in datagrams (event_datagram manual)."""

from __future__ import annotations

import json

from relayscript.interpreter.declaration import Module
from relayscript.interpreter.events import Params

SCHEMES = ("udp", "unix")


class EventDatagram(Module):
    """Sends each event as a JSON-RPC 2.0 notification to `udp:host:port` or `unix:path`."""

    name = "event_datagram"

    def start(self) -> None:
        """Be there for those who subscribe."""
        for scheme in SCHEMES:
            self.runtime.events.transports[scheme] = self.tell

    def tell(self, socket: str, name: str, params: Params) -> None:
        """Send one notification."""
        self.runtime.host.emit(socket, notification(name, params))


def notification(name: str, params: Params) -> bytes:
    """The event as a JSON-RPC notification; parameters that have numbers for names are an array."""
    numbered = bool(params) and all(key == str(number) for number, key in enumerate(params, 1))
    told = list(params.values()) if numbered else params
    text = json.dumps({"jsonrpc": "2.0", "method": name, "params": told}, ensure_ascii=False)
    return text.encode("latin-1", "replace")
