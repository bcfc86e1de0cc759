"""Parts of bodies: asked for, added, removed (sipmsgops manual)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.sipmsgops import body
from relayscript.sip.bodies import media_type, parts
from relayscript.sip.multipart import Part, join, split


class BodyFunctions(Module):
    """Functions on the parts of a body. Tests look at the body that came, edits at the one that will go."""

    @function()
    def has_body(self, context: Context, mime: str | None = None) -> int:
        """Whether there is a body, or one with a part of that type: 1 or -1."""
        message = context.message
        if not message.body:
            return -1
        kinds = [media_type(each.content_type) for each in parts(message.header("content-type") or "", message.body)]
        return 1 if mime is None or media_type(mime) in kinds else -1

    @function()
    def has_body_part(self, context: Context, mime: str | None = None) -> int:
        """The same as `has_body`."""
        return self.has_body(context, mime)

    @function()
    def add_body_part(self, context: Context, content: str, mime: str, headers: str | None = None) -> int:
        """Add a part with more header lines (each with its CRLF); the first one becomes the body: 1."""
        present = split(body.content_type(context), body.text(context))
        _put(context, (*present, Part.of(content, mime, headers or "")))
        return 1

    @function()
    def remove_body_part(self, context: Context, mime: str | None = None, revert: str | None = None) -> int:
        """Remove the parts of a type, with `revert` all others, without a type all: 1 or -1."""
        present = split(body.content_type(context), body.text(context))
        if mime is None:
            kept: list[Part] = []
        else:
            keeps_type = revert is not None and revert.lower() == "revert"
            kept = [each for each in present if (each.media_type == media_type(mime)) == keeps_type]
        if len(kept) == len(present):
            return -1
        _put(context, tuple(kept))
        return 1

    @function()
    def get_updated_body_part(self, context: Context, mime: str | None, target: Reference) -> int:
        """Write the body that will be sent, or its first part of a type: 1; -1 if there is none."""
        kind, text = body.content_type(context), body.text(context)
        if mime is None:
            return 1 if text and target.set(text) else -1
        for part in split(kind, text):
            if part.media_type == media_type(mime):
                return 1 if target.set(part.content) else -1
        return -1


def _put(context: Context, kept: tuple[Part, ...]) -> None:
    body.put(context, *join(kept, body.content_type(context)))
