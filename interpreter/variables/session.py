"""The session description of the message: `$sdp` as a whole, its lines, streams and tokens (RFC 8866).

What is written shows at once, also in `$rb`, and goes out when the message is sent. What modules queued does not
show, and is kept where a line or token is written.
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
Change = Callable[[Description], bool]
"""Edits a description; whether there was something to edit."""

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
            replace_description(context, "", "")
            return True
        text = text_of(value)
        if not text or not text.startswith("v="):
            return False
        replace_description(context, text, text)
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
        expanded = self._expanded(context, path)
        if value is None and "/" not in expanded:
            return _edit(context, lambda description: _delete_stream(description, expanded))
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
        return None if text is None else (Description(text), self._expanded(context, path))

    def _expanded(self, context: Context, path: str) -> str:
        return self.runtime.registry.format(path)(context) if "$" in path else path

    def _read(self, context: Context, path: str, find: Find) -> Value:
        found = self._description(context, path)
        place = find(*found) if found is not None else None
        if found is None or place is None:
            return None
        return found[0].lines[place.line][place.start : place.end]

    def _write(self, context: Context, path: str, index: Index, value: Value, find: Find) -> bool:
        text = None if value is None else text_of(value)
        if (value is not None and text is None) or (index in INSERTIONS and not text):
            return False
        expanded = self._expanded(context, path)

        def change(description: Description) -> bool:
            place = find(description, expanded)
            if place is None:
                return False
            if index in INSERTIONS:
                _insert(description, place.line, text or "", behind=index == "insertAfter")
            else:
                _replace(description, place, text)
            return True

        return _edit(context, change)


def description_text(context: Context) -> str | None:
    """The session description as scripts see it now; None if there is none."""
    return _in(context, current_body(context))


def replace_description(context: Context, shown: str, sent: str) -> None:
    """Put another session description into the message, as scripts see it and as it will be sent.

    In a body of several parts only that part changes.
    """
    changes = context.changes
    body = context.message.body if changes.body is None else changes.body
    changes.shown, changes.body = _with(context, current_body(context), shown), _with(context, body, sent)
    if context.message.header("content-type") is None and sent:
        changes.content_type = "application/sdp"


def _edit(context: Context, change: Change) -> bool:
    """Change the description that scripts see and, if modules made another one of it, also that one."""
    changes = context.changes
    shown = _changed(description_text(context), change)
    if shown is None:
        return False
    if changes.body is None or changes.body == changes.shown:
        replace_description(context, shown, shown)
    else:
        before = _in(context, changes.body)
        replace_description(context, shown, _changed(before, change) or before or "")
    return True


def _changed(text: str | None, change: Change) -> str | None:
    if text is None:
        return None
    description = Description(text)
    return str(description) if change(description) else None


def _in(context: Context, body: str) -> str | None:
    """The session description in a body."""
    part = bodies.sdp_part(_content_type(context), body) if body else None
    return part.of(body) if part is not None else None


def _with(context: Context, body: str, text: str) -> str:
    """A body with another session description."""
    part = bodies.sdp_part(_content_type(context), body) if body else None
    return bodies.replace_part(body, part, text) if part is not None else text


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


def _delete_stream(description: Description, path: str) -> bool:
    stream = session_path.stream_of(description, path)
    if stream is None:
        return False
    for line in range(stream.line, stream.end):
        description.lines[line] = ""
    return True
