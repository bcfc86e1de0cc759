"""What the relay knows of one call: engagements, sessions and the values that hold for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from relayscript.engines.contract import Session
from relayscript.interpreter.modules.rtp_relay.legs import Legs
from relayscript.interpreter.modules.rtp_relay.right_of_way import RightOfWay
from relayscript.interpreter.modules.rtp_relay.session import ALL_BRANCHES, Engagement, RelaySession
from relayscript.interpreter.waiting import Turnstile

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog

CONTEXT_FIELDS = ("callid", "from_tag", "to_tag", "flags", "delete")
NOTHING: Mapping[str, str] = MappingProxyType({})
LISTED_AS = tuple((name, name.replace("_", "-")) for name in CONTEXT_FIELDS)
"""The fields with their names in management commands."""


def context_field(name: str | None) -> str | None:
    """The field of `$rtp_relay_ctx` that a name in a script means; None if there is none."""
    field = (name or "callid").lower().replace("-", "_")
    field = {"call_id": "callid", "fromtag": "from_tag", "totag": "to_tag"}.get(field, field)
    return field if field in CONTEXT_FIELDS else None


@dataclass(slots=True)
class RelayCall:
    """The relay context of one call (rtp-relay.md 1).

    `values` are the fields of `$rtp_relay_ctx` that the script set; `learnt` the tags, From and To, that the
    first successful reply brought. `established` is the session that was answered first, or won; `confirmed` says
    that it won. `turnstile` lets one relay operation at a time through. `updating` says that an update by
    management is at work on the call, or waits for its turn.
    """

    call_id: str
    legs: Legs
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    learnt: tuple[str, str] = ("", "")
    engagements: tuple[Engagement, ...] = ()
    sessions: dict[int, RelaySession] = field(default_factory=dict)
    established: RelaySession | None = None
    confirmed: bool = False
    dialog: Dialog | None = None
    ended: bool = False
    updating: bool = False
    turnstile: Turnstile = field(default_factory=Turnstile)
    right_of_way: RightOfWay = field(default_factory=RightOfWay)

    def engagement_for(self, branch: int) -> Engagement | None:
        """Which engagement covers a branch: its own, the one of all branches, or the one it joins."""
        for wanted in (branch, ALL_BRANCHES):
            for each in reversed(self.engagements):
                if each.branch == wanted:
                    return each
        if self.engagements and self.legs.is_provisioned(branch):
            return self.engagements[-1]
        return None

    def value(self, field_name: str) -> str:
        """A field of `$rtp_relay_ctx`: what the script set, else what was learnt."""
        given = self.values.get(field_name)
        if given or field_name not in ("from_tag", "to_tag"):
            return given or ""
        return self.learnt[field_name == "to_tag"]

    def set_value(self, field_name: str, text: str | None) -> None:
        """Set a field of `$rtp_relay_ctx`; None or an empty text clears it."""
        kept = {name: value for name, value in self.values.items() if name != field_name}
        self.values = {**kept, field_name: text} if text else kept or NOTHING

    def session_of(self, callee_tag: str) -> RelaySession | None:
        """The session of a callee; of one that no session knows, the established or only one."""
        for session in self.sessions.values():
            if session.callee.tag == callee_tag:
                return session
        if self.established is None and len(self.sessions) == 1:
            return next(iter(self.sessions.values()))
        return self.established

    def held(self) -> list[RelaySession]:
        """The sessions that a relay keeps resources for."""
        return [session for session in self.sessions.values() if session.held]

    def forget(self, session: RelaySession) -> None:
        """A session that is released is no longer one of the call's."""
        if self.sessions.get(session.branch) is session:
            del self.sessions[session.branch]

    def renew(self, session: RelaySession) -> RelaySession:
        """A session in place of one that was released in mid-call; its branch may not be named again."""
        at_relay = Session(self.call_id, branch=ALL_BRANCHES, set=session.engagement.set)
        made = RelaySession(session.engagement, session.branch, session.caller, session.callee, at_relay)
        self.replace(session, made)
        return made

    def replace(self, session: RelaySession, other: RelaySession) -> None:
        """Another session takes the place of one."""
        self.sessions[session.branch] = other
        if self.established is session:
            self.established = other

    @property
    def is_listed(self) -> bool:
        """It is established, and the relay serves it."""
        session = self.established
        return session is not None and session.answered and session.held and not self.ended

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
        values = {shown: text for name, shown in LISTED_AS if (text := self.value(name))}
        return made | ({"ctx": values} if values else {})
