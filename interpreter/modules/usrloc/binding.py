"""One binding of an address-of-record to a contact, and the record of all that an address has (RFC 3261 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from relayscript.interpreter.values import ascii_lower
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.transport import Listener
from relayscript.sip.uri import Uri, parse_uri

METHODS = (
    "INVITE", "CANCEL", "ACK", "BYE", "INFO", "OPTIONS", "UPDATE", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY",
    "PRACK", "REFER", "PUBLISH",
)  # fmt: skip
"""The methods with a bit of their own, lowest first; all others share the next one."""

ALL_METHODS = 2**32 - 1

CONTACT_ONLY, CONTACT_CALLID = "contact-only", "contact-and-callid"
MATCHING_MODES = (CONTACT_ONLY, CONTACT_CALLID)
"""How contacts are told apart, by number of `matching_mode`; a mode `<name,...>` compares URI parameters."""


PUSHED = 4
"""The bit of a contact that takes push notifications (registrar manual)."""


class StaleRequest(Exception):  # noqa: N818 - a finding about a request, not a fault of ours
    """The CSeq number goes back, so that the request is older than the binding (RFC 3261 10.3 step 7)."""


@dataclass(slots=True, eq=False)
class Binding:
    """A contact of an address-of-record.

    `expires` and `modified` are seconds since the epoch, `expires` 0 means for ever. `q` is in thousandths,
    -1 if unset. `received` is where the phone was seen, as a URI; `path` the Path value that leads to it.
    `flags` are its branch flags. `methods` is a mask, see METHODS. `latency` is that of the last ping that was
    answered, in microseconds. `shared_tag` says who owns it in a cluster. One that `is_volatile` is not stored.
    One that `takes_push` has to be woken by a push notification first (RFC 8599).
    """

    uri: str
    expires: float
    q: int = -1
    call_id: str = ""
    cseq: int = 0
    user_agent: str = ""
    received: str = ""
    path: str = ""
    socket: Listener | None = None
    flags: set[str] = field(default_factory=set)
    methods: int = ALL_METHODS
    instance: str = ""
    attributes: str = ""
    modified: float = 0.0
    number: int = 0
    latency: int = 0
    shared_tag: str = ""
    is_volatile: bool = False
    takes_push: bool = False

    @property
    def internal_flags(self) -> int:
        """What is noted beside the flags of the branch: 4 if it takes push notifications."""
        return PUSHED if self.takes_push else 0

    def lives(self, now: float) -> bool:
        """It has not expired."""
        return self.expires == 0 or self.expires > now

    @property
    def next_hop(self) -> str | None:
        """The URI to send to instead of the contact: the first of the path, else where it was seen; None if
        neither is known."""
        if not self.path:
            return self.received or None
        try:
            return parse_nameaddr(split_list(self.path)[0]).uri
        except (SipError, IndexError):
            return self.received or None

    @property
    def source(self) -> Uri | None:
        """Where the phone is: seen there, or by its own words; None if that does not parse."""
        try:
            return parse_uri(self.received or self.uri)
        except SipError:
            return None


class Record:
    """The bindings of one address-of-record, the preferred first, and what scripts keep with it."""

    __slots__ = ("_by_uri", "aor", "bindings", "keys")

    def __init__(self, aor: str) -> None:
        self.aor = aor
        self.bindings: list[Binding] = []
        self.keys: dict[str, str] = {}
        self._by_uri: dict[str, list[Binding]] = {}

    def live(self, now: float) -> list[Binding]:
        """The bindings that have not expired."""
        return [each for each in self.bindings if each.lives(now)]

    def add(self, binding: Binding, *, newest_first: bool = False) -> None:
        """Put a binding among the others: behind those with the same q or more, or before all."""
        at = 0 if newest_first else len(self.bindings)
        while at and self.bindings[at - 1].q < binding.q:
            at -= 1
        self.bindings.insert(at, binding)
        self._by_uri.setdefault(binding.uri, []).append(binding)

    def replace(self, old: Binding, new: Binding) -> None:
        """Put another binding in the place of one."""
        self.bindings[self.bindings.index(old)] = new
        self._forget(old)
        self._by_uri.setdefault(new.uri, []).append(new)

    def remove(self, binding: Binding) -> None:
        """Take a binding out."""
        self.bindings.remove(binding)
        self._forget(binding)

    def _forget(self, binding: Binding) -> None:
        others = self._by_uri[binding.uri]
        others.remove(binding)
        if not others:
            del self._by_uri[binding.uri]

    def find(self, uri: str, call_id: str, mode: str) -> Binding | None:
        """The binding that a contact stands for. A contact is told apart by its text, as it came."""
        names = [each.strip() for each in mode[1:-1].split(",")] if mode.startswith("<") else []
        wanted = uri_parameters(uri, names)
        if wanted:
            return next((each for each in self.bindings if uri_parameters(each.uri, names) == wanted), None)
        found = self._by_uri.get(uri, ())
        return next((each for each in found if mode != CONTACT_CALLID or each.call_id == call_id), None)


def uri_parameters(uri: str, names: Sequence[str]) -> tuple[str, ...]:
    """The values of a URI's parameters; empty if it lacks one of them, or does not parse."""
    try:
        parsed = parse_uri(uri)
    except SipError:
        return ()
    found = [parsed.param(ascii_lower(name)) for name in names]
    return tuple(each for each in found if each is not None) if None not in found else ()


def method_mask(names: str) -> int:
    """The mask of a list of methods, separated by commas."""
    return sum({method_bit(name.strip()) for name in names.split(",") if name.strip()})


def method_bit(name: str) -> int:
    """The bit of a method."""
    return 1 << (METHODS.index(name.upper()) if name.upper() in METHODS else len(METHODS))
