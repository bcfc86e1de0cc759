"""Multipart bodies, taken apart and put together again (RFC 2046 5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from relayscript.sip.bodies import media_type

BOUNDARY = "OSS-unique-boundary-42"
"""The boundary of a multipart body that is made here, unless its parts contain it."""

_BOUNDARY = re.compile(r';[ \t]*boundary[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_NUMBERED = re.compile(rf"{BOUNDARY}-([0-9]{{1,6}})")
_CONTENT_TYPE = re.compile(r"^content-type[ \t]*:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its header lines, each with its CRLF, and its content."""

    headers: str
    content: str

    @classmethod
    def of(cls, content: str, content_type: str, headers: str = "") -> Part:
        """A part of that type; `headers` are more lines, each with its CRLF."""
        return cls(f"Content-Type: {content_type}\r\n{headers}", content)

    @property
    def content_type(self) -> str:
        """Its Content-Type; `text/plain` without one (RFC 2046 5.1)."""
        found = _CONTENT_TYPE.search(self.headers)
        return found[1].strip() if found else "text/plain"

    @property
    def media_type(self) -> str:
        """`type/subtype` in lower case."""
        return media_type(self.content_type)


def boundary_of(content_type: str) -> str:
    """The boundary of a multipart Content-Type; empty for any other type."""
    if not media_type(content_type).startswith("multipart/"):
        return ""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2] or "") if found else ""


def split(content_type: str, body: str) -> tuple[Part, ...]:
    """The parts of a body, nested ones whole; a body that is no multipart is its only part, none if empty."""
    boundary = boundary_of(content_type)
    if not boundary:
        return (Part.of(body, content_type),) if body else ()
    pieces = re.split(rf"(?:^|\r?\n)--{re.escape(boundary)}(?=--|[ \t]*\r?\n)", body)[1:]
    return tuple(_read(piece) for piece in pieces if not piece.startswith("--"))


def _read(piece: str) -> Part:
    text = piece.partition("\n")[2]
    if text.startswith(("\r\n", "\n")):
        return Part("", text.removeprefix("\r").removeprefix("\n"))
    found = re.search(r"\r?\n\r?\n", text)
    if found is None:
        return Part("", text)
    return Part(f"{text[: found.start()]}\r\n", text[found.end() :])


def join(parts: Sequence[Part], content_type: str = "") -> tuple[str, str]:
    """Content-Type and body made of parts; a single one needs no multipart, none gives two empty texts.

    `content_type` is the multipart type to go on with, if there was one before.
    """
    if not parts:
        return "", ""
    if len(parts) == 1:
        return parts[0].content_type, parts[0].content
    boundary = boundary_of(content_type)
    if not boundary:
        boundary = _fresh_boundary(parts)
        content_type = f"multipart/mixed;boundary={boundary}"
    lines = "".join(f"--{boundary}\r\n{part.headers}\r\n{part.content}\r\n" for part in parts)
    return content_type, f"{lines}--{boundary}--\r\n"


def _fresh_boundary(parts: Sequence[Part]) -> str:
    if not any(BOUNDARY in part.content for part in parts):
        return BOUNDARY
    numbers = {number for part in parts for number in _NUMBERED.findall(part.content)}
    taken = {number[:size] for number in numbers for size in range(1, len(number) + 1)}
    return next(f"{BOUNDARY}-{free}" for free in count(1) if str(free) not in taken)
