"""SIP, SIPS and TEL URIs as values (RFC 3261 19.1, RFC 3966)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from relayscript.sip.errors import SipError
from relayscript.sip.params import find_param

_SIP = re.compile(
    r"(?P<scheme>sips?):"
    r"(?:(?P<user>[^@:\s\"]+)(?::(?P<password>[^@:\s<>\"]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:;?\s<>\"\[\],]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:;(?P<params>[^?\s<>]*))?"
    r"(?:\?(?P<headers>[^\s<>]*))?",
    re.IGNORECASE | re.ASCII,
)
_TEL = re.compile(
    r"(?P<scheme>tel|urn):(?P<user>[^;\s<>\"]+)(?:;(?P<params>[^\s<>]*))?", re.IGNORECASE | re.ASCII
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI. `scheme` is lower case; `user`, `password`, `params` (without the first `;`) and `headers`
    (without `?`) are as written, empty if absent; IPv6 hosts keep their brackets.

    A `tel` URI has its number as `user` and no host; a `urn` likewise has all behind the scheme.
    """

    scheme: str
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    params: str = ""
    headers: str = ""

    def __str__(self) -> str:
        parts = [self.scheme, ":", self.user]
        if self.password:
            parts += (":", self.password)
        if self.user and self.host:
            parts.append("@")
        parts.append(self.host)
        if self.port is not None:
            parts.append(f":{self.port}")
        if self.params:
            parts += (";", self.params)
        if self.headers:
            parts += ("?", self.headers)
        return "".join(parts)

    def param(self, name: str) -> str | None:
        """The value of a parameter (name in lower case): "" if it has none, None if it is absent."""
        return find_param(self.params, name) if self.params else None

    @property
    def transport(self) -> str:
        """The transport parameter in lower case; `tls` for sips without one; empty if nothing says."""
        named = (self.param("transport") or "").lower()
        return named or ("tls" if self.scheme == "sips" else "")


def parse_uri(text: str) -> Uri:
    """Read a URI.

    Raises SipError `uri`: 416 for a scheme other than sip, sips, tel and urn, 400 for one that does not
    parse (RFC 3261 8.2.2.1, 21.4.1). Host names are not judged beyond their delimiters.
    """
    return _known(text) if len(text) <= 256 else _read(text)


def _read(text: str) -> Uri:
    found = _SIP.fullmatch(text)
    if found is not None:
        scheme, user, password, host, port, params, headers = found.groups()
        number = int(port) if port is not None else None
        if number is None or number <= 65535:
            return Uri(scheme.lower(), user or "", password or "", host, number, params or "", headers or "")
    found = _TEL.fullmatch(text)
    if found is not None:
        scheme, user, params = found.groups()
        return Uri(scheme.lower(), user, params=params or "")
    known = _SCHEME.match(text)
    if known is not None and known[0].lower() not in ("sip:", "sips:", "tel:", "urn:"):
        raise SipError("uri", f"URI scheme of {text[:80]!r}", 416, "Unsupported URI Scheme")
    raise SipError("uri", f"malformed URI {text[:80]!r}", 400, "Bad Request-URI")


_known = lru_cache(maxsize=4096)(_read)


def is_loose(uri: Uri) -> bool:
    """Whether a route with this URI is a loose router (RFC 3261 19.1.1: parameter `lr`, with any value)."""
    return uri.param("lr") is not None
