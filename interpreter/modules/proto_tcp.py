"""proto_tcp: SIP over TCP (proto_tcp module documentation)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, Parameter


class ProtoTcp(Module):
    """TCP listeners are served; a CRLF CRLF is answered unless `tcp_crlf_pingpong` is 0 or `tcp_crlf_drop` set."""

    name = "proto_tcp"
    parameters = (
        Parameter("tcp_async", 1),
        Parameter("tcp_async_local_write_timeout", 10),
        Parameter("tcp_async_max_postponed_chunks", 32),
        Parameter("tcp_crlf_drop", 0),
        Parameter("tcp_crlf_pingpong", 1),
        Parameter("tcp_max_msg_chunks", 4),
        Parameter("tcp_port", 5060),
        Parameter("tcp_send_timeout", 100),
        Parameter("trace_destination"),
        Parameter("trace_filter_route"),
        Parameter("trace_on", 0),
    )
