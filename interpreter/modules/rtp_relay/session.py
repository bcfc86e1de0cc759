"""One session at a relay: who takes part, what was offered and answered, and what is still held there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relayscript.engines.contract import Copy, Engine, Exchange, Session
from relayscript.interpreter.modules.rtp_relay.legs import Leg

ALL_BRANCHES = -1
MOST_RESULTS = 4
"""How many results are kept for messages that may come again."""

Repeatable = tuple[int | str, int, str, str]
"""What a retransmitted message is known by: status or method, CSeq number, author's tag, body."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """One `rtp_relay_engage`: the engine and set for all branches (-1), or for one."""

    engine: Engine
    set: int | None
    branch: int = ALL_BRANCHES


@dataclass(slots=True)
class Body:
    """A description that went through the relay: who wrote it, as it was, as the receiver got it, and the node
    that the receiver was led to.
    """

    author: Leg
    exchange: Exchange
    result: str
    node: str


@dataclass(slots=True)
class Agreement:
    """The latest offer that was answered, with its answer."""

    offer: Body
    answer: Body

    def by(self, leg: Leg) -> Body:
        """The one of the two that a participant wrote."""
        return self.offer if self.offer.author is leg else self.answer

    def to(self, leg: Leg) -> Body:
        """The one of the two that a participant was sent."""
        return self.answer if self.offer.author is leg else self.offer


class RelaySession:
    """One session at a relay, of one branch.

    `held` is true while the relay keeps resources for it, `over` once it was released for good; `broken`
    says that its offer failed: it is left alone from then on. `late` says that the callee makes the first
    offer, `offered_late` that it did. `offered` is the latest offer, None before any; `awaits_request` says
    that its answer comes in a request (ACK, PRACK), `acknowledged` who is to be told of the ACK. `agreed` is
    what was agreed on last, `copies` are those of its media that others get, by the script's names for them.
    """

    __slots__ = (
        "acknowledged", "agreed", "awaits_request", "branch", "broken", "callee", "caller", "copies", "engagement",
        "held", "late", "offered", "offered_late", "over", "results", "session",
    )  # fmt: skip

    def __init__(
        self, engagement: Engagement, branch: int, caller: Leg, callee: Leg, session: Session
    ) -> None:
        self.engagement = engagement
        self.branch = branch
        self.caller = caller
        self.callee = callee
        self.session = session
        self.held = False
        self.over = False
        self.broken = False
        self.late = False
        self.offered_late = False
        self.awaits_request = False
        self.offered: Body | None = None
        self.acknowledged: Callable[[], None] | None = None
        self.agreed: Agreement | None = None
        self.copies: dict[str, Copy] | None = None
        self.results: tuple[tuple[Repeatable, str], ...] = ()

    @property
    def engine(self) -> Engine:
        """The engine that serves it."""
        return self.engagement.engine

    @property
    def answered(self) -> bool:
        """An answer succeeded."""
        return self.agreed is not None

    def other(self, leg: Leg) -> Leg:
        """The other participant."""
        return self.callee if leg is self.caller else self.caller

    @property
    def is_disabled(self) -> bool:
        """A participant wants no relay."""
        return self.caller.is_disabled or self.callee.is_disabled

    @property
    def is_astray(self) -> bool:
        """A participant sends its media to a node that does not serve the session any more."""
        if self.agreed is None or not self.held:
            return False
        return any(body.node != self.session.node for body in (self.agreed.offer, self.agreed.answer))

    def is_answer(self, author: Leg) -> bool:
        """A description in a request of this participant answers the other one's offer, made in a reply."""
        return self.awaits_request and self.offered is not None and self.offered.author is self.other(author)

    def bodies(self) -> list[Body]:
        """All descriptions that it keeps."""
        agreed = [self.agreed.offer, self.agreed.answer] if self.agreed is not None else []
        return [*agreed, *([self.offered] if self.offered is not None else [])]

    def shares_node(self, other: RelaySession) -> bool:
        """Both are on the same node of the same engine."""
        return self.engine is other.engine and self.session.node == other.session.node

    def forget_results(self) -> None:
        """A new negotiation begins: nothing of those before it comes again."""
        self.results = ()

    def keep(self, key: Repeatable | None, result: str) -> None:
        """Remember the result for a message that may be sent again."""
        if key is not None:
            self.results = (*self.results[1 - MOST_RESULTS :], (key, result))

    def kept(self, key: Repeatable | None) -> str | None:
        """The result for a message that was seen before."""
        return next((result for known, result in self.results if known == key), None)
