"""Offer, answer and delete as script functions of module rtpproxy (rtp-relay.md 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from relayscript.engines.contract import Exchange, Outcome, Removal, Session
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.descriptions import deliver, description
from relayscript.interpreter.direct_media import Target, exchange_of, finished, session_of, text_in
from relayscript.interpreter.following import Json, follow, keep, leave
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.modules.rtpproxy.core import RtpproxyCore

LONGEST = 63
"""How much of flags and address counts."""

NO = -1


@dataclass(slots=True)
class Wanted:
    """What a script gives to an offer or answer."""

    flags: str = ""
    ip: str = ""
    set: int | None = None
    node: Target | None = None
    media: Target | None = None
    body: Target | None = None
    bind: str = ""


class Offering(RtpproxyCore):
    """Rewrites the description of the message at hand, now."""

    def start(self) -> None:
        """Have engaged calls stored with their dialogs."""
        super().start()
        keep(self.runtime, "rtpproxy_engage", Engaged, self._engaged)

    def _engaged(self, stored: Json) -> Engaged:
        return Engaged(self, Session(**stored["session"]), Wanted(stored["flags"], stored["ip"], stored["set"]))

    def leave(self, done: Callable[[], None]) -> None:
        """Release the calls that `rtpproxy_engage` follows."""
        leave(self.runtime, Engaged, done)

    @function(waits=True)
    def rtpproxy_offer(
        self,
        context: Context,
        flags: str | None = None,
        ip: str | None = None,
        set_id: int | None = None,
        sock_var: Target | None = None,
        ret_var: Target | None = None,
        body_var: Target | None = None,
        bind_local: Target | None = None,
    ) -> int:
        """Offer the description: 1, or -1 if there is none or no relay takes it."""
        wanted = Wanted(flags or "", ip or "", set_id, sock_var, ret_var, body_var, text_in(bind_local))
        return self._negotiated(context, wanted, is_offer=True)

    @function(waits=True)
    def rtpproxy_answer(
        self,
        context: Context,
        flags: str | None = None,
        ip: str | None = None,
        set_id: int | None = None,
        sock_var: Target | None = None,
        ret_var: Target | None = None,
        body_var: Target | None = None,
        bind_local: Target | None = None,
    ) -> int:
        """Answer with the description: 1, or -1."""
        wanted = Wanted(flags or "", ip or "", set_id, sock_var, ret_var, body_var, text_in(bind_local))
        return self._negotiated(context, wanted, is_offer=False)

    def _negotiated(self, context: Context, wanted: Wanted, *, is_offer: bool) -> int:
        session = session_of(context, wanted.set, wanted.node)
        return 1 if self.negotiate(context, session, wanted, is_offer=is_offer) else NO

    def negotiate(self, context: Context, session: Session, wanted: Wanted, *, is_offer: bool) -> bool:
        """Offer or answer, and put the result where it is wanted; whether that succeeded."""
        body = text_in(wanted.body) if wanted.body is not None else description(context.message)
        if not body:
            return False
        exchange = self._exchange(context, body, wanted)
        outcome = finished(self.engine.offer if is_offer else self.engine.answer, session, exchange)
        if not outcome.ok:
            return False
        if wanted.body is not None:
            wanted.body.set(outcome.body)
        else:
            deliver(context, outcome.body)
        if wanted.node is not None and session.node:
            wanted.node.set(session.node)
        if wanted.media is not None:
            wanted.media.set(outcome.media)
        return True

    def _exchange(self, context: Context, body: str, wanted: Wanted) -> Exchange:
        exchange = exchange_of(context, body)
        exchange.flags, exchange.ip, exchange.bind = wanted.flags[:LONGEST], wanted.ip[:LONGEST], wanted.bind
        dialogs = self.runtime.module(DialogModule)
        if dialogs is not None and "n" in exchange.flags.lower():
            dialog = dialogs.current(context) or dialogs.create(context)
            exchange.dialog_id = dialog.did if dialog is not None else ""
        elif dialogs is not None and (dialog := dialogs.current(context)) is not None:
            exchange.dialog_id = dialog.did
        return exchange

    @function(waits=True)
    def rtpproxy_unforce(
        self, context: Context, set_id: int | None = None, sock_var: Target | None = None
    ) -> int:
        """Delete the session of the message's call: 1, or -1 if there is no node to ask."""
        session = session_of(context, set_id, sock_var)
        session.node = session.node or self.engine.node_for(session.call_id, set_id)
        if not session.node:
            return NO
        self.engine.delete(session, Removal(), _ignore)
        return 1

    @function(waits=True)
    def rtpproxy_engage(
        self,
        context: Context,
        flags: str | None = None,
        ip: str | None = None,
        set_id: int | None = None,
        sock_var: Target | None = None,
        ret_var: Target | None = None,
    ) -> int:
        """Relay the call from here to its end, by itself: 1, or -1. Only for an initial INVITE."""
        session = session_of(context, set_id, sock_var)
        wanted = Wanted(flags or "", ip or "", set_id, None, ret_var)
        engaged = Engaged(self, session, wanted)
        if not follow(self.runtime, context, engaged):
            return NO
        if sock_var is not None and session.node:
            sock_var.set(session.node)
        wanted.media = None
        return 1


@dataclass(slots=True)
class Engaged:
    """A call relayed by `rtpproxy_engage`."""

    module: Offering
    session: Session
    wanted: Wanted = field(default_factory=Wanted)

    def offer(self, context: Context) -> bool:
        """The description of a message is an offer."""
        return self._negotiated(context, is_offer=True)

    def answer(self, context: Context) -> bool:
        """The description of a message is an answer."""
        return self._negotiated(context, is_offer=False)

    def release(self, done: Callable[[], None]) -> None:
        """The call is over."""
        self.module.engine.delete(self.session, Removal(), lambda _: done())

    def to_json(self) -> Json:
        """What is stored with the dialog."""
        wanted = self.wanted
        return {"session": asdict(self.session), "flags": wanted.flags, "ip": wanted.ip, "set": wanted.set}

    def _negotiated(self, context: Context, *, is_offer: bool) -> bool:
        if context.message.to_tag and not self.session.to_tag:
            self.session.to_tag = context.message.to_tag
        return self.module.negotiate(context, self.session, self.wanted, is_offer=is_offer)


def _ignore(outcome: Outcome) -> None:
    """The engine logs what goes wrong; nobody waits for it."""
