"""Acts of a scenario: how a party begins an exchange, when it is over, what everybody does meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.testing.actor import Actor, word_of
from relayscript.apps.testing.statements import Act
from relayscript.sip.message import Message

Done = Callable[[], bool]


def begin(act: Act, actor: Actor, others: list[Actor], target: str) -> Done:
    """Let a party begin; returns what says that the exchange is over. Raises ScriptedWrongly."""
    body, headers = actor.contents(act.details, with_sdp=act.verb in ("calls", "answers"))
    agent, call = actor.agent, word_of(act.details, "call")
    phrase = word_of(act.details, "phrase")
    if act.verb == "calls":
        agent.invite(target, body, headers, call)
        return lambda: refused(actor) or any(got(other, "INVITE") for other in others)
    if act.verb == "rings":
        agent.respond(180, phrase, body, headers, "INVITE", call)
        return lambda: True
    if act.verb == "answers":
        agent.respond(200, phrase, body, headers, "INVITE", call)
        return lambda: got(actor, "ACK")
    if act.verb == "refuses":
        agent.respond(int(act.status or 486), phrase, body, headers, "INVITE", call)
        return lambda: got(actor, "ACK")
    if act.verb == "cancels":
        agent.request("CANCEL", "", "", headers, call)
        return lambda: refused(actor)
    agent.request("BYE", "", body, headers, call)
    return lambda: any(each.method == "BYE" and each.status >= 200 for each in actor.inbox)


def refused(actor: Actor) -> bool:
    """The party's INVITE has its final response."""
    call = actor.agent.call
    return call is not None and call.final is not None


def got(actor: Actor, method: str) -> bool:
    """A request reached the party in this act."""
    return any(each.is_request and each.method == method for each in actor.inbox)


def react(actor: Actor, message: Message) -> None:
    """Do what a phone does by itself: acknowledge, agree to changes of a call, end what is cancelled."""
    agent = actor.agent
    if not message.is_request:
        if message.method == "INVITE" and 200 <= message.status < 300:
            agent.ack()
    elif message.method == "CANCEL":
        agent.respond(200, method="CANCEL")
        if any(each.method == "INVITE" for each in agent.pending):
            agent.respond(487, method="INVITE")
    elif message.method == "INVITE":
        if ";tag=" in (message.header("to") or ""):
            agent.respond(200, "", actor.contents((), with_sdp=True)[0], (), "INVITE")
    elif message.method != "ACK":
        agent.respond(200, method=message.method)
