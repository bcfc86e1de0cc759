"""The Via header: one hop that a reply goes back through (RFC 3261 20.42, 18.2; RFC 3581)."""

from __future__ import annotations

import re
from typing import NamedTuple

from relayscript.sip.errors import SipError
from relayscript.sip.params import LWS, find_param, split_outside_quotes
from relayscript.sip.transport import Address

_TOKEN = r"[^\s/;,:\"<>@()\[\]=?{}\\]+"
_SENT_BY = re.compile(
    rf"\s*({_TOKEN})\s*/\s*({_TOKEN})\s*/\s*({_TOKEN})\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]\"/<>@]+)(?:\s*:\s*([0-9]{{1,5}}))?"
)
_USUAL = re.compile(r"SIP/2\.0/([A-Z]+) ([0-9A-Za-z.-]+)(?::([0-5]?[0-9]{1,4}))?(?:;(\S+))?", re.ASCII)
"""A Via value as nearly all are written."""
_RPORT = re.compile(r";\s*rport\s*(?:=\s*)?(?=;|\Z)", re.IGNORECASE)


class Via(NamedTuple):
    """One Via value. `host` keeps the brackets of an IPv6 address, `params` are without the first `;`.

    A tuple, as each message brings new ones: it is made in a third of the time of a frozen dataclass.
    """

    version: str
    transport: str
    host: str
    port: int | None = None
    params: str = ""

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        params = f";{self.params}" if self.params else ""
        return f"{self.version}/{self.transport} {self.host}{port}{params}"

    def param(self, name: str) -> str | None:
        """The value of a parameter (name in lower case): "" if it has none, None if it is absent."""
        return find_param(self.params, name) if self.params else None

    @property
    def branch(self) -> str:
        """The branch parameter; empty if there is none."""
        return find_param(self.params, "branch") or ""

    @property
    def received(self) -> str:
        """The received parameter; empty if there is none."""
        return find_param(self.params, "received") or ""

    @property
    def rport(self) -> str | None:
        """The rport parameter: "" as a request for it, digits once filled in, None if absent (RFC 3581)."""
        return find_param(self.params, "rport")

    @property
    def sent_by(self) -> str:
        """Host and, if written, port."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def parse_via(text: str) -> Via:
    """Read one Via value. Raises SipError `via` if it is malformed."""
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        transport, host, digits, params = usual.groups()
        return Via("SIP/2.0", transport, host, int(digits) if digits else None, params or "")
    found = _SENT_BY.match(text)
    if found is not None:
        rest = text[found.end() :].strip(LWS)
        name, version, transport, host, port = found.groups()
        number = None if port is None else int(port)
        if (not rest or rest[0] == ";") and (number is None or number <= 65535):
            return Via(f"{name}/{version}", transport, host, number, rest[1:].strip(LWS))
    raise SipError("via", f"malformed Via {text[:80]!r}", 400, "Bad Via")


def split_first(value: str) -> tuple[str, str]:
    """The first value of a Via header that may hold several, and the rest (empty if there is no other)."""
    if "," not in value:
        return value, ""
    if '"' not in value:
        first, _, rest = value.partition(",")
    else:
        first = split_outside_quotes(value, ",")[0]
        rest = value[len(first) + 1 :]
    return first.strip(LWS), rest.strip(LWS)


def split_vias(value: str) -> list[str]:
    """All values of one Via header."""
    if "," not in value:
        return [value]
    return [part for part in (part.strip(LWS) for part in split_outside_quotes(value, ",")) if part]


def stamp(
    value: str, source: Address, *, force_rport: bool = False, forwarding: bool = False, is_known: bool = False
) -> str:
    """A Via value with `received` and `rport` of its first hop filled in (RFC 3261 18.2.1, RFC 3581 4).

    `received` goes in behind the sent-by if that is not the source address, nor `is_known` to be its name, or rport is
    asked for; a bare
    `rport` is filled in where it stands, a forced one put in front of the other parameters. All else stays
    as it was. Parameters are ordered as OpenSIPS does: when forwarding, a forced rport precedes `received`.
    """
    found = _SENT_BY.match(value)
    if found is None:
        raise SipError("via", f"malformed Via {value[:80]!r}", 400, "Bad Via")
    host, end = found[4], found.end()
    limit = len(value) if "," not in value else len(split_outside_quotes(value, ",")[0])
    bare = _RPORT.search(value, end, limit)
    wants = bare is not None or force_rport
    if not wants and (is_known or host.strip("[]") == source[0]):
        return value
    received = f";received={source[0]}"
    port = f";rport={source[1]}"
    if bare is not None:
        return "".join((value[:end], received, value[end : bare.start()], port, value[bare.end() :]))
    if not force_rport:
        return f"{value[:end]}{received}{value[end:]}"
    return (
        f"{value[:end]}{port}{received}{value[end:]}"
        if forwarding
        else f"{value[:end]}{received}{port}{value[end:]}"
    )
