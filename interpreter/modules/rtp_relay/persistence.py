"""The relay context of a call as text that is stored with its dialog, and back (rtp-relay.md 9, OURS).

It is JSON with all sessions, in the dialog value `_rtp_relay_ctx_` of the stored form. Participants are
numbered: sessions and descriptions name them by number, as several share one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from relayscript.engines.contract import Engine, Exchange, Session
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg, Legs
from relayscript.interpreter.modules.rtp_relay.session import Agreement, Body, Engagement, RelaySession

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog, DialogModule
    from relayscript.interpreter.modules.rtp_relay.core import RelayCore

VALUE = "_rtp_relay_ctx_"
VERSION = 1
FLAGS = ("held", "broken", "late", "offered_late", "awaits_request")
"""What of a session is a mere yes or no."""

KEPT = tuple(each.name for each in fields(Exchange) if each.name != "subject")
Json = dict[str, Any]


class UnreadableError(ValueError):
    """A stored context that cannot be taken up; the text says why."""


# ---- writing


class Writer:
    """Writes one call."""

    def __init__(self, call: RelayCall) -> None:
        self._call = call
        self._legs: list[Leg] = []

    def text(self) -> str:
        """The call as text."""
        call, legs = self._call, self._call.legs
        from_tag, to_tag = call.learnt
        made = {
            "version": VERSION, "callid": call.call_id, "values": dict(call.values),
            "learnt": {"from_tag": from_tag, "to_tag": to_tag},
            "confirmed": call.confirmed, "caller": self._number(legs.caller), "callee": self._number(legs.callee),
            "callees": {branch: self._number(leg) for branch, leg in legs.callees.items()},
            "callers": {branch: self._number(leg) for branch, leg in (legs.callers or {}).items()},
            "engagements": [self._engagement(each) for each in call.engagements],
            "sessions": {branch: self._session(each) for branch, each in call.sessions.items()},
        }  # fmt: skip
        numbered = iter(self._legs)  # grows on the way: parents get their numbers when they are met
        return json.dumps(made | {"legs": [self._leg(leg) for leg in numbered]})

    def _number(self, leg: Leg) -> int:
        for number, known in enumerate(self._legs):
            if known is leg:
                return number
        self._legs.append(leg)
        return len(self._legs) - 1

    def _leg(self, leg: Leg) -> Json:
        parent = None if leg.parent is None else self._number(leg.parent)
        return {"tag": leg.tag, "parent": parent, "fields": leg.fields, "disabled": leg.disabled}

    @staticmethod
    def _engagement(engagement: Engagement) -> Json:
        return {"engine": engagement.engine.name, "set": engagement.set, "branch": engagement.branch}

    def _session(self, session: RelaySession) -> Json:
        agreed = session.agreed
        return {
            "engagement": self._engagement(session.engagement), "established": session is self._call.established,
            "caller": self._number(session.caller), "callee": self._number(session.callee),
            "session": asdict(session.session), **{name: getattr(session, name) for name in FLAGS},
            "offered": self._body(session.offered),
            "agreed": agreed and [self._body(agreed.offer), self._body(agreed.answer)],
        }  # fmt: skip

    def _body(self, body: Body | None) -> Json | None:
        if body is None:
            return None
        exchange = {name: getattr(body.exchange, name) for name in KEPT}
        return {
            "author": self._number(body.author), "result": body.result, "node": body.node, "exchange": exchange,
        }  # fmt: skip


# ---- reading


class Reader:
    """Reads one call; `engines` are those there are, by name. Raises UnreadableError."""

    def __init__(self, text: str, engines: Mapping[str, Engine]) -> None:
        self._engines = engines
        try:
            self._stored: Json = json.loads(text)
            if self._stored["version"] != VERSION:
                raise UnreadableError(f"it has version {self._stored['version']!r}, not {VERSION}")
            self._legs = self._read_legs()
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _spoken(error) from error

    def call(self) -> RelayCall:
        """The call."""
        try:
            return self._call()
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _spoken(error) from error

    def _read_legs(self) -> list[Leg]:
        legs = [Leg(tag=each["tag"]) for each in self._stored["legs"]]
        for leg, each in zip(legs, self._stored["legs"], strict=True):
            leg.parent = None if each["parent"] is None else legs[each["parent"]]
            leg.fields, leg.disabled = dict(each["fields"]), each["disabled"]
        return legs

    def _call(self) -> RelayCall:
        stored = self._stored
        legs = Legs("")
        legs.caller, legs.callee = self._legs[stored["caller"]], self._legs[stored["callee"]]
        legs.callees = {int(branch): self._legs[number] for branch, number in stored["callees"].items()}
        legs.callers = {int(branch): self._legs[number] for branch, number in stored["callers"].items()}
        call = RelayCall(stored["callid"], legs, dict(stored["values"]))
        call.learnt = (stored["learnt"].get("from_tag", ""), stored["learnt"].get("to_tag", ""))
        call.engagements = tuple(self._engagement(each) for each in stored["engagements"])
        call.confirmed = stored["confirmed"]
        for branch, each in stored["sessions"].items():
            session = call.sessions[int(branch)] = self._session(int(branch), each)
            if each["established"]:
                call.established = session
        return call

    def _engagement(self, stored: Json) -> Engagement:
        engine = self._engines.get(stored["engine"])
        if engine is None:
            raise UnreadableError(f"no relay engine is called {stored['engine']!r}")
        return Engagement(engine, stored["set"], stored["branch"])

    def _session(self, branch: int, stored: Json) -> RelaySession:
        caller, callee = self._legs[stored["caller"]], self._legs[stored["callee"]]
        at_relay = Session(**stored["session"])
        session = RelaySession(self._engagement(stored["engagement"]), branch, caller, callee, at_relay)
        for name in FLAGS:
            setattr(session, name, stored[name])
        session.offered = self._body(stored["offered"])
        if stored["agreed"]:
            offer, answer = map(self._body, stored["agreed"])
            assert offer is not None
            assert answer is not None
            session.agreed = Agreement(offer, answer)
        return session

    def _body(self, stored: Json | None) -> Body | None:
        if stored is None:
            return None
        exchange = Exchange(**{**stored["exchange"], "vias": tuple(stored["exchange"]["vias"])})
        return Body(self._legs[stored["author"]], exchange, stored["result"], stored["node"])


def _spoken(error: Exception) -> UnreadableError:
    return error if isinstance(error, UnreadableError) else UnreadableError(f"{type(error).__name__}: {error}")


# ---- with dialogs


class Persistence:
    """Has the calls of module rtp_relay stored with their dialogs; `local` is where a dialog keeps its call."""

    def __init__(self, module: RelayCore, local: str) -> None:
        self._module = module
        self._local = local

    def attach(self, dialogs: DialogModule) -> None:
        """Take part in what module dialog stores."""
        dialogs.persistence.on_store.append(self._store)
        dialogs.persistence.on_restored.append(self._restored)

        def changed(call: RelayCall) -> None:
            if call.dialog is not None:
                dialogs.persistence.changed(call.dialog)

        self._module.operations.on_changed.append(changed)

    def _store(self, dialog: Dialog, kept: dict[str, str]) -> None:
        call: RelayCall | None = dialog.local.get(self._local)
        if call is not None and not call.ended:
            kept[VALUE] = Writer(call).text()

    def _restored(self, dialog: Dialog) -> None:
        text = dialog.values.pop(VALUE, None)
        if text is None:
            return
        module = self._module
        try:
            call = Reader(str(text), module.runtime.engines).call()
        except UnreadableError as error:
            module.runtime.log(1, f"rtp_relay: call {dialog.call_id} goes on unmanaged: {error}")
            return
        module.bind(call, dialog)
        if call.established is not None:
            module.calls[id(call)] = call
        for session in call.held():
            module.operations.measures.sessions(session.engine.name, 1)
