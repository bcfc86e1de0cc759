"""An update of a live call by management: a new offer and answer at the relay, and a re-INVITE to each side.

The choreography of rtp-relay.md 7 with OURS: nothing is changed until both sides have accepted, and a call
whose update fails is led back to where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_address
from typing import TYPE_CHECKING

from relayscript.engines.contract import Engine, Exchange, Outcome, Session
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.exchanges import bare_exchange
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.reinvite import ATTEMPTS, GLARE, pause, reinvite
from relayscript.interpreter.modules.rtp_relay.session import Engagement, RelaySession
from relayscript.interpreter.values import Value
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.uri import parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog


class Result(Enum):
    """How an update ended; one that was not started has troubled nobody."""

    NOT_STARTED = "not started"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changes. None and "" keep what there is; a call that is to `leave` gets any other node.

    `flags` are new settings of the participants: `caller` and `callee`, each field with its value.
    """

    engine: Engine | None = None
    set: int | None = None
    node: str = ""
    leave: bool = False
    flags: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """A participant that is sent a re-INVITE, its settings now, and those it is to have."""

    way: Direction
    leg: Leg
    draft: Leg


class Update:
    """The update of one call. `run` must be called once, in a run that may wait.

    `glare` is the way of our re-INVITE if it met one from there: another attempt may succeed.
    """

    def __init__(self, operations: Operations, call: RelayCall, change: Change) -> None:
        assert call.established is not None
        assert call.dialog is not None
        self.operations = operations
        self.call = call
        self.change = change
        self.dialog: Dialog = call.dialog
        self.old = call.established
        self.caller = self._side(Direction.UPSTREAM, self.old.caller, "caller")
        self.callee = self._side(Direction.DOWNSTREAM, self.old.callee, "callee")
        self.new = self._draft()
        self.accepted: list[Side] = []
        self.glare: Direction | None = None

    def _side(self, way: Direction, leg: Leg, name: str) -> Side:
        draft = leg.copy()
        for each, value in self.change.flags.get(name, {}).items():
            draft.write(each, value)
        return Side(way, leg, draft)

    def _draft(self) -> RelaySession:
        """The session as it shall be; it becomes one of the call's when all has gone well."""
        change, old = self.change, self.old
        engine = change.engine or old.engine
        number = old.session.set if change.set is None else change.set
        moves = change.leave or engine is not old.engine or number != old.session.set
        node = change.node or ("" if moves else old.session.node)
        engagement = Engagement(engine, number, old.engagement.branch)
        at_relay = Session(self.call.call_id, branch=old.session.branch, set=number, node=node)
        made = RelaySession(engagement, old.branch, self.caller.draft, self.callee.draft, at_relay)
        made.offered_late = True
        return made

    # ---- the choreography

    def run(self) -> Result:
        """Offer, re-INVITE the caller, answer, re-INVITE the callee; then the new session takes over."""
        offered = self._offer(self.new, self.callee, self._agreed(self.callee))
        if not offered.ok:
            self._back()
            return Result.NOT_STARTED
        status, answer = self._reinvite(self.caller, offered.body)
        if not status:
            self._back()
            return Result.NOT_STARTED
        if self._goes_on(status) and answer is not None and self._renew(answer):
            self._commit()
            return Result.DONE
        self._back()
        return Result.FAILED

    def _renew(self, answer: Message) -> bool:
        """The caller's answer goes through the relay to the callee, and the callee's back to the relay."""
        body = description(answer)
        if body is None:
            return False
        answered = self._answer(self.new, self.caller, body, answer)
        if not answered.ok:
            return False
        status, last = self._reinvite(self.callee, answered.body)
        if not self._goes_on(status) or last is None:
            return False
        return self._tell(self.new, self.callee, last, self._agreed(self.callee))

    def _goes_on(self, status: int) -> bool:
        return 200 <= status < 300 and not self.call.ended

    def _reinvite(self, side: Side, body: str) -> tuple[int, Message | None]:
        if self.call.ended:
            return 0, None
        status, reply = reinvite(self.operations.runtime, self.dialog, side.way, body)
        self.glare = side.way if status == GLARE else None
        if 200 <= status < 300 and side not in self.accepted:
            self.accepted.append(side)
        return status, reply

    def _insist(self, side: Side, body: str) -> tuple[int, Message | None]:
        """A re-INVITE that should succeed: it is sent again if it meets one from there."""
        met = self.glare
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(self.operations.runtime, side.way)
            status, reply = self._reinvite(side, body)
            if status != GLARE:
                break
        self.glare = met
        return status, reply

    # ---- success and failure

    def _commit(self) -> None:
        """The new session takes the place of the old one, which is released where it was left."""
        old, new, call = self.old, self.new, self.call
        for side in (self.caller, self.callee):
            side.leg.take_over(side.draft)
            for body in new.bodies():
                if body.author is side.draft:
                    body.author = side.leg
        new.caller, new.callee = old.caller, old.callee
        call.replace(old, new)
        if self._in_place:
            self.operations.drop(old)
        else:
            self.operations.delete(call, old)

    def _back(self) -> None:
        """Undo it: the relay as it was, and the old description again for each side that accepted a new one.

        If another node had to take over meanwhile, both sides get a description that leads there.
        """
        old, new, agreed = self.old, self.new, self.old.agreed
        assert agreed is not None
        sides, node = tuple(self.accepted), old.session.node
        if self._in_place:
            self.operations.drop(new)
            restored = self.operations.restore(self.call, old)
            if restored is not None and old.session.node != node:
                old.agreed = agreed = restored
                sides = (self.caller, self.callee)
        else:
            self.operations.delete(self.call, new)
        for side in sides:
            before = agreed.by(side.leg).exchange.body
            status, reply = self._insist(side, agreed.to(side.leg).result)
            if self._goes_on(status) and reply is not None:
                self._tell(old, side, reply, before)

    @property
    def _in_place(self) -> bool:
        """The relay changes the session that it has."""
        return self.new.held and self.new.shares_node(self.old)

    # ---- the relay

    def _agreed(self, side: Side) -> str:
        """The description that a side agreed to before the update, as it wrote it."""
        agreed = self.old.agreed
        assert agreed is not None
        return agreed.by(side.leg).exchange.body

    def _offer(self, session: RelaySession, side: Side, body: str, number: int = 1) -> Outcome:
        """Offer what a side wrote; the re-INVITE that carries it is the next, or (0) was the last."""
        author = session.caller if side is self.caller else session.callee
        exchange = self._exchange(session, author, body, self._other(side).way, number)
        exchange.source = _ip_of(self._contact(side))
        with self.call.turnstile:
            return self.operations.try_offer(self.call, session, author, exchange)

    def _answer(self, session: RelaySession, side: Side, body: str, message: Message) -> Outcome:
        author = session.caller if side is self.caller else session.callee
        exchange = self._exchange(session, author, body, side.way, 0)
        exchange.in_reply, exchange.source = True, message.source[0]
        with self.call.turnstile:
            return self.operations.try_answer(self.call, session, author, exchange)

    def _exchange(
        self, session: RelaySession, author: Leg, body: str, way: Direction, number: int
    ) -> Exchange:
        """What the relay is asked for a body, in the negotiation by the last (or next) re-INVITE that way."""
        sip, speaker = self.dialog.sip, self.dialog.sip.speaker(way)
        written_upstream = author is session.callee
        listener = self.dialog.socket(Direction.DOWNSTREAM if written_upstream else Direction.UPSTREAM)
        downstream = way is Direction.DOWNSTREAM
        return replace(
            bare_exchange(self.call, session, author, body),
            received_on=listener.host if listener is not None else "",
            cseq=str(number + (speaker.cseq if speaker is not None else 0)),
            from_uri=sip.local_uri if downstream else sip.remote_uri,
            to_uri=sip.remote_uri if downstream else sip.local_uri,
        )

    def _tell(self, session: RelaySession, side: Side, message: Message, before: str) -> bool:
        """A side answered our re-INVITE with another description than it had: the relay must know it."""
        body, agreed = description(message), session.agreed
        if body is None or body == before or agreed is None:
            return True
        other = self._other(side)
        author = session.caller if other is self.caller else session.callee
        offered = self._offer(session, other, agreed.by(author).exchange.body, 0)
        return offered.ok and self._answer(session, side, body, message).ok

    def _other(self, side: Side) -> Side:
        return self.callee if side is self.caller else self.caller

    def _contact(self, side: Side) -> str:
        leg = self.dialog.caller if side is self.caller else self.dialog.callee
        return leg.contact if leg is not None else ""


def _ip_of(contact: str) -> str:
    """The host of a contact if it is an IP address."""
    try:
        host = parse_uri(contact).host.strip("[]")
        return str(ip_address(host)) and host
    except (SipError, ValueError):
        return ""
