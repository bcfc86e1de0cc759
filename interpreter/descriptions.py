"""The session description in a message: reading it, and putting another in its place."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.sip.bodies import replace_part, sdp_part
from relayscript.sip.message import Message


def description(message: Message) -> str | None:
    """The session description in a message, None if it has none."""
    part = sdp_part(message.header("content-type") or "", message.body)
    return part.of(message.body) if part is not None else None


def deliver(context: Context, body: str) -> None:
    """Put a description into the message that a context is about, instead of the one that was received."""
    message = context.message
    part = sdp_part(message.header("content-type") or "", message.body)
    if part is None:
        context.changes.content_type = "application/sdp"
        context.changes.body = body
    else:
        context.changes.body = replace_part(message.body, part, body)
