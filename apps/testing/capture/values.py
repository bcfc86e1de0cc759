"""Values that a proxy makes up: where they stand in messages, and which one now stands for which one then.

A value is what stands between separators. It is made up if it stands where such values stand (a branch, a tag, a
parameter of Record-Route ...) and was in no message that came in before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from relayscript.sip.message import Message

TOKEN = re.compile(r"[\w.!%*+`'~/-]+(?:=+(?=[;>,\s\"]|$))?")
"""A value; signs of equality at its end are padding (base64)."""

URI = re.compile(r"<[^>]*>")
ROUTES = frozenset(("record-route", "route", "path", "service-route"))
"""Headers that lead later requests."""

PARAMETERS = frozenset((*ROUTES, "contact", "first line", "refer-to", "referred-by"))
"""Headers in which the parameters of URIs are made up."""

NAMED = {"branch=": "branch", "tag=": "tag", "nonce=\"": "nonce", "opaque=\"": "nonce"}
MEDIA_LINES = ("o=", "c=", "m=", "a=rtcp:", "a=candidate:", "a=ice-", "a=fingerprint:", "a=crypto:")
"""Lines of a session description in which a media relay puts what is its own."""


def kind_at(key: str, before: str) -> str:
    """What kind of made-up value may stand in a header behind some text; empty if none. `key` is the header's key,
    `first line` or `body`."""
    for ending, kind in NAMED.items():
        if before.endswith(ending):
            return kind
    if key == "call-id":
        return "call-id"
    if key in PARAMETERS and before.endswith("=") and ";" in before:
        return "parameter"
    if key == "body" and before.startswith(MEDIA_LINES):
        return "media" if not before.startswith("m=") or before.count(" ") == 1 else ""
    return ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a line; `kind` is empty where nothing made up may stand."""

    text: str
    kind: str


def values_in(key: str, line: str) -> list[Value]:
    """All values of a header's value, in order."""
    return [Value(found[0], kind_at(key, line[: found.start()])) for found in TOKEN.finditer(line)]


def separators_in(line: str) -> list[str]:
    """What stands between the values."""
    return TOKEN.split(line)


def lines_of(message: Message) -> Iterator[tuple[str, str]]:
    """Key and value of all headers, and the lines of the body; the first line is the Request-URI, or empty."""
    yield "first line", message.uri if message.is_request else ""
    for key, line in zip(message.keys, message.lines, strict=True):
        if key != "content-length":
            yield key, line.partition(":")[2].strip()
    for line in message.body.replace("\r\n", "\n").split("\n"):
        if line:
            yield "body", line


class Heard:
    """What came in: all values of messages, and at which of them each stood first."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._count = 0

    def add(self, message: Message) -> None:
        """A message came in."""
        for _, line in lines_of(message):
            for found in TOKEN.finditer(line):
                self._first.setdefault(found[0], self._count)
        self._count += 1

    def has(self, value: str, before: int | None = None) -> bool:
        """A value was in one of the messages (of the first so many)."""
        first = self._first.get(value)
        return first is not None and (before is None or first < before)


class Pairs:
    """Which value now stands for which one then; both ways it is one. They have names like `<branch 1>`."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._then: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._routes: dict[str, str] = {}

    def join(self, kind: str, then: str, now: str) -> bool:
        """Let two values stand for each other; False if one of them stands for another one already."""
        if then in self._now or now in self._then:
            return self._now.get(then) == now
        self._now[then], self._then[now] = now, then
        self._counts[kind] = number = self._counts.get(kind, 0) + 1
        self._names[then] = self._names[now] = f"<{kind} {number}>"
        return True

    def join_routes(self, then: str, now: str) -> None:
        """Let the URIs of a Record-Route stand for those of another one, which are made in another way."""
        for old, new in zip(URI.findall(then), URI.findall(now), strict=False):
            self._routes.setdefault(old, new)

    def now(self, value: str) -> str:
        """What stands for a value now; the value itself if nothing else does."""
        return self._now.get(value, value)

    def was(self, text: str) -> str:
        """A text as it was then: each value that stands for another one replaced by that one."""
        return TOKEN.sub(lambda found: self._then.get(found[0], found[0]), text)

    def named(self, line: str) -> str:
        """A line with the names of the values that stand for others."""
        return TOKEN.sub(lambda found: self._names.get(found[0], found[0]), line)

    # ---- translation

    def translate(self, message: Message, data: bytes) -> bytes:
        """A recorded message that came in, with what the proxy made up then in it replaced by what is made up now;
        `data` are its bytes, which stay as they are if it has nothing of that."""
        first = message.first_line
        if message.is_request:
            method, _, rest = first.partition(" ")
            uri, _, version = rest.rpartition(" ")
            first = f"{method} {self._translated('first line', uri)} {version}"
        lines = []
        for key, line in zip(message.keys, message.lines, strict=True):
            name, colon, value = line.partition(":")
            lines.append(f"{name}{colon}{self._translated(key, value)}")
        if first == message.first_line and lines == list(message.lines):
            return data
        return "\r\n".join((first, *lines, "", message.body)).encode("latin-1")

    def _translated(self, key: str, value: str) -> str:
        if key in ROUTES:
            for then, now in self._routes.items():
                value = value.replace(then, now)
        return TOKEN.sub(lambda found: self._value(key, value[: found.start()], found[0]), value)

    def _value(self, key: str, before: str, value: str) -> str:
        """A value is translated where such values stand, and anywhere else if it is too long to be there by chance."""
        return self.now(value) if len(value) >= UNMISTAKABLE or kind_at(key, before) else value


UNMISTAKABLE = 12
"""Characters of a value that is the same one wherever it stands."""
