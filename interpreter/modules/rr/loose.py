"""Follows the Route headers of a request that comes through us (RFC 3261 16.4, 16.6 step 6, 16.12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from relayscript.sip.errors import SipError
from relayscript.sip.message import Changes, Message
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.uri import Uri, is_loose, parse_uri

IsOwn = Callable[[Uri], bool]


class Routing(NamedTuple):
    """Where the Route headers lead.

    `params` are those of our own route (None if the topmost was not ours), `followed` those that say
    which dialog it is. `uri` is the new Request-URI and `next_hop` where to send it, None to leave them.
    `second` is the other one of a pair of own routes: it names the socket to send from. Of the routes,
    those from `first` to before `end` remain, with `appended` behind them. `arrived` says that none is left
    and the Request-URI leads on.
    """

    params: str | None = None
    followed: str = ""
    uri: str | None = None
    next_hop: str | None = None
    second: Uri | None = None
    first: int = 0
    end: int = 0
    appended: str = ""
    arrived: bool = False


def follow(message: Message, uri: str, is_own: IsOwn, *, double: bool) -> Routing | None:
    """Where a request with that current Request-URI goes; None without Route headers.

    Raises SipError if a route cannot be read.
    """
    routes = [Route.read(text) for _, values in _lines(message) for text in values]
    if not routes:
        return None
    if message.to_tag and _was_rewritten(uri, is_own):
        return _from_strict_router(routes, parse_uri(uri), is_own, double)
    return _from_loose_router(routes, uri, is_own, double)


class Route(NamedTuple):
    """One value of a Route header."""

    text: str
    uri: Uri

    @classmethod
    def read(cls, value: str) -> Route:
        """Parse it. Raises SipError."""
        address = parse_nameaddr(value)
        return cls(address.uri, address.parsed_uri)


def _was_rewritten(uri: str, is_own: IsOwn) -> bool:
    """A strict router put our Record-Route value into the Request-URI (RFC 3261 16.4)."""
    try:
        parsed = parse_uri(uri)
    except SipError:
        return False
    return not parsed.user and bool(parsed.host) and is_own(parsed)


def _is_pair(routes: list[Route], is_own: IsOwn, double: bool) -> bool:
    """The first two are the pair that record-routing between two of our sockets leaves."""
    return (
        double
        and len(routes) > 1
        and routes[0].uri.param("r2") is not None
        and routes[1].uri.param("r2") is not None
        and is_own(routes[1].uri)
    )


def _from_loose_router(routes: list[Route], uri: str, is_own: IsOwn, double: bool) -> Routing:
    end, taken = len(routes), 0
    params: str | None = None
    second: Uri | None = None
    if is_own(routes[0].uri):
        params, taken = routes[0].uri.params, 1
        if _is_pair(routes, is_own, double):
            second, taken = routes[1].uri, 2
    followed = params or ""
    if taken == end:
        return Routing(params, followed, second=second, first=taken, end=end, arrived=True)
    following = routes[taken]
    if is_loose(following.uri):
        return Routing(params, followed, None, following.text, second, taken, end)
    return Routing(params, followed, following.text, None, second, taken + 1, end, uri)


def _from_strict_router(routes: list[Route], own: Uri, is_own: IsOwn, double: bool) -> Routing:
    end, taken = len(routes), 0
    second: Uri | None = None
    if own.param("r2") is not None and double and is_own(routes[0].uri):
        second, taken = routes[0].uri, 1
        if taken == end:
            return Routing(None, own.params, second=second, first=taken, end=end, arrived=True)
    following = routes[taken]
    if not is_loose(following.uri):
        return Routing(None, own.params, following.text, None, second, taken + 1, end)
    next_hop = following.text if taken < end - 1 else None
    return Routing(None, own.params, routes[-1].text, next_hop, second, taken, end - 1)


def apply(routing: Routing, message: Message, changes: Changes) -> None:
    """Queue the removal of the routes that are used up, and what is appended."""
    position, last = 0, 0
    for index, values in _lines(message):
        kept = [value for number, value in enumerate(values, position) if routing.first <= number < routing.end]
        position, last = position + len(values), index
        if not kept:
            changes.removed.add(index)
        elif len(kept) < len(values):
            changes.replaced[index] = message.line_with(index, ", ".join(kept))
    if routing.appended:
        changes.after.setdefault(last, []).append(f"Route: <{routing.appended}>")


def _lines(message: Message) -> list[tuple[int, list[str]]]:
    return [(index, split_list(message.value(index))) for index in message.indexes("route")]
