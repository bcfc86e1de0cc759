"""proto_tls: SIP over TLS (proto_tls module documentation)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, Parameter


class ProtoTls(Module):
    """TLS listeners are served with the domains of module tls_mgm.

    Handshakes take at most `..._handshake_timeout` milliseconds; unless set, as long as one message may.
    """

    name = "proto_tls"
    requires = ("tls_mgm",)
    parameters = (
        Parameter("cert_check_on_conn_reusage", 0),
        Parameter("tls_async", 1),
        Parameter("tls_async_max_postponed_chunks", 32),
        Parameter("tls_crlf_drop", 0),
        Parameter("tls_crlf_pingpong", 1),
        Parameter("tls_handshake_timeout"),
        Parameter("tls_max_msg_chunks", 4),
        Parameter("tls_port", 5061),
        Parameter("tls_send_timeout", 100),
        Parameter("trace_destination"),
        Parameter("trace_filter_route"),
        Parameter("trace_on", 0),
    )
