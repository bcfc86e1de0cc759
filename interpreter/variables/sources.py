"""Where the message came from and which sockets of ours carry it: `$si`, `$socket_in`, `$socket_out`."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Named, Value, ascii_lower, text_of
from relayscript.sip.transport import Listener, bracketed

FIELDS = ("ip", "port", "proto", "advertised_ip", "advertised_port", "tag", "anycast", "af")
"""What `$socket_in(...)` knows; `$socket_out` also has `forced`."""


class SourceVariables(Module):
    """The sender."""

    name = "core"

    @variable("si", "src_ip")
    def source_ip(self, context: Context) -> Value:
        """The IP address the message came from."""
        return context.message.source[0]

    @variable("sp")
    def source_port(self, context: Context) -> Value:
        """The port it came from."""
        return context.message.source[1]

    @variable("proxy_protocol", parameter="required")
    def proxy_protocol(self, context: Context, field: str) -> Value:
        """The addresses a PROXY protocol header gave; NULL, no socket of ours takes one."""
        return None


class SocketVariables(Module):
    """Our sockets: the receiving one, and the one to send from."""

    name = "core"

    @variable("socket_in", parameter="optional")
    def socket_in(self, context: Context, field: str | None) -> Value:
        """The receiving socket, `proto:ip:port`, or one field of it."""
        return _shown(context.message.listener, field)

    @variable("socket_out", parameter="optional")
    def socket_out(self, context: Context, field: str | None) -> Value:
        """The sending socket: the forced one, else the receiving one; `forced` is NULL unless one is."""
        forced = context.branch.socket
        if field == "forced":
            return str(forced) if forced is not None else None
        return _shown(forced or context.message.listener, field)

    @socket_out.setter
    def _set_socket_out(self, context: Context, field: str | None, op: str, value: Value) -> bool:
        """`proto:ip:port` or a tag; one that is not ours is a warning and no failure. NULL resets."""
        if field is not None:
            return False
        if value is None:
            context.branch.socket = None
            return True
        text = text_of(value)
        if text is None:
            return False
        found = find_socket(self.runtime.listeners, text)
        if found is None:
            context.log(1, f"no socket of ours is {text!r}; the sending socket stays as it is")
            return True
        context.branch.socket = found
        return True


def find_socket(listeners: tuple[Listener, ...], text: str) -> Listener | None:
    """The socket named by `[proto:]ip[:port]` or by its tag; None if there is none."""
    wanted = ascii_lower(text)
    for listener in listeners:
        host = bracketed(listener.host)
        names = (
            str(listener), f"{host}:{listener.port}", f"{listener.protocol}:{host}", listener.host, host,
            f"{listener.protocol}:{listener.advertised_host}:{listener.advertised_port}",
        )  # fmt: skip
        if text and (text == listener.tag or wanted in map(ascii_lower, names)):
            return listener
    return None


def _shown(listener: Listener | None, field: str | None) -> Value:
    if listener is None:
        return None
    match field:
        case None:
            return str(listener)
        case "ip":
            return listener.host
        case "port":
            return listener.port
        case "proto":
            return listener.protocol
        case "advertised_ip":
            return listener.advertised_host or None
        case "advertised_port":
            return listener.advertised_port or None
        case "tag":
            return listener.tag or None
        case "anycast":
            return Named(0, None)
        case "af":
            return "INET6" if ":" in listener.host else "INET"
    return None
