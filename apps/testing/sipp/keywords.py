"""Texts with SIPp's keywords in brackets: `INVITE sip:[service]@[remote_ip]`.

The names are those of the manual (sipp.readthedocs.io, "Create your own XML scenarios"). A key that the party
was given is a keyword too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from relayscript.apps.testing.sipp.errors import SippError

NUMBERS = frozenset((
    "remote_port", "local_port", "media_port", "auto_media_port", "rtpstream_audio_port", "rtpstream_video_port",
    "call_number", "cseq", "branch", "len", "pid", "msg_index", "last_cseq_number", "clock_tick", "dynamic_id",
))  # fmt: skip
"""Keywords that may be followed by `+N` or `-N`."""

TEXTS = frozenset((
    "service", "remote_ip", "remote_host", "local_ip", "local_ip_type", "transport", "media_ip", "media_ip_type",
    "server_ip", "call_id", "routes", "next_url", "peer_tag_param", "last_message", "last_Request_URI", "timestamp",
    "date", "sipp_version", "users", "userid", "authentication",
))  # fmt: skip
REFUSED = frozenset(("tdmmap", "fill", "file"))

_NAME = re.compile(r"(?P<name>[A-Za-z_]\w*?)(?P<offset>[+-]\d+)?(?P<arguments>\s+.*)?", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]+))\s*")
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword: `kind` is its name, or `variable`, `header`, `field` or `key` with the `name` of that."""

    kind: str
    name: str
    line: int
    offset: int = 0
    arguments: tuple[tuple[str, Template], ...] = ()

    def argument(self, name: str) -> Template | None:
        """The text that was given by that name."""
        return dict(self.arguments).get(name)


@dataclass(frozen=True, slots=True)
class Template:
    """Text and keywords in turn."""

    parts: tuple[str | Keyword, ...]

    @property
    def start(self) -> str:
        """The text before the first keyword."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""


@dataclass(frozen=True, slots=True)
class Words:
    """Reads texts of one file; `keys` are the keywords that the party was given."""

    file: str
    keys: Collection[str] = ()

    def message(self, text: str, line: int) -> Template:
        """A message as it stands in XML, where lines are indented and ends of lines are bare. Raises SippError."""
        if not text.strip(" \t\n"):
            raise SippError(self.file, line, "expected a SIP message, found nothing")
        begin = text.lstrip(" \t\n")
        line += text.count("\n", 0, len(text) - len(begin))
        rows = [row.strip(" \t") for row in begin.rstrip(" \t\n").split("\n")]
        end = "\n" if "" in rows else "\n\n"
        return self.template("\n".join(rows) + end, line, "\r\n")

    def template(self, text: str, line: int, end: str = "\n", depth: int = 0) -> Template:
        """A text whose lines are to end in `end`; `\\x41` is a byte. Raises SippError."""
        return Template(tuple(self._parts(text, line, end, depth)))

    def _parts(self, text: str, line: int, end: str, depth: int) -> Iterator[str | Keyword]:
        at = 0
        while (start := text.find("[", at)) >= 0:
            if start > at:
                yield _literal(text[at:start], end)
            line += text.count("\n", at, start)
            at = self._closing(text, start, line) + 1
            yield self._keyword(text[start + 1 : at - 1], line, depth)
            line += text.count("\n", start, at)
        if text[at:]:
            yield _literal(text[at:], end)

    def _closing(self, text: str, start: int, line: int) -> int:
        depth = 0
        for at in range(start, len(text)):
            depth += (text[at] == "[") - (text[at] == "]")
            if depth == 0:
                return at
        raise SippError(self.file, line, "expected ], found the end of the text: a keyword begins with this [")

    def _keyword(self, text: str, line: int, depth: int) -> Keyword:
        if text.startswith("$") and text[1:]:
            return Keyword("variable", text[1:], line)
        found = _NAME.fullmatch(text)
        name, offset = (found["name"], int((found["offset"] or "0")[:9])) if found else ("", 0)
        if found and name in NUMBERS | TEXTS:
            if not offset or name in NUMBERS:
                return Keyword(name, "", line, offset, self._arguments(found["arguments"] or "", line, depth))
        elif found and name not in REFUSED and re.fullmatch(r"field\d{1,4}", name):
            return Keyword("field", name[5:], line, 0, self._arguments(found["arguments"] or "", line, depth))
        elif text in self.keys:
            return Keyword("key", text, line)
        elif text.startswith("last_") and text[5:].strip(": "):
            return Keyword("header", text[5:].strip(": "), line)
        if name in REFUSED:
            raise SippError(self.file, line, f"the keyword [{name}] is not supported in scenarios")
        shown = " ".join(text.split())[:40]
        raise SippError(self.file, line, f"expected a keyword of SIPp or a key given to the party, found [{shown}]")

    def _arguments(self, text: str, line: int, depth: int) -> tuple[tuple[str, Template], ...]:
        if text.strip() and depth >= _DEEPEST:
            raise SippError(self.file, line, "keywords stand too deep within each other")
        found, at, text = [], 0, text.strip()
        while at < len(text):
            match = _ARGUMENT.match(text, at)
            if match is None:
                raise SippError(self.file, line, f"expected NAME=VALUE in a keyword, found {text[at : at + 40]}")
            value = match["quoted"] if match["quoted"] is not None else match["bare"]
            found.append((match["name"], self.template(value, line, depth=depth + 1)))
            at = match.end()
        return tuple(found)


def _literal(text: str, end: str) -> str:
    return _HEX.sub(lambda found: chr(int(found[1], 16)), text.replace("\n", end))
