"""Messages as they leave: our Via on top of a request, the top Via taken off a reply; stateless forwarding."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.destination import Unreachable, choose_listener, look_up, next_hop
from relayscript.interpreter.hops import stateless_token
from relayscript.sip.errors import SipError
from relayscript.sip.message import Changes, Message
from relayscript.sip.response import relay_destination
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

ADVERTISED = "core.advertised"
"""Where a run keeps the host and port that its messages advertise (`context.local`)."""


def stamp_via(message: Message, changes: Changes, via_flags: set[str]) -> None:
    """Queue `received` and `rport` for the sender's Via (RFC 3261 18.2.1) if it goes on, once for all branches."""
    if "via" in message.keys:
        mark = message.received_via(force_rport="force-rport" in via_flags)
        if mark is not None and mark[0] not in changes.removed:
            changes.replaced.setdefault(mark[0], mark[1])


def render_request(context: Context, destination: Branch, listener: Listener, token: str) -> str:
    """The request of a run as it goes out: first line, our Via, the queued edits, the Path as Route."""
    message, changes = context.message, context.changes
    if ADVERTISED in context.local:
        listener = advertised(listener, *context.local[ADVERTISED])
    rport = ";rport" if "add-local-rport" in context.via_flags else ""
    via = f"Via: SIP/2.0/{listener.protocol.upper()} {listener.sent_by};branch={token}{rport}"
    top: tuple[str, ...] = (via, f"Route: {destination.path}") if destination.path else (via,)
    if changes.top:
        top = (*(line for make in changes.top for line in make(listener)), *top)
    return message.render(f"{message.method} {destination.uri} SIP/2.0", changes, top)


def advertised(listener: Listener, host: str, port: str) -> Listener:
    """A socket as it is called for one message: with that host and port, if they are not empty."""
    return replace(
        listener, advertised_host=host or listener.advertised_host,
        advertised_port=int(port) if port.isdecimal() else listener.advertised_port,
    )  # fmt: skip


def render_reply(context: Context, first_line: str) -> str:
    """A reply as it goes on towards the caller: without our Via (RFC 3261 16.7 step 3), with the queued edits."""
    message, changes = context.message, context.changes
    index, line = message.popped_via()
    if line is None:
        changes.removed.add(index)
    else:
        changes.replaced[index] = line
    return message.render(first_line, changes)


def forward(context: Context, destination: str | None = None) -> int:
    """Forward the request statelessly, to `[proto:]host[:port]` or where `$du` or the R-URI lead: 1 or < 0."""
    branch = context.branch
    if destination:
        branch = branch.copy()
        branch.duri = as_uri(destination)
    try:
        listener, address = next_hop(context.runtime, branch, context.message.listener, context)
    except Unreachable as reason:
        context.runtime.warn_at(f"forward: {reason}", level=-1)
        return -1
    stamp_via(context.message, context.changes, context.via_flags | _connection_flags(context.message))
    text = render_request(context, context.branch, listener, stateless_token(context.message))
    context.runtime.send(listener, address, text)
    context.runtime.count("core:fwd_requests")
    return 1


def _connection_flags(message: Message) -> set[str]:
    """Without a transaction only the port in the Via leads a reply back to the connection of its request."""
    return {"force-rport"} if message.listener is not None and message.listener.protocol != "udp" else set()


def as_uri(destination: str) -> str:
    """The URI that `[proto:]host[:port]` means."""
    if destination.startswith(("sip:", "sips:")):
        return destination
    protocol, mark, rest = destination.partition(":")
    if mark and protocol in ("udp", "tcp", "tls", "ws", "wss", "sctp"):
        return f"sip:{rest};transport={protocol}"
    return f"sip:{destination}"


def send_reply(
    runtime: Runtime, listener: Listener, destination: Address, data: bytes, flags: Container[str]
) -> None:
    """Send a reply, encoded already; with the flag `tcp_no_new_conn_rplflag` only over a connection there is."""
    if runtime.globals.tcp_no_new_conn_rplflag not in flags or listener.protocol == "udp":
        runtime.send_data(listener, destination, data)
        return

    def looked(is_there: bool) -> None:
        if is_there:
            runtime.send_data(listener, destination, data)

    runtime.host.reach(listener, destination, looked, connect=False)


def forward_reply(context: Context) -> None:
    """Pass on a reply that no transaction knows, by the Via below ours (RFC 3261 16.11), over its transport."""
    message, listener = context.message, context.message.listener
    below = message.vias()[1:]
    if not below or listener is None:
        raise SipError("stray-reply", "a reply that is for us, and that nothing here waits for")
    host, port = relay_destination(below[0])
    try:
        found = look_up(context.runtime, host)[0]
        listener = choose_listener(context.runtime, below[0].transport.lower(), found, None, listener)
    except Unreachable as reason:
        raise SipError("stray-reply", str(reason)) from None
    data = render_reply(context, message.first_line).encode("latin-1")
    send_reply(context.runtime, listener, (found, port), data, context.flags)
    context.runtime.count("core:fwd_replies")
