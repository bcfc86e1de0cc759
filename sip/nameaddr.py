"""Addresses of headers: `"Name" <uri>;params`, as in From, To, Contact, Route (RFC 3261 20.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from relayscript.sip.errors import SipError
from relayscript.sip.params import LWS, end_of_quoted, find_param, unquote
from relayscript.sip.uri import Uri, parse_uri

_SPECIAL = re.compile(r'[",<]')


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A header value that holds a URI. `display` is as written (quotes included), `uri` is text,
    `params` are those of the header, without the first `;`. The value `*` has the URI `*`.
    """

    display: str
    uri: str
    params: str = ""

    def __str__(self) -> str:
        if self.uri == "*":
            return "*"
        name = f"{self.display} " if self.display else ""
        return f"{name}<{self.uri}>;{self.params}" if self.params else f"{name}<{self.uri}>"

    def param(self, name: str) -> str | None:
        """The value of a header parameter (name in lower case): "" if it has none, None if it is absent."""
        return find_param(self.params, name) if self.params else None

    @property
    def tag(self) -> str:
        """The tag parameter; empty if there is none."""
        return find_param(self.params, "tag") or "" if self.params else ""

    @property
    def name(self) -> str:
        """The display name without quotes and escapes."""
        return unquote(self.display)

    @property
    def parsed_uri(self) -> Uri:
        """The URI as a value. Raises SipError like `parse_uri`."""
        return parse_uri(self.uri)


def _angle(text: str) -> int:
    """Where `<` opens, not inside quotes; -1 if it does not."""
    opening, at = text.find("<"), 0
    while opening >= 0:
        quote = text.find('"', at)
        if quote < 0 or quote > opening:
            return opening
        at = end_of_quoted(text, quote)
        if at > opening:
            opening = text.find("<", at)
    return -1


def parse_nameaddr(text: str) -> NameAddr:
    """Read one address, with or without brackets. Without, all behind the first `;` belongs to the header
    (RFC 3261 20). Raises SipError `address` if there is no URI, or text where only parameters may stand.
    """
    return _known(text) if len(text) <= 256 else _read(text)


def _read(text: str) -> NameAddr:
    opening = _angle(text)
    if opening < 0:
        uri, _, params = text.partition(";")
        display, uri = "", uri.strip(LWS)
        if '"' in uri or " " in uri:
            raise SipError("address", f"malformed address {text[:80]!r}", 400, "Bad Address")
    else:
        closing = text.find(">", opening)
        display, uri, rest = (
            text[:opening].strip(LWS),
            text[opening + 1 : closing].strip(LWS),
            text[closing + 1 :],
        )
        blank, mark, params = rest.partition(";")
        if closing < 0 or blank.strip(LWS) or (not mark and rest.strip(LWS)):
            raise SipError("address", f"malformed address {text[:80]!r}", 400, "Bad Address")
    if not uri:
        raise SipError("address", "address without a URI", 400, "Bad Address")
    return NameAddr(display, uri, params.strip(LWS))


_known = lru_cache(maxsize=4096)(_read)


def split_list(text: str) -> list[str]:
    """Split a header value at its commas, those in quotes and in `<>` left alone; blanks around dropped.

    Empty elements vanish (RFC 3261 7.3.1 has none; peers send them).
    """
    if "," not in text:
        value = text.strip(LWS)
        return [value] if value else []
    parts: list[str] = []
    start = at = 0
    while (found := _SPECIAL.search(text, at)) is not None:
        at, char = found.end(), found[0]
        if char == '"':
            at = end_of_quoted(text, at - 1)
        elif char == "<":
            closing = text.find(">", at)
            at = len(text) if closing < 0 else closing + 1
        else:
            parts.append(text[start : at - 1].strip(LWS))
            start = at
    parts.append(text[start:].strip(LWS))
    return [part for part in parts if part]
