"""The body that will be sent: what was received, or what earlier edits made of it."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.sip.bodies import replace_part, sdp_part


def content_type(context: Context) -> str:
    """Its Content-Type; empty if it has none."""
    changes, keys = context.changes, context.message.keys
    if "content-type" in keys:
        index = keys.index("content-type")
        if index in changes.replaced:
            return changes.replaced[index].partition(":")[2].strip()
        if index not in changes.removed:
            return context.message.value(index)
    return changes.content_type or ""


def text(context: Context) -> str:
    """The body."""
    return context.message.body if context.changes.body is None else context.changes.body


def put(context: Context, kind: str, body: str) -> None:
    """Send another body of that Content-Type; without a body, no Content-Type either."""
    changes, keys = context.changes, context.message.keys
    changes.body, changes.content_type = body, None
    if "content-type" not in keys:
        changes.content_type = kind or None
        return
    index = keys.index("content-type")
    changes.replaced.pop(index, None)
    if not kind:
        changes.removed.add(index)
    elif kind != context.message.value(index):
        changes.replaced[index] = context.message.line_with(index, kind)
    else:
        changes.removed.discard(index)


def sdp(context: Context) -> str | None:
    """The session description in it; None if there is none."""
    body = text(context)
    part = sdp_part(content_type(context), body)
    return part.of(body) if part is not None else None


def put_sdp(context: Context, description: str) -> None:
    """Send another session description in the place of the first one there is."""
    body = text(context)
    part = sdp_part(content_type(context), body)
    if part is not None:
        context.changes.body = replace_part(body, part, description)
