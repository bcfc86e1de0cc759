"""Route sets, and Max-Forwards (RFC 3261 12.1, 16.3, 16.6)."""

from __future__ import annotations

from relayscript.sip.changes import Changes
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import split_list


def values(message: Message, key: str) -> list[str]:
    """All values of a comma-separated header, over all its lines, in order."""
    return [value for text in message.headers(key) for value in split_list(text)]


def route_set(message: Message, *, upstream: bool) -> tuple[str, ...]:
    """The route set that a message's Record-Route gives: in order for the side that received the request
    (`upstream`), reversed for the one that sent it (RFC 3261 12.1.1, 12.1.2)."""
    if "record-route" not in message.keys:
        return ()
    found = values(message, "record-route")
    return tuple(found if upstream else reversed(found))


def max_forwards(message: Message) -> int | None:
    """Max-Forwards; None if there is none. Raises SipError `max-forwards` if it is no number below
    2**31: beyond the 255 of RFC 3261 20.22 is for the proxy to cut (OpenSIPS `max_limit`)."""
    value = message.header("max-forwards")
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 10) or int(value) >= 2**31:
        raise SipError("max-forwards", f"bad Max-Forwards {value[:20]!r}", 400, "Bad Max-Forwards")
    return int(value)


def decrement_max_forwards(message: Message, changes: Changes, missing: int = 70) -> int:
    """Queue Max-Forwards less one, or a header with `missing` if there is none (RFC 3261 16.6 step 3).

    Returns what goes out. Raises SipError with 483 if it is used up (16.3 step 3), 400 if it is unreadable.
    """
    now = max_forwards(message)
    if now is None:
        changes.last.append(f"Max-Forwards: {missing}")
        return missing
    if now == 0:
        raise SipError("max-forwards", "too many hops", 483, "Too Many Hops")
    index = message.keys.index("max-forwards")
    changes.replaced[index] = message.line_with(index, str(now - 1))
    return now - 1
