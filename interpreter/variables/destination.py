"""The next hop: `$du` and its parts, and `$ds`, the set of all destinations."""

from __future__ import annotations

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Value, text_of
from relayscript.interpreter.variables import uris
from relayscript.interpreter.variables.request_uri import port_text
from relayscript.sip.uri import Uri


class DestinationVariables(Module):
    """Where the request goes instead of its URI; NULL while unset."""

    name = "core"

    @variable("du", "duri")
    def du(self, context: Context) -> Value:
        """The URI of the next hop (outbound proxy)."""
        return context.branch.duri

    @du.setter
    def _set_du(self, context: Context, op: str, value: Value) -> bool:
        if value is None:
            context.branch.duri = None
            return True
        text = text_of(value)
        if not text:
            return False
        context.branch.duri = text
        return True

    @variable("dd")
    def domain(self, context: Context) -> Value:
        """Its host."""
        return uris.host(next_hop(context))

    @domain.setter
    def _set_domain(self, context: Context, op: str, value: Value) -> bool:
        uri, text = next_hop(context), text_of(value)
        if uri is None or not text:
            return False
        context.branch.duri = uris.with_host(uri, text)
        return True

    @variable("dp")
    def port(self, context: Context) -> Value:
        """Its port; the default of the transport, as an int, if the URI has none."""
        return uris.port(next_hop(context))

    @port.setter
    def _set_port(self, context: Context, op: str, value: Value) -> bool:
        uri = next_hop(context)
        if uri is None:
            return False
        context.branch.duri = uris.compose(uri, port=port_text(value))
        return True

    @variable("dP")
    def protocol(self, context: Context) -> Value:
        """Its transport."""
        return uris.protocol(next_hop(context))

    @variable("ds")
    def destination_set(self, context: Context) -> Value:
        """The rewritten request URI and the added branches as a Contact header; NULL if there is neither."""
        if not context.message.is_request:
            return None
        changed = context.branch.uri != context.message.uri
        branches = [*([context.branch] if changed else []), *context.branches]
        return f"Contact: {', '.join(map(_contact, branches))}" if branches else None


def next_hop(context: Context) -> Uri | None:
    """`$du`, parsed; None if it is unset or does not parse."""
    duri = context.branch.duri
    return None if duri is None else uris.parsed(duri)


def q_text(q: int) -> str:
    """A q value (thousandths) as text: `0.5`; empty if unspecified."""
    return "" if q < 0 else f"{q // 1000}.{q % 1000:03d}".rstrip("0").rstrip(".")


def _contact(branch: Branch) -> str:
    q = f";q={q_text(branch.q)}" if branch.q >= 0 else ""
    return f"<{branch.uri}>{q}"
