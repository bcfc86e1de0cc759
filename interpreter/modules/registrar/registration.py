"""What a REGISTER asks for (RFC 3261 10.2, 10.3 steps 5 to 7; RFC 3327 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from relayscript.interpreter.modules.core.branches import parse_q
from relayscript.interpreter.modules.usrloc.binding import ALL_METHODS, method_mask
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.params import unquote
from relayscript.sip.routing import values

UNLIMITED = 0


class Refused(Exception):  # noqa: N818 - the answer to a request
    """The REGISTER is answered with this status; `text` says why in P-Registrar-Error."""

    def __init__(self, status: int, text: str, headers: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for what a REGISTER may ask for: seconds, lengths in bytes; 0 is no bound."""

    default_expires: int
    min_expires: int
    max_expires: int
    default_q: int
    max_contact_length: int
    received_param: str


@dataclass(frozen=True, slots=True)
class Offered:
    """One contact of a REGISTER. `seconds` is how long it shall be kept, 0 to remove it. A phone that sleeps and
    `wakes_itself` registers again without a push notification (RFC 8599 4.1.1)."""

    uri: str
    seconds: int
    q: int
    methods: int
    instance: str
    received: str
    wakes_itself: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """All that a REGISTER says. `clears` is Contact `*`: remove all bindings. `path` are the values of Path,
    one after the other."""

    call_id: str
    cseq: int
    contacts: tuple[Offered, ...]
    clears: bool
    user_agent: str
    path: str
    knows_path: bool


def read(message: Message, limits: Limits) -> Registration:
    """Read a REGISTER, or a reply to one. Raises Refused if it cannot be followed."""
    try:
        offered = [parse_nameaddr(text) for text in values(message, "contact")]
    except SipError:
        raise Refused(400, "Failed to parse the Contact header") from None
    expires = message.header("expires")
    clears = any(each.uri == "*" for each in offered)
    if clears and len(offered) > 1:
        raise Refused(400, "* used in contact and more than 1 contact")
    if clears and _seconds(expires) != 0:
        raise Refused(400, "* used in contact and expires is not zero")
    allowed = message.headers("allow")
    methods = method_mask(",".join(allowed)) if allowed else ALL_METHODS
    return Registration(
        message.call_id,
        message.cseq[0],
        () if clears else tuple(_offered(each, expires, methods, limits) for each in offered),
        clears,
        message.header("user-agent") or "",
        ",".join(message.headers("path")),
        "path" in {each.lower() for text in message.headers("supported") for each in split_list(text)},
    )


def granted(asked: Registration, reply: Message, sent: str) -> Registration:
    """A REGISTER that was sent on with another contact, as the reply of another registrar grants it.

    All its contacts are kept as long as the reply says for the one that was `sent`; they are removed if it does
    not list it. Raises Refused if the reply cannot be read.
    """
    try:
        listed = [parse_nameaddr(text) for text in values(reply, "contact")]
    except SipError:
        raise Refused(400, "Failed to parse the Contact header") from None
    found = next((each for each in listed if each.uri == sent), None)
    left = (_seconds(found.param("expires") or reply.header("expires")) or 0) if found is not None else 0
    contacts = tuple(replace(each, seconds=left if each.seconds else 0) for each in asked.contacts)
    return replace(asked, contacts=contacts)


def _offered(contact: NameAddr, expires: str | None, methods: int, limits: Limits) -> Offered:
    if len(contact.uri) > limits.max_contact_length > 0:
        raise Refused(400, "Contact URI too long")
    try:
        uri = contact.parsed_uri
    except SipError:
        raise Refused(400, "Failed to parse the Contact header") from None
    named = contact.param("methods")
    return Offered(
        contact.uri,
        lifetime(contact.param("expires"), expires, limits),
        _q(contact, limits.default_q),
        method_mask(unquote(named)) if named else methods,
        unquote(contact.param("+sip.instance") or ""),
        unquote(contact.param(limits.received_param) or uri.param(limits.received_param) or ""),
        contact.param("+sip.pnsreg") is not None,
    )


def _q(contact: NameAddr, default: int) -> int:
    text = contact.param("q")
    if not text:
        return default
    found = parse_q(text)
    if found is None:
        raise Refused(400, "Invalid q param in contact")
    return found


def _seconds(text: str | None) -> int | None:
    """The number of seconds; None for anything else (RFC 3261 20.19 has it treated as the default)."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:10]), 2**31 - 1)


def lifetime(own: str | None, common: str | None, limits: Limits) -> int:
    """How long a contact is kept: its `expires` parameter, else the Expires header, within the limits."""
    found = _seconds(own if own is not None else common)
    seconds = limits.default_expires if found is None else found
    if seconds == 0:
        return 0
    seconds = max(seconds, limits.min_expires)
    return min(seconds, limits.max_expires) if limits.max_expires else seconds


def within(limits: Limits, least: int | None, most: int | None) -> Limits:
    """The limits with other bounds for lifetimes, where given."""
    return replace(
        limits,
        min_expires=limits.min_expires if least is None else least,
        max_expires=limits.max_expires if most is None else most,
    )
