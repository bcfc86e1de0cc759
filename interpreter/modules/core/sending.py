"""Functions about sockets and sending: stateless forwarding, Via handling, our own addresses (language.md 6)."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.dsl.visitor import literals, walk
from relayscript.interpreter import forwarding
from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.interpreter.forwarding import ADVERTISED
from relayscript.interpreter.variables.message import received_text
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.locating import is_ip
from relayscript.sip.transport import DEFAULT_PORTS

VIA_HANDLING = ("force-rport", "add-local-rport", "reply-to-via", "force-tcp-alias")


class SendingFunctions(Module):
    """Where messages go and what they say of us."""

    name = "core"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """A socket that is named as it stands has to be one of ours; Via flags have to be known; without
        stateless forwarding, `forward()` is an error."""
        yield from self._unknown_sockets(script)
        for call, words in literals(script, "set_via_handling"):
            if unknown := _unknown_flag(words.value):
                text = f"{call.name}(): unknown flag {unknown!r}"
                yield Diagnostic(Severity.ERROR, "RS330", text, words.span)
        if self.runtime.globals.disable_stateless_fwd > 0:
            for node in walk(script):
                if isinstance(node, nodes.Call) and node.name == "forward":
                    text = "forward() cannot be used: disable_stateless_fwd is set"
                    yield Diagnostic(Severity.ERROR, "RS330", text, node.span)

    def _unknown_sockets(self, script: nodes.Script) -> Iterable[Diagnostic]:
        listeners = self.runtime.listeners
        if not all(is_ip(each.host) for each in listeners):
            return
        for call, name in literals(script, "force_send_socket"):
            if find_socket(listeners, name.value) is None:
                text = f"{call.name}(): no socket of this script is {name.value!r}"
                yield Diagnostic(Severity.ERROR, "RS330", text, name.span)

    @function(waits=True)
    def forward(self, context: Context, destination: str | None = None) -> int:
        """Forward the request statelessly, to `[proto:]host[:port]` or where `$du` or the request URI lead."""
        return forwarding.forward(context, destination)

    @function(waits=True)
    def send(self, context: Context, destination: str, headers: str | None = None) -> int:
        """Send the received bytes, with header lines put behind the first line if any are given."""
        target = Branch(forwarding.as_uri(destination))
        try:
            listener, address = next_hop(self.runtime, target, context.message.listener, context)
        except Unreachable as reason:
            context.log(-1, f"send: {reason}")
            return -1
        text = received_text(context)
        if headers:
            first, end, rest = text.partition("\n")
            text = f"{first}{end}{headers.rstrip()}\r\n{rest}"
        self.runtime.send(listener, address, text)
        return 1

    # ---- Via

    @function()
    def force_rport(self, context: Context) -> int:
        """Send replies back to the port the request came from, as if `rport` were asked for (RFC 3581)."""
        context.via_flags.add("force-rport")
        return 1

    @function()
    def add_local_rport(self, context: Context) -> int:
        """Ask the next hop for `rport`."""
        context.via_flags.add("add-local-rport")
        return 1

    @function()
    def set_via_handling(self, context: Context, names: str) -> int:
        """Any of `force-rport`, `add-local-rport`, `reply-to-via`, `force-tcp-alias`, comma separated."""
        if unknown := _unknown_flag(names):
            context.log(-1, f"set_via_handling: unknown flag {unknown!r}")
            return -1
        wanted = _flags(names)
        context.via_flags.update(wanted)
        if "force-tcp-alias" in wanted:
            self._alias(context, None)
        return 1

    @function()
    def force_tcp_alias(self, context: Context, port: int | None = None) -> int:
        """Reach that port of the sender, else the one its Via names, over this connection too (RFC 5923)."""
        context.via_flags.add("force-tcp-alias")
        self._alias(context, port)
        return 1

    def _alias(self, context: Context, port: int | None) -> None:
        message, listener = context.message, context.message.listener
        if listener is not None and listener.protocol != "udp" and message.is_request:
            chosen = port or message.top_via.port or DEFAULT_PORTS.get(listener.protocol, 5060)
            self.runtime.host.alias(listener, message.source, chosen)

    @function()
    def tcp_close_conn(self, context: Context, connection: str) -> int:
        """Close the connection with that ID: 1; -1 if there is none."""
        found = [each.number for each in self.runtime.host.connections() if str(each.number) == connection]
        for number in found:
            self.runtime.host.close_connection(number)
        return 1 if found else -1

    # ---- sockets

    @function()
    def force_send_socket(self, context: Context, socket: str) -> int:
        """Send from this socket (`proto:ip:port`, or its tag); -1 if it is not ours."""
        found = find_socket(self.runtime.listeners, socket)
        if found is None:
            context.log(1, f"force_send_socket: no socket of ours is {socket!r}")
            return -1
        context.branch.socket = found
        return 1

    @function()
    def socket_belongs_to_bond(self, context: Context, socket: str, bond: str) -> int:
        """1 if a socket is a member of a bond."""
        wanted = find_socket(self.runtime.listeners, socket)
        for item in self.runtime.script.items:
            if isinstance(item, nodes.Socket) and item.members and item.endpoint.host == bond:
                found = {find_socket(self.runtime.listeners, member.value) for member in item.members}
                return 1 if wanted is not None and wanted in found else -1
        return -1

    @function()
    def set_advertised_address(self, context: Context, host: str) -> int:
        """The host that messages of this run give as ours."""
        known = context.local.get(ADVERTISED, ("", ""))
        context.local[ADVERTISED] = (host, known[1])
        return 1

    @function()
    def set_advertised_port(self, context: Context, port: str) -> int:
        """The port that messages of this run give as ours."""
        known = context.local.get(ADVERTISED, ("", ""))
        context.local[ADVERTISED] = (known[0], port)
        return 1

    @function()
    def is_myself(self, context: Context, host: str, port: int | None = None) -> int:
        """1 if a host (and port) is one of our sockets or aliases."""
        return 1 if self.runtime.is_myself(host, port or 0) else -1


def _flags(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _unknown_flag(names: str) -> str:
    """The first flag that is none; empty if all are known."""
    return next((name for name in _flags(names) if name not in VIA_HANDLING), "")
