"""proto_wss: SIP over secure WebSocket (proto_wss module documentation, RFC 7118)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, Parameter


class ProtoWss(Module):
    """WebSocket listeners over TLS are served with the domains of module tls_mgm.

    Handshakes take at most `..._handshake_timeout` milliseconds; unless set, as long as one message may.
    """

    name = "proto_wss"
    requires = ("tls_mgm",)
    parameters = (
        Parameter("cert_check_on_conn_reusage", 0),
        Parameter("require_origin", 1),
        Parameter("trace_destination"),
        Parameter("trace_filter_route"),
        Parameter("trace_on", 0),
        Parameter("wss_handshake_timeout"),
        Parameter("wss_max_msg_chunks", 4),
        Parameter("wss_port", 443),
        Parameter("wss_resource", "/"),
        Parameter("wss_send_timeout", 100),
        Parameter("wss_tls_handshake_timeout"),
    )
