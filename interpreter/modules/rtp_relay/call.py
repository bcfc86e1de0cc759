"""What the relay knows of one call: engagements, sessions and the values that hold for all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relayscript.engines.contract import Engine, Session
from relayscript.interpreter.modules.rtp_relay.legs import Leg, Legs
from relayscript.interpreter.waiting import Turnstile

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog

ALL_BRANCHES = -1
CONTEXT_FIELDS = ("callid", "from_tag", "to_tag", "flags", "delete")


@dataclass(slots=True)
class Engagement:
    """One `rtp_relay_engage`: the engine and set for all branches (-1), or for one."""

    engine: Engine
    set: int | None
    branch: int = ALL_BRANCHES


class RelaySession:
    """One session at a relay, of one branch.

    `held` is true while the relay keeps resources for it, `answered` once an answer succeeded. `author`
    is the leg whose offer waits for its answer, None if none does. `broken` says that its offer failed: it is left
    alone from then on. `late` says that the callee makes the first offer. `sdp` keeps what each
    leg's body was turned into last, and `last` the latest accepted offer and answer.
    """

    __slots__ = (
        "answered", "author", "branch", "broken", "callee", "caller", "engagement", "held", "last", "late", "offered_late",
        "renegotiating", "results", "session",
    )  # fmt: skip

    def __init__(self, engagement: Engagement, branch: int, caller: Leg, callee: Leg, session: Session) -> None:
        self.engagement = engagement
        self.branch = branch
        self.caller = caller
        self.callee = callee
        self.session = session
        self.held = False
        self.answered = False
        self.broken = False
        self.late = False
        self.offered_late = False
        self.author: Leg | None = None
        self.results: dict[tuple[int, str, str], str] = {}
        self.last: list[Callable[[], None]] = []
        self.renegotiating: list[Callable[[], None]] = []

    @property
    def engine(self) -> Engine:
        """The engine that serves it."""
        return self.engagement.engine

    def other(self, leg: Leg) -> Leg:
        """The other participant."""
        return self.callee if leg is self.caller else self.caller

    @property
    def is_disabled(self) -> bool:
        """A participant wants no relay."""
        return self.caller.is_disabled or self.callee.is_disabled


@dataclass(slots=True)
class RelayCall:
    """The relay context of one call (rtp-relay.md 1).

    `values` are the fields of `$rtp_relay_ctx` that the script set; `learnt` the tags that the first
    successful reply brought.
    """

    call_id: str
    legs: Legs
    values: dict[str, str] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)
    engagements: list[Engagement] = field(default_factory=list)
    sessions: dict[int, RelaySession] = field(default_factory=dict)
    established: RelaySession | None = None
    dialog: Dialog | None = None
    attached: bool = False
    ended: bool = False
    turnstile: Turnstile = field(default_factory=Turnstile)

    def engagement_for(self, branch: int) -> Engagement | None:
        """Which engagement covers a branch: its own, the one of all branches, or the one it joins."""
        for each in reversed(self.engagements):
            if each.branch == branch:
                return each
        for each in reversed(self.engagements):
            if each.branch == ALL_BRANCHES:
                return each
        if self.engagements and self.legs.is_provisioned(branch):
            return self.engagements[-1]
        return None

    def value(self, field_name: str) -> str:
        """A field of `$rtp_relay_ctx`: what the script set, else what was learnt."""
        return self.values.get(field_name) or self.learnt.get(field_name, "")

    def held(self) -> list[RelaySession]:
        """The sessions that a relay keeps resources for."""
        return [session for session in self.sessions.values() if session.held]

    def end_session(self, session: RelaySession) -> None:
        """Forget a session that was released."""
        session.held = False
        if self.sessions.get(session.branch) is session:
            del self.sessions[session.branch]

    def to_json(self) -> dict[str, object]:
        """The call as `rtp_relay:list` shows it. Only for an established call."""
        session = self.established
        assert session is not None
        made: dict[str, object] = {
            "callid": self.call_id,
            "caller": session.caller.to_json(),
            "callee": session.callee.to_json(),
            "relay": session.engine.name,
            "node": session.session.node,
            "set": session.session.set,
        }
        if session.session.branch >= 0:
            made["branch"] = session.session.branch
        names = {"from_tag": "from-tag", "to_tag": "to-tag"}
        values = {names.get(name, name): text for name in CONTEXT_FIELDS if (text := self.value(name))}
        return made | ({"ctx": values} if values else {})
