"""The session description in a message: reading it, and putting another in its place.

A message with several parts may have several descriptions: they are read as one that has several sessions (`v=`
lines), and each part gets its own back.
"""

from __future__ import annotations

import re

from relayscript.interpreter.context import Context
from relayscript.sip.bodies import BodyPart, replace_part, sdp_parts
from relayscript.sip.message import Message

_SESSION = re.compile(r"^(?=v=)", re.MULTILINE)


def description(message: Message) -> str | None:
    """The session description in a message, None if it has none."""
    parts = _parts(message)
    if len(parts) < 2:
        return parts[0].of(message.body) if parts else None
    return "".join(_ended(part.of(message.body)) for part in parts)


def deliver(context: Context, body: str) -> None:
    """Put a description into the message that a context is about, instead of the one that was received."""
    message = context.message
    parts = _parts(message)
    if not parts:
        context.changes.content_type = "application/sdp"
        context.changes.body = body
        return
    made = message.body
    for part, content in zip(reversed(parts), reversed(_shared_out(message, parts, body)), strict=True):
        made = replace_part(made, part, content)
    context.changes.body = made


def _parts(message: Message) -> tuple[BodyPart, ...]:
    return sdp_parts(message.header("content-type") or "", message.body)


def _shared_out(message: Message, parts: tuple[BodyPart, ...], body: str) -> list[str]:
    """What of a description each part gets: as many sessions as it had, all of it the first if that does not fit."""
    contents = [part.of(message.body) for part in parts]
    if len(parts) == 1:
        return [body]
    counts = [len(_sessions(content)) for content in contents]
    sessions = _sessions(body)
    if sum(counts) != len(sessions):
        return [body, *contents[1:]]
    made = []
    for content, count in zip(contents, counts, strict=True):
        text, sessions = "".join(sessions[:count]), sessions[count:]
        made.append(text if content.endswith("\n") else text.rstrip("\r\n"))
    return made


def _sessions(text: str) -> list[str]:
    return [each for each in _SESSION.split(text) if each]


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\r\n"
