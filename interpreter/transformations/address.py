"""`{uri...}` and `{via...}`: parts of URIs and of Via values (language.md 5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from relayscript.interpreter.transformations.arguments import Args, Unfit, text_argument, text_input
from relayscript.interpreter.values import Value, ascii_lower
from relayscript.sip.errors import SipError
from relayscript.sip.uri import Uri, parse_uri
from relayscript.sip.via import Via, parse_via, split_first

_COMMENT = re.compile(r"\s\(([^()]*)\)\s*\Z")

Operation = Callable[[Value, Args], Value]


def _uri(value: Value) -> Uri:
    try:
        return parse_uri(text_input(value))
    except SipError:
        raise Unfit from None


def _uri_part(read: Callable[[Uri], Value]) -> Operation:
    """A part of the URI; one that is empty is NULL."""

    def part(value: Value, args: Args) -> Value:
        found = read(_uri(value))
        return None if found == "" else found

    return part


def uri_param(value: Value, args: Args) -> Value:
    """`{uri.param,name}`: a parameter's value, empty if it has none; the case of names does not count."""
    return _uri(value).param(ascii_lower(text_argument(args, 0)))


def _first_via(value: Value) -> tuple[str, str]:
    """The first Via value, and the comment behind it; empty without one (RFC 2543 6.40)."""
    text = split_first(text_input(value))[0]
    found = _COMMENT.search(text)
    return (text, "") if found is None else (text[: found.start()], found[1])


def _via(value: Value) -> Via:
    try:
        return parse_via(_first_via(value)[0])
    except SipError:
        raise Unfit from None


def _via_part(read: Callable[[Via], Value]) -> Operation:
    def part(value: Value, args: Args) -> Value:
        found = read(_via(value))
        return None if found == "" else found

    return part


def via_params(value: Value, args: Args) -> Value:
    """`{via.params}`: all behind the first `;`, as it is written."""
    _via(value)
    return _first_via(value)[0].partition(";")[2] or None


def via_comment(value: Value, args: Args) -> Value:
    """`{via.comment}`: the comment, without its parentheses."""
    _via(value)
    return _first_via(value)[1] or None


def via_param(value: Value, args: Args) -> Value:
    """`{via.param,name}`: a parameter's value; the case of names does not count."""
    return _via(value).param(ascii_lower(text_argument(args, 0))) or None


def _named(name: str) -> Callable[[Uri], Value]:
    return lambda uri: uri.param(name)


ADDRESS: dict[tuple[str, str], Operation] = {
    ("uri", "user"): _uri_part(lambda uri: uri.user),
    ("uri", "host"): _uri_part(lambda uri: uri.host),
    ("uri", "domain"): _uri_part(lambda uri: uri.host),
    ("uri", "passwd"): _uri_part(lambda uri: uri.password),
    ("uri", "port"): _uri_part(lambda uri: uri.port),
    ("uri", "params"): _uri_part(lambda uri: uri.params),
    ("uri", "headers"): _uri_part(lambda uri: uri.headers),
    ("uri", "schema"): _uri_part(lambda uri: uri.scheme),
    ("uri", "uparam"): _uri_part(_named("user")),
    **{("uri", name): _uri_part(_named(name)) for name in ("transport", "ttl", "maddr", "method", "lr", "r2")},
    ("uri", "param"): uri_param,
    ("via", "name"): _via_part(lambda via: via.version.partition("/")[0]),
    ("via", "version"): _via_part(lambda via: via.version.partition("/")[2]),
    ("via", "transport"): _via_part(lambda via: via.transport),
    ("via", "host"): _via_part(lambda via: via.host),
    ("via", "domain"): _via_part(lambda via: via.host),
    ("via", "port"): _via_part(lambda via: via.port),
    ("via", "branch"): _via_part(lambda via: via.branch),
    ("via", "received"): _via_part(lambda via: via.received),
    ("via", "rport"): _via_part(lambda via: via.rport),
    ("via", "params"): via_params,
    ("via", "comment"): via_comment,
    ("via", "param"): via_param,
}
