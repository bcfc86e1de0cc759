"""The paths of `$sdp.line(..)`, `$sdp.stream(..)` and `$sdp.session(..)`: which line or token of a description.

A step is a prefix, an index or both (`a=rtpmap[1]`, `[3]`, `a=`); steps are separated by `/`, and `\\/` is a
slash in a prefix (language.md 4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from relayscript.sip.sdp import Description, Section, Stream

_STEP = re.compile(r"(?P<prefix>.*?)(?:\[(?P<index>[0-9]+)\])?", re.DOTALL)
_SLASH = re.compile(r"(?<!\\)/")
_TOKEN = re.compile(r"[^ ]+")


@dataclass(frozen=True, slots=True)
class Step:
    """The nth of those that begin with a prefix."""

    prefix: str
    index: int

    def find(self, texts: Sequence[str]) -> int | None:
        """Where it is among texts; None if it is not there."""
        left = self.index
        for position, text in enumerate(texts):
            if text.startswith(self.prefix):
                if left == 0:
                    return position
                left -= 1
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a description (its number), or a stretch of it."""

    line: int
    start: int
    end: int


@lru_cache(maxsize=1024)
def parse_path(text: str) -> tuple[Step, ...] | None:
    """The steps of a path; None if an index has more digits than any can need."""
    steps: list[Step] = []
    for part in _SLASH.split(text):
        found = _STEP.fullmatch(part)
        if found is None or len(found["index"] or "") > 9:
            return None
        steps.append(Step(found["prefix"].replace("\\/", "/"), int(found["index"] or 0)))
    return tuple(steps)


def find_line(description: Description, path: str) -> Place | None:
    """`line[/token]` among all lines."""
    return _find(description, parse_path(path), 0, len(description.lines))


def find_in_session(description: Description, path: str) -> Place | None:
    """`line[/token]` among the lines before the first stream."""
    return _find(description, parse_path(path), 0, _head(description))


def find_in_stream(description: Description, path: str) -> Place | None:
    """`media[/line[/token]]` in one stream; the stream's first line for `media` alone."""
    steps = parse_path(path)
    stream = None if steps is None else _stream(description, steps[0])
    if steps is None or stream is None:
        return None
    if len(steps) == 1:
        return _whole(description, stream.line)
    return _find(description, steps[1:], stream.line, stream.end)


def stream_of(description: Description, path: str) -> Stream | None:
    """The stream that a path begins with."""
    steps = parse_path(path)
    return None if steps is None else _stream(description, steps[0])


def _stream(description: Description, step: Step) -> Stream | None:
    streams = description.streams
    found = step.find([stream.media for stream in streams])
    return None if found is None else streams[found]


def _head(description: Description) -> int:
    section: Section | None = description.sections[0] if description.sections else None
    if section is None:
        return 0
    return section.streams[0].line if section.streams else section.end


def _text(line: str) -> str:
    return line.rstrip("\r\n")


def _whole(description: Description, line: int) -> Place:
    return Place(line, 0, len(_text(description.lines[line])))


def _find(description: Description, steps: tuple[Step, ...] | None, first: int, end: int) -> Place | None:
    if not steps or len(steps) > 2:
        return None
    found = steps[0].find([_text(line) for line in description.lines[first:end]])
    if found is None:
        return None
    line = first + found
    if len(steps) == 1:
        return _whole(description, line)
    tokens = list(_TOKEN.finditer(_text(description.lines[line])))
    at = steps[1].find([token[0] for token in tokens])
    return None if at is None else Place(line, tokens[at].start(), tokens[at].end())
