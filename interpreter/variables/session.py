"""The session description of the message: `$sdp` as a whole, its lines, streams and tokens (RFC 8866).

What is written shows at once, also in `$rb`, and goes out when the message is sent.
"""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.values import Value, text_of
from relayscript.interpreter.variables import session_path
from relayscript.interpreter.variables.headers import current_body
from relayscript.interpreter.variables.indexing import Index
from relayscript.interpreter.variables.session_path import Place
from relayscript.sip import bodies
from relayscript.sip.sdp import Description

Find = Callable[[Description, str], Place | None]
INSERTIONS = ("insert", "insertAfter")
"""Index words that insert a line before, or behind, the one that a path finds."""


class SessionVariables(Module):
    """NULL where there is no session description, or nothing in it that a path finds."""

    name = "core"

    @variable("sdp", parameter="optional")
    def sdp(self, context: Context, parameter: str | None) -> Value:
        """The whole description."""
        return description_text(context)

    @sdp.setter
    def _set_sdp(self, context: Context, parameter: str | None, op: str, value: Value) -> bool:
        """Another description; NULL removes it."""
        if value is None:
            replace_description(context, "")
            return True
        text = text_of(value)
        if not text or not text.startswith("v="):
            return False
        replace_description(context, text)
        return True

    @variable("sdp.line", parameter="required", index=True)
    def line(self, context: Context, path: str, index: Index) -> Value:
        """A line, or a token of it, anywhere in the description."""
        return self._read(context, path, session_path.find_line)

    @line.setter
    def _set_line(self, context: Context, path: str, index: Index, op: str, value: Value) -> bool:
        return self._write(context, path, index, value, session_path.find_line)

    @variable("sdp.session", parameter="required", index=True)
    def session(self, context: Context, path: str, index: Index) -> Value:
        """A line, or a token of it, before the first stream."""
        return self._read(context, path, session_path.find_in_session)

    @session.setter
    def _set_session(self, context: Context, path: str, index: Index, op: str, value: Value) -> bool:
        return self._write(context, path, index, value, session_path.find_in_session)

    @variable("sdp.stream", parameter="required", index=True)
    def stream(self, context: Context, path: str, index: Index) -> Value:
        """A stream, or a line or a token in it."""
        found = self._description(context, path)
        if found is None:
            return None
        description, expanded = found
        if "/" in expanded:
            return self._read(context, path, session_path.find_in_stream)
        stream = session_path.stream_of(description, expanded)
        return None if stream is None else "".join(description.lines[stream.line : stream.end])

    @stream.setter
    def _set_stream(self, context: Context, path: str, index: Index, op: str, value: Value) -> bool:
        found = self._description(context, path)
        if value is None and found is not None and "/" not in found[1]:
            return _delete_stream(context, *found)
        return self._write(context, path, index, value, session_path.find_in_stream)

    @variable("sdp.stream.idx", parameter="required")
    def stream_index(self, context: Context, path: str) -> Value:
        """The number of the line that a stream path finds, from 0."""
        found = self._description(context, path)
        place = session_path.find_in_stream(*found) if found is not None else None
        return None if place is None else place.line

    # ---- one place

    def _description(self, context: Context, path: str) -> tuple[Description, str] | None:
        """The description, and the path with the variables in it expanded."""
        text = description_text(context)
        if text is None:
            return None
        if "$" in path:
            path = self.runtime.registry.format(path)(context)
        return Description(text), path

    def _read(self, context: Context, path: str, find: Find) -> Value:
        found = self._description(context, path)
        place = find(*found) if found is not None else None
        if found is None or place is None:
            return None
        return found[0].lines[place.line][place.start : place.end]

    def _write(self, context: Context, path: str, index: Index, value: Value, find: Find) -> bool:
        found = self._description(context, path)
        place = find(*found) if found is not None else None
        text = None if value is None else text_of(value)
        if found is None or place is None or (value is not None and text is None):
            return False
        description = found[0]
        if index in INSERTIONS:
            if not text:
                return False
            _insert(description, place.line, text, behind=index == "insertAfter")
        else:
            _replace(description, place, text)
        replace_description(context, str(description))
        return True


def description_text(context: Context) -> str | None:
    """The session description as it is now; None if there is none."""
    body = current_body(context)
    part = bodies.sdp_part(_content_type(context), body) if body else None
    return part.of(body) if part is not None else None


def replace_description(context: Context, text: str) -> None:
    """Put another session description into the message; in a body of several parts only that part changes."""
    body = current_body(context)
    part = bodies.sdp_part(_content_type(context), body) if body else None
    context.changes.body = bodies.replace_part(body, part, text) if part is not None else text
    if context.message.header("content-type") is None and text:
        context.changes.content_type = "application/sdp"


def _content_type(context: Context) -> str:
    return context.message.header("content-type") or context.changes.content_type or ""


def _insert(description: Description, line: int, text: str, *, behind: bool) -> None:
    text = text.rstrip("\r\n")
    if behind:
        description.insert_after(line, text)
    else:
        description.lines[line] = f"{text}{description.line_end}{description.lines[line]}"


def _replace(description: Description, place: Place, text: str | None) -> None:
    """Another text for a line or token; None deletes it."""
    old = description.lines[place.line]
    before, after = old[: place.start], old[place.end :]
    whole = place.start == 0 and not after.strip("\r\n")
    if text is None:
        description.lines[place.line] = "" if whole else before.rstrip(" ") + after
    else:
        description.lines[place.line] = before + (text.rstrip("\r\n") if whole else text) + after


def _delete_stream(context: Context, description: Description, path: str) -> bool:
    stream = session_path.stream_of(description, path)
    if stream is None:
        return False
    for line in range(stream.line, stream.end):
        description.lines[line] = ""
    replace_description(context, str(description))
    return True
