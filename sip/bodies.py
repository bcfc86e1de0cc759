"""The parts of a message body: where its session descriptions are (RFC 2046 5.1, RFC 5621)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BOUNDARY = re.compile(r';[ \t]*boundary[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_BLANK = re.compile(r"\r?\n\r?\n|^\r?\n")
_CONTENT_TYPE = re.compile(r"^content-type[ \t]*:[ \t]*(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A part of a body: its content is `body[start:end]`."""

    start: int
    end: int
    content_type: str

    def of(self, body: str) -> str:
        """The content of the part."""
        return body[self.start : self.end]


def media_type(content_type: str) -> str:
    """`type/subtype` of a Content-Type value, in lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def parts(content_type: str, body: str) -> tuple[BodyPart, ...]:
    """The leaf parts of a body; a body that is no multipart is its own only part."""
    return tuple(_leaves(content_type, body, 0, len(body), 0))


def sdp_parts(content_type: str, body: str) -> tuple[BodyPart, ...]:
    """The parts of type `application/sdp`; none if the body has no session description."""
    if not body:
        return ()
    if content_type == "application/sdp":  # which nearly every body is
        return (BodyPart(0, len(body), content_type),)
    return tuple(p for p in parts(content_type, body) if media_type(p.content_type) == "application/sdp")


def sdp_part(content_type: str, body: str) -> BodyPart | None:
    """The first part of type `application/sdp`."""
    found = sdp_parts(content_type, body)
    return found[0] if found else None


def sdp_of(content_type: str, body: str) -> str:
    """The first session description in a body; empty if there is none."""
    if content_type == "application/sdp":
        return body
    part = sdp_part(content_type, body)
    return part.of(body) if part is not None else ""


def replace_part(body: str, part: BodyPart, content: str) -> str:
    """The body with another content for this part; all the rest stays as it is."""
    return body[: part.start] + content + body[part.end :]


def _leaves(content_type: str, body: str, start: int, end: int, depth: int) -> Iterator[BodyPart]:
    boundary = _BOUNDARY.search(content_type) if media_type(content_type).startswith("multipart/") else None
    if boundary is None or depth == _DEEPEST:
        yield BodyPart(start, end, content_type)
        return
    for first, last in _between(boundary[1] or boundary[2] or "", body, start, end):
        blank = _BLANK.search(body[first:last])
        head = body[first : first + blank.start()] if blank else body[first:last]
        named = _CONTENT_TYPE.search(head)
        content = first + blank.end() if blank else last
        yield from _leaves(named[1].rstrip() if named else "text/plain", body, content, last, depth + 1)


def _between(boundary: str, body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts between the delimiter lines begin and end, their headers included."""
    delimiter = re.compile(rf"(?:(?<=\n)|\r?\n|\A)--{re.escape(boundary)}(--)?[ \t]*(?:\r?\n|\Z)")
    position, first = start, -1
    while found := delimiter.search(body, position, end):
        if first >= 0:
            yield first, found.start()
        if found[1]:
            return
        first = position = found.end()
