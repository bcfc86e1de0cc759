"""Dialogs as a proxy sees them: who is in one, how far it is, which messages belong to it (RFC 3261 12).

States and their numbers are those of OpenSIPS's module dialog (`$DLG_status`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple

from relayscript.sip.bodies import sdp_of
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.routing import route_set

UNCONFIRMED: Final = 1
EARLY: Final = 2
CONFIRMED_NO_ACK: Final = 3
CONFIRMED: Final = 4
DELETED: Final = 5

PROVISIONAL: Final = "provisional with a To tag"
SUCCESS: Final = "2xx"
FAILURE: Final = "final above 299"
ACK: Final = "ack"
REQUEST: Final = "request"
BYE: Final = "bye"
LIFETIME: Final = "timer lifetime"

TABLE: Mapping[int, Mapping[str, int]] = {
    UNCONFIRMED: {PROVISIONAL: EARLY, SUCCESS: CONFIRMED_NO_ACK, FAILURE: DELETED, LIFETIME: DELETED},
    EARLY: {
        PROVISIONAL: EARLY, REQUEST: EARLY, SUCCESS: CONFIRMED_NO_ACK, FAILURE: DELETED, BYE: DELETED,
        LIFETIME: DELETED,
    },
    CONFIRMED_NO_ACK: {
        SUCCESS: CONFIRMED_NO_ACK, REQUEST: CONFIRMED_NO_ACK, ACK: CONFIRMED, BYE: DELETED, LIFETIME: DELETED,
    },
    CONFIRMED: {SUCCESS: CONFIRMED, ACK: CONFIRMED, REQUEST: CONFIRMED, BYE: DELETED, LIFETIME: DELETED},
    DELETED: {},
}  # fmt: skip
"""state -> event -> next state. An event without an entry changes nothing: a late refusal by another branch
leaves an answered dialog alone, a BYE before any tag is known cannot be told to belong to it."""


class Direction(Enum):
    """Where a request within a dialog is going."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"


class Leg(NamedTuple):
    """One party: its tag, the CSeq number of its latest request as the other side saw it (0: none), its
    contact URI, the Route values that lead to it, and the latest session description it sent.

    `shift` is how many requests were made here in its name: its own go on with a CSeq number that is higher
    by as much. `invite_shift` is what it was at its latest INVITE, whose ACK needs the same.
    """

    tag: str
    cseq: int = 0
    contact: str = ""
    routes: tuple[str, ...] = ()
    sdp: str = ""
    shift: int = 0
    invite_shift: int = 0


def session_description(message: Message) -> str:
    """The session description in a message's body; empty if there is none."""
    return sdp_of(message.header("content-type") or "", message.body) if message.body else ""


def contact_uri(message: Message) -> str:
    """The URI of the first Contact; empty if there is none. Raises SipError if it is malformed."""
    value = message.header("contact")
    values = split_list(value) if value else ()
    return parse_nameaddr(values[0]).uri if values else ""


class Dialog:
    """A dialog made by an INVITE that passed here.

    `caller` sent the INVITE; `callees` are the legs that answered, by tag, in the order of their first
    answer; `winner` is the tag whose 2xx came first. `recorded` is how many Record-Route values we added to
    the INVITE; they and those before them do not lead to the callee. Raises SipError for a malformed INVITE.
    """

    __slots__ = (
        "call_id",
        "callees",
        "caller",
        "invite_cseq",
        "local_uri",
        "recorded",
        "remote_uri",
        "state",
        "winner",
    )

    def __init__(self, invite: Message) -> None:
        self.call_id = invite.call_id
        self.invite_cseq = invite.cseq[0]
        self.local_uri = invite.from_.uri
        self.remote_uri = invite.to.uri
        self.caller = Leg(
            invite.from_tag,
            self.invite_cseq,
            contact_uri(invite),
            route_set(invite, upstream=True),
            session_description(invite),
        )
        self.callees: dict[str, Leg] = {}
        self.state: int = UNCONFIRMED
        self.winner = ""
        self.recorded = 0

    @property
    def callee(self) -> Leg | None:
        """The leg of the call that was answered, or else the first that rings; None before any answer."""
        if self.winner:
            return self.callees[self.winner]
        return next(iter(self.callees.values()), None)

    def handle(self, event: str) -> bool:
        """Take an event; whether it changed the state."""
        following = TABLE[self.state].get(event, self.state)
        changed, self.state = following != self.state, following
        return changed

    def receive_reply(self, reply: Message) -> bool:
        """A reply to the INVITE goes to the caller; whether it changed the state. SipError if it is bad."""
        tag = reply.to_tag
        if reply.status >= 300:
            return self.handle(FAILURE)
        if reply.status <= 100 or not tag:
            return False
        if self.state < CONFIRMED_NO_ACK or (reply.status >= 200 and tag not in self.callees):
            self._learn_callee(tag, reply)
        if reply.status < 200:
            return self.handle(PROVISIONAL)
        if not self.winner:
            self.winner = tag
        return self.handle(SUCCESS)

    def _learn_callee(self, tag: str, reply: Message) -> None:
        known = self.callees.get(tag) or Leg(tag)
        contact = contact_uri(reply) or known.contact
        before = len(self.caller.routes) + self.recorded
        routes = route_set(reply, upstream=False)[before:] or known.routes
        sdp = session_description(reply) or known.sdp
        self.callees[tag] = Leg(tag, known.cseq, contact, routes, sdp, known.shift, known.invite_shift)

    def direction(self, request: Message) -> Direction | None:
        """Where a request within this dialog goes; None if it belongs to another one (RFC 3261 12.2.2)."""
        if request.call_id != self.call_id:
            return None
        sender, receiver = request.from_tag, request.to_tag
        if sender == self.caller.tag and (receiver in self.callees or not self.callees):
            return Direction.DOWNSTREAM
        if receiver == self.caller.tag and (sender in self.callees or not self.callees):
            return Direction.UPSTREAM
        return None

    def receive_request(self, request: Message) -> bool:
        """A request within the dialog passes; whether it changed the state. Raises SipError if malformed."""
        way = self.direction(request)
        if way is None:
            return False
        if way is Direction.DOWNSTREAM:
            self.caller = _advanced(self.caller, request)
        elif (leg := self.callees.get(request.from_tag)) is not None:
            self.callees[leg.tag] = _advanced(leg, request)
        if request.method == "ACK":
            return way is Direction.DOWNSTREAM and request.cseq[0] == self.invite_cseq and self.handle(ACK)
        return self.handle(BYE if request.method == "BYE" else REQUEST)

    def speaker(self, way: Direction, tag: str = "") -> Leg | None:
        """The leg that sends requests that way; of several callees the one with that tag, if it is known."""
        return self.caller if way is Direction.DOWNSTREAM else self.callees.get(tag) or self.callee

    def receive_answer(self, request: Message, reply: Message) -> None:
        """A 2xx to a later request of this dialog: learn contact and session description of the one that
        answered (RFC 3261 12.2.1.2). Raises SipError if it is malformed."""
        if not 200 <= reply.status < 300 or request.method not in ("INVITE", "UPDATE"):
            return
        sdp, contact = session_description(reply), contact_uri(reply)
        if reply.to_tag == self.caller.tag:
            self.caller = self.caller._replace(sdp=sdp or self.caller.sdp, contact=contact or self.caller.contact)
        elif (leg := self.callees.get(reply.to_tag)) is not None:
            self.callees[leg.tag] = leg._replace(sdp=sdp or leg.sdp, contact=contact or leg.contact)

    def advance(self, way: Direction, by: int) -> None:
        """Let requests that go that way have CSeq numbers higher by that many from now on."""
        leg = self.speaker(way)
        if leg is None:
            return
        moved = leg._replace(cseq=leg.cseq + by, shift=leg.shift + by)
        if way is Direction.DOWNSTREAM:
            self.caller = moved
        else:
            self.callees[leg.tag] = moved

    def build_request(
        self, way: Direction, method: str, headers: str = "", body: str = "", tag: str = ""
    ) -> str:
        """A request of ours within the dialog, without Via, as byte text (RFC 3261 12.2.1.1).

        It takes the next CSeq number of the side it speaks for. `headers` are more lines, each with its
        CRLF. Of several callees the one with that tag is meant. Raises LookupError while no callee is known.
        """
        callee = self.callees.get(tag) or self.callee
        if callee is None:
            raise LookupError("no callee yet")
        self.advance(way, 1)
        speaker, listener, uris = self.caller, callee, (self.local_uri, self.remote_uri)
        if way is Direction.UPSTREAM:
            speaker, listener, uris = self.callees[callee.tag], self.caller, (self.remote_uri, self.local_uri)
        routes = "".join(f"Route: {value}\r\n" for value in listener.routes)
        return (
            f"{method} {listener.contact or uris[1]} SIP/2.0\r\n{routes}Max-Forwards: 70\r\n"
            f"From: <{uris[0]}>;tag={speaker.tag}\r\nTo: <{uris[1]}>;tag={listener.tag}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {speaker.cseq} {method}\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n{body}"
        )


def _advanced(leg: Leg, request: Message) -> Leg:
    """A leg after a request of its own: CSeq, body, and what a target refresh changes (RFC 3261 12.2.2)."""
    sdp = session_description(request) or leg.sdp
    if request.method == "ACK":
        return leg if sdp == leg.sdp else leg._replace(sdp=sdp)
    contact = contact_uri(request) if request.method in ("INVITE", "UPDATE") else ""
    return Leg(
        leg.tag,
        max(leg.cseq, request.cseq[0] + leg.shift),
        contact or leg.contact,
        leg.routes,
        sdp,
        leg.shift,
        leg.shift if request.method == "INVITE" else leg.invite_shift,
    )
