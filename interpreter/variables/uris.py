"""The parts of a URI as variables show them, and a URI with one part rewritten (language.md 4)."""

from __future__ import annotations

from relayscript.interpreter.values import Dual, Value
from relayscript.sip.errors import SipError
from relayscript.sip.params import split_outside_quotes
from relayscript.sip.transport import DEFAULT_PORTS
from relayscript.sip.uri import Uri, parse_uri

PROTOCOL_IDS = {"none": 0, "udp": 1, "tcp": 2, "tls": 3, "sctp": 4, "ws": 5, "wss": 6}
"""The int side of a protocol name."""


def parsed(text: str) -> Uri | None:
    """The URI; None if it does not parse."""
    try:
        return parse_uri(text)
    except SipError:
        return None


def user(uri: Uri | None) -> Value:
    """The user part; NULL if there is none."""
    return uri.user or None if uri is not None else None


def host(uri: Uri | None) -> Value:
    """The host; NULL if there is none."""
    return uri.host or None if uri is not None else None


def port(uri: Uri | None) -> Value:
    """The port: a string with its number if it is written, else the default of the transport as an int."""
    if uri is None:
        return None
    if uri.port is not None:
        return Dual(str(uri.port), uri.port)
    return DEFAULT_PORTS.get(uri.transport or "udp", 5060)


def protocol(uri: Uri | None) -> Value:
    """The transport in lower case, `udp` if nothing else is said, with the protocol's number."""
    if uri is None:
        return None
    name = uri.transport or "udp"
    return Dual(name, PROTOCOL_IDS.get(name, 0))


def compose(
    uri: Uri,
    *,
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: str | None = None,
    params: str | None = None,
) -> str:
    """The URI with some parts replaced by text as it is; an empty text removes the part."""
    user = uri.user if user is None else user
    password = uri.password if password is None else password
    host = uri.host if host is None else host
    if port is None:
        port = "" if uri.port is None else str(uri.port)
    params = uri.params if params is None else params
    secret = f":{password}" if password else ""
    at = "@" if (user or secret) and host else ""
    behind = f":{port}" if port else ""
    tail = f";{params}" if params else ""
    headers = f"?{uri.headers}" if uri.headers else ""
    return f"{uri.scheme}:{user}{secret}{at}{host}{behind}{tail}{headers}"


def with_host(uri: Uri, host: str, port: str | None = None) -> str:
    """The URI with another host, without a `maddr` parameter (it would override the host)."""
    return compose(uri, host=host, port=port, params=_without_maddr(uri.params))


def _without_maddr(params: str) -> str:
    if "maddr" not in params.lower():
        return params
    kept = [each for each in split_outside_quotes(params, ";") if not each.strip().lower().startswith("maddr=")]
    return ";".join(kept)
