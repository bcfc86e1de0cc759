"""proto_ws: SIP over WebSocket (proto_ws module documentation, RFC 7118)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, Parameter


class ProtoWs(Module):
    """WebSocket listeners are served at `ws_resource`; `require_origin` 0 admits clients without an Origin.

    Handshakes take at most `..._handshake_timeout` milliseconds; unless set, as long as one message may.
    """

    name = "proto_ws"
    parameters = (
        Parameter("require_origin", 1),
        Parameter("trace_destination"),
        Parameter("trace_filter_route"),
        Parameter("trace_on", 0),
        Parameter("ws_handshake_timeout"),
        Parameter("ws_max_msg_chunks", 4),
        Parameter("ws_port", 80),
        Parameter("ws_resource", "/"),
        Parameter("ws_send_timeout", 100),
    )
