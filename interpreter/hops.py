"""Requests that come back: a loop is told from a spiral by the Vias that we wrote (RFC 3261 16.3, 16.6 step 8)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from relayscript.sip.branch import stateless_branch
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.via import Via, parse_via, split_vias

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm
    from relayscript.interpreter.runtime import Runtime

LOOP = (482, "Loop Detected")
TOO_MANY = (483, "Too Many Hops")

SHORTEST_VIA = 16
"""Bytes of the shortest Via value, `SIP/2.0/UDP a.b,`."""

MARK = "-"
"""Stands between the branch of a statelessly forwarded request and the digest of what its route depended on."""


class Hops:
    """Judges the way that a request has come.

    It is a loop if it has been here before, from the same neighbour, on the same socket, with all that RFC 3261
    16.6 lets its way depend on: Request-URI, Route, tags, Call-ID, CSeq, Proxy-Require, Proxy-Authorization. A
    spiral differs in one of them. What was sent through a transaction is compared with the transaction's request,
    what was forwarded statelessly with the digest in our Via.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._tm: Tm | None = runtime.modules.get("tm")  # type: ignore[assignment]
        self._own = frozenset(each.sent_by for each in runtime.listeners) if runtime.globals.loop_detection else ()
        self._mark = re.compile("|".join(map(re.escape, sorted(self._own))))
        self._most = runtime.globals.max_hops

    def judge(self, request: Message) -> tuple[int, str] | None:
        """Status and reason to refuse a request with; None if its way is all right."""
        if self._most and len(request.data) > self._most * SHORTEST_VIA and self._has_too_many(request):
            return TOO_MANY
        own = self._own_vias(request) if self._own else ()
        return LOOP if own and any(self._was_this(via, request) for via in own) else None

    def _has_too_many(self, message: Message) -> bool:
        values = message.headers("via")
        return len(values) + sum(value.count(",") for value in values) > self._most

    def _own_vias(self, request: Message) -> list[Via]:
        """The Vias of a request that we wrote; in most there is none."""
        marked, headers = self._mark.search, zip(request.keys, request.lines, strict=True)
        lines = [line for key, line in headers if key == "via" and marked(line)]
        return [via for line in lines for via in _readable(line.partition(":")[2]) if via.sent_by in self._own]

    def _was_this(self, via: Via, request: Message) -> bool:
        """The Via is from the time when this same request was here."""
        branch = via.branch
        seen = self._tm.table.of_token(branch) if self._tm is not None else None
        if seen is not None:
            return _same_way(seen.transaction.request, request)
        return branch.rpartition(MARK)[2] == _digest(request)


def stateless_token(request: Message) -> str:
    """The Via branch of a request that is forwarded statelessly (RFC 3261 16.11), with its digest.

    It is the same for retransmissions, the CANCEL, and the ACK to a refusal.
    """
    return f"{stateless_branch(request)}{MARK}{_digest(request)}"


def _readable(value: str) -> list[Via]:
    found: list[Via] = []
    for text in split_vias(value):
        try:
            found.append(parse_via(text))
        except SipError:
            continue
    return found


def _same_way(one: Message, other: Message) -> bool:
    try:
        return _way(one) == _way(other)
    except SipError:
        return False


def _way(request: Message) -> tuple[object, ...]:
    """What the way of a request depends on. Raises SipError if its addresses cannot be read."""
    headers = (request.headers(key) for key in ("route", "proxy-require", "proxy-authorization"))
    return (
        request.method, request.uri, *map(tuple, headers), request.from_tag, request.to_tag, request.call_id,
        request.cseq_parts, request.top_via.sent_by, request.listener,
    )  # fmt: skip


def _digest(request: Message) -> str:
    """A digest of that, but for what a CANCEL or an ACK has otherwise than its INVITE."""
    parts = (
        request.uri, *request.headers("route"), request.call_id, request.cseq_parts[0], request.top_via.sent_by,
        str(request.listener),
    )  # fmt: skip
    return blake2b("\0".join(parts).encode("latin-1"), digest_size=8).hexdigest()
