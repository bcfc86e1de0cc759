"""What script functions that talk to a relay by themselves ask of it for the message at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from relayscript.engines.contract import Done, Exchange, Outcome, Session
from relayscript.interpreter.context import Context
from relayscript.interpreter.values import Value, text_of
from relayscript.interpreter.waiting import wait


class Target(Protocol):
    """A script variable that a function reads and writes."""

    def get(self) -> Value:
        """Its value."""

    def set(self, value: Value) -> bool:
        """Write it; whether that succeeded."""


def text_in(target: Target | None) -> str:
    """The text in a variable; "" if there is none."""
    return text_of(target.get()) or "" if target is not None else ""


def session_of(context: Context, number: int | None, node: Target | None) -> Session:
    """The session that a message belongs to, on the node that a variable names ("" for none)."""
    message = context.message
    return Session(
        message.call_id, from_tag=message.from_tag, to_tag=message.to_tag, set=number, node=text_in(node)
    )


def exchange_of(context: Context, body: str) -> Exchange:
    """The exchange of a message's description: its author is the sender of the message."""
    message = context.message
    tags = (message.from_tag, message.to_tag)
    request = message if message.is_request else context.request
    agent = message.header("user-agent") or message.header("server") or ""
    return Exchange(
        body=body,
        from_tag=tags[0] if message.is_request else tags[1],
        to_tag=tags[1] if message.is_request else tags[0],
        source=message.source[0],
        received_on=message.listener.host if message.listener is not None else "",
        cseq=str(message.cseq[0]),
        in_reply=not message.is_request,
        next_hop="" if message.is_request or request is None else request.source[0],
        vias=tuple(via.branch or "" for via in message.vias()),
        from_uri=message.from_.uri,
        to_uri=message.to.uri,
        user_agent=agent,
        subject=context,
    )


def finished(
    operation: Callable[[Session, Exchange, Done], None], session: Session, exchange: Exchange
) -> Outcome:
    """Run an operation of an engine, giving way to others until it has ended."""

    def start(done: Done) -> None:
        operation(session, exchange, done)

    return wait(start)
