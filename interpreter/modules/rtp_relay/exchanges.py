"""The mapping rule: who wrote a body, for whom, and what is asked of the relay for it (rtp-relay.md 1)."""

from __future__ import annotations

from dataclasses import replace
from sys import intern
from typing import TYPE_CHECKING

from relayscript.engines.contract import Exchange
from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.rtp_relay.session import RelaySession
from relayscript.interpreter.relays import extra_id

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


def bare_exchange(
    call: RelayCall, session: RelaySession, author: Leg, body: str, settings: Leg | None = None
) -> Exchange:
    """What a relay is asked for a body that a participant wrote, without the message it came in.

    The session learns the tags that hold now. The author's settings are its own unless others are given.
    """
    own = settings or author
    receiver = session.other(author)
    tags = {
        id(session.caller): call.values.get("from_tag") or session.caller.tag,
        id(session.callee): call.values.get("to_tag") or session.callee.tag,
    }
    at_relay = session.session
    at_relay.call_id = call.value("callid") or call.call_id
    at_relay.from_tag, at_relay.to_tag = tags[id(session.caller)], tags[id(session.callee)]
    return Exchange(
        body=own.get("body") or body,
        from_tag=tags[id(author)],
        to_tag=tags[id(receiver)],
        ip=receiver.get("ip"),
        type=receiver.get("type"),
        in_iface=own.get("iface"),
        out_iface=receiver.get("iface"),
        ctx_flags=call.value("flags"),
        flags=own.get("flags"),
        peer_flags=receiver.get("peer"),
        dialog_id=call.dialog.did if call.dialog is not None else "",
    )


def exchange_of(
    runtime: Runtime,
    call: RelayCall,
    session: RelaySession,
    author: Leg,
    context: Context,
    settings: Leg | None = None,
) -> Exchange:
    """What a relay is asked for the body of a message under way."""
    message = context.message
    bare = bare_exchange(call, session, author, description(message) or "", settings)
    named = any("via-branch" in flags for flags in (bare.ctx_flags, bare.flags, bare.peer_flags))
    return replace(
        bare,
        source=intern(message.source[0]),
        received_on=message.listener.host if message.listener else "",
        cseq=intern(str(message.cseq[0])),
        in_reply=not message.is_request,
        next_hop=_next_hop(context),
        vias=tuple(via.branch for via in message.vias()) if named else (),
        extra_id=extra_id(runtime, context),
        from_uri=intern(message.from_.uri),
        to_uri=intern(message.to.uri),
        user_agent=message.header("user-agent") or message.header("server") or "",
        subject=context,
    )


def _next_hop(context: Context) -> str:
    """The IP address that a message goes to; "" while that is open."""
    if not context.message.is_request:
        return context.request.source[0] if context.request is not None else ""
    branches = context.transaction.branches if context.transaction is not None else ()
    index = context.branch_index
    host: str = branches[index].address[0] if index < len(branches) else ""
    return host
