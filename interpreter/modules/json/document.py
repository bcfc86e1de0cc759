"""JSON documents: reading them from byte text and printing them as json-c does (RFC 8259)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

DEEPEST = 32
"""How deep a document that is read may be nested."""

LONGEST = 1 << 20
"""The most bytes that a document is printed to."""

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class DocumentError(ValueError):
    """A text that is no JSON document, or a document that cannot be printed."""


class Real(float):
    """A number with a fraction, printed as it was written."""

    text: str

    def __new__(cls, text: str) -> Real:
        made = super().__new__(cls, text)
        made.text = text
        return made


def parse(text: str) -> Json:
    """Read a document; strings in it are byte text. Raises DocumentError."""
    try:
        found = json.loads(
            text.encode("latin-1").decode("utf-8", "surrogateescape"),
            parse_float=Real, parse_int=_whole, parse_constant=_refuse,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"no JSON: {error}") from None
    return _in_bytes(found, DEEPEST)


def _whole(text: str) -> int:
    """A whole number, at most what 64 bits hold."""
    if len(text) > 20:
        return -(2**63) if text.startswith("-") else 2**63 - 1
    return min(max(int(text), -(2**63)), 2**63 - 1)


def _refuse(text: str) -> Json:
    raise ValueError(f"{text} is not allowed")


def _in_bytes(value: Json, depth: int) -> Json:
    if depth == 0:
        raise DocumentError("nested too deeply")
    if isinstance(value, str):
        return _bytes_of(value)
    if isinstance(value, list):
        return [_in_bytes(each, depth - 1) for each in value]
    if isinstance(value, dict):
        return {_bytes_of(key): _in_bytes(each, depth - 1) for key, each in value.items()}
    return value


def _bytes_of(text: str) -> str:
    """Byte text of a text; a half of a surrogate pair becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        clean = re.sub("[\ud800-\udbff]|[\udc00-\udc7f]|[\udd00-\udfff]", "\ufffd", text)
        return clean.encode("utf-8", "surrogateescape").decode("latin-1")


# ---------------------------------------------------------------- printing


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is printed: the text inside brackets and behind colons and commas, indented or not."""

    inside: str = ""
    colon: str = ":"
    comma: str = ","
    indent: str = ""
    escapes_slash: bool = True


SPACED = Style(" ", ": ", ", ")
COMPACT = Style()
COMPACT_UNESCAPED = Style(escapes_slash=False)
PRETTY = Style(indent="  ")

_SPECIAL = re.compile(r'[\x00-\x1f"\\/]')
_SPECIAL_BUT_SLASH = re.compile(r'[\x00-\x1f"\\]')
_ESCAPES = {
    "\b": "\\b", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", '"': '\\"', "\\": "\\\\", "/": "\\/",
}  # fmt: skip


def show(value: Json, style: Style) -> str:
    """The text of a document. Raises DocumentError if it is too long or too deep to be one."""
    printer = _Printer(style)
    printer.add(value, 0)
    return "".join(printer.parts)


class _Printer:
    def __init__(self, style: Style) -> None:
        self.style = style
        self.parts: list[str] = []
        self.room = LONGEST

    def put(self, text: str) -> None:
        self.room -= len(text)
        if self.room < 0:
            raise DocumentError("too long to be printed")
        self.parts.append(text)

    def add(self, value: Json, depth: int) -> None:
        if isinstance(value, dict):
            self.enclosed("{}", [(self.quoted(key) + self.style.colon, each) for key, each in value.items()], depth)
        elif isinstance(value, list):
            self.enclosed("[]", [("", each) for each in value], depth)
        else:
            self.put(self.quoted(value) if isinstance(value, str) else plain(value))

    def enclosed(self, brackets: str, members: list[tuple[str, Json]], depth: int) -> None:
        if depth > 4 * DEEPEST:
            raise DocumentError("nested too deeply to be printed")
        style, before = self.style, self.style.inside
        if style.indent and members:
            before = "\n" + style.indent * (depth + 1)
        self.put(brackets[0])
        for number, (label, value) in enumerate(members):
            comma = (style.comma if before == style.inside else f",{before}") if number else before
            self.put(comma + label)
            self.add(value, depth + 1)
        self.put(("\n" + style.indent * depth if style.indent and members else style.inside) + brackets[1])

    def quoted(self, text: str) -> str:
        special = _SPECIAL if self.style.escapes_slash else _SPECIAL_BUT_SLASH
        return f'"{special.sub(_escaped, text)}"'


def plain(value: Json) -> str:
    """The text of a value that is neither text nor made of others."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Real) else str(value)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    return _ESCAPES.get(char) or f"\\u{ord(char):04x}"


# ---------------------------------------------------------------- structure


def reaches(start: Json, wanted: Json) -> bool:
    """A list or object is inside another one, or is that one itself."""
    waiting, seen = [start], set[int]()
    while waiting:
        value = waiting.pop()
        if value is wanted:
            return True
        if isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            waiting += value.values() if isinstance(value, dict) else value
    return False


def merged(target: Json, patch: Json) -> Json:
    """The target with a patch applied: members replaced or added, those that are null removed (RFC 7396 2)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value)
    return made
