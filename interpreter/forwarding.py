"""Messages as they leave: our Via on top of a request, the top Via taken off a reply; stateless forwarding."""

from __future__ import annotations

from hashlib import md5

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.sip.errors import SipError
from relayscript.sip.message import Changes, Message
from relayscript.sip.response import relay_destination
from relayscript.sip.transport import Listener


def render_request(context: Context, destination: Branch, listener: Listener, token: str) -> str:
    """The request of a run as it goes out: first line, our Via, the queued edits, the Path as Route."""
    message, changes = context.message, context.changes
    rport = ";rport" if "add-local-rport" in context.via_flags else ""
    via = f"Via: SIP/2.0/{listener.protocol.upper()} {listener.sent_by};branch={token}{rport}"
    mark = None
    if "via" in message.keys:
        mark = message.received_via(force_rport="force-rport" in context.via_flags)
    if mark is not None or destination.path:
        changes = changes.copy()
        if mark is not None:
            changes.replaced.setdefault(mark[0], mark[1])
        if destination.path:
            changes.first.append(f"Route: {destination.path}")
    top = (*(line for make in changes.top for line in make(listener)), via) if changes.top else (via,)
    return message.render(f"{message.method} {destination.uri} SIP/2.0", changes, top)


def render_reply(context: Context, first_line: str) -> str:
    """A reply as it goes on towards the caller: without our Via, with the queued edits."""
    return context.message.render(first_line, without_top_via(context.message, context.changes))


def without_top_via(message: Message, changes: Changes) -> Changes:
    """The edits, with the topmost Via value taken off as well (RFC 3261 16.7 step 3)."""
    changes = changes.copy()
    index, line = message.popped_via()
    if line is None:
        changes.removed.add(index)
    else:
        changes.replaced[index] = line
    return changes


def stateless_token(message: Message) -> str:
    """A branch that is the same for each retransmission of a request (RFC 3261 16.11)."""
    known = message.top_via.branch or f"{message.call_id}{message.cseq[0]}{message.from_tag}"
    return f"z9hG4bK{md5(f'{known} {message.uri}'.encode('latin-1')).hexdigest()[:16]}"


def forward(context: Context, destination: str | None = None) -> int:
    """Forward the request statelessly, to `[proto:]host[:port]` or where `$du` or the R-URI lead: 1 or < 0."""
    branch = context.branch
    if destination:
        branch = branch.copy()
        branch.duri = as_uri(destination)
    try:
        listener, address = next_hop(context.runtime, branch, context.message.listener)
    except Unreachable as reason:
        context.runtime.warn_at(f"forward: {reason}", level=-1)
        return -1
    text = render_request(context, context.branch, listener, stateless_token(context.message))
    context.runtime.send(listener, address, text)
    return 1


def as_uri(destination: str) -> str:
    """The URI that `[proto:]host[:port]` means."""
    if destination.startswith(("sip:", "sips:")):
        return destination
    protocol, mark, rest = destination.partition(":")
    if mark and protocol in ("udp", "tcp", "tls", "ws", "wss", "sctp"):
        return f"sip:{rest};transport={protocol}"
    return f"sip:{destination}"


def forward_reply(context: Context) -> None:
    """Pass on a reply that no transaction knows, by the Via below ours (RFC 3261 16.11)."""
    message, listener = context.message, context.message.listener
    below = message.vias()[1:]
    if not below or listener is None:
        raise SipError("stray-reply", "a reply that is for us, and that nothing here waits for")
    context.runtime.send(listener, relay_destination(below[0]), render_reply(context, message.first_line))
