"""Our own functions for copies of a call's media, as a recorder needs them (the copy operations of rtp-relay.md 1)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.engines.contract import Copy, Done, Outcome
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.direct_media import Target
from relayscript.interpreter.modules.rtp_relay.core import RelayCore
from relayscript.interpreter.modules.rtp_relay.session import RelaySession
from relayscript.interpreter.waiting import wait

YES, NO = 1, -1


class Copying(RelayCore):
    """Starts and ends copies. A copy belongs to the session: it ends with it, and when the call moves."""

    @function(waits=True)
    def rtp_relay_copy_offer(self, context: Context, name: str, sdp: Target, flags: str | None = None) -> int:
        """Prepare a copy of the call's media under a name; the description to offer goes into the variable: 1.

        -1 if the call is not relayed and answered, or the relay refuses.
        """
        session = self._established(context)
        if session is None or session.agreed is None:
            return NO
        agreed = session.agreed
        bodies = (agreed.by(session.caller).exchange.body, agreed.by(session.callee).exchange.body)
        copy = Copy(flags or "", bodies)
        outcome = self._done(lambda done: session.engine.copy_offer(session.session, copy, done))
        if not outcome.ok:
            return NO
        if session.copies is None:
            session.copies = {}
        session.copies[name] = copy
        sdp.set(outcome.body)
        return YES

    @function(waits=True)
    def rtp_relay_copy_answer(self, context: Context, name: str, sdp: str) -> int:
        """Start a copy, or change it, with the description that was answered: 1, or -1."""
        session, copy = self._copy(context, name)
        if session is None or copy is None:
            return NO
        return self._succeeds(lambda done: session.engine.copy_answer(session.session, copy, sdp, done))

    @function(waits=True)
    def rtp_relay_copy_delete(self, context: Context, name: str) -> int:
        """End a copy: 1, or -1 if there is none or the relay refuses."""
        session, copy = self._copy(context, name)
        if session is None or copy is None or session.copies is None:
            return NO
        del session.copies[name]
        return self._succeeds(lambda done: session.engine.copy_delete(session.session, copy, done))

    def _established(self, context: Context) -> RelaySession | None:
        call = self.call_of(context)
        return call.established if call is not None and call.is_listed else None

    def _copy(self, context: Context, name: str) -> tuple[RelaySession | None, Copy | None]:
        session = self._established(context)
        return session, session.copies.get(name) if session is not None and session.copies else None

    def _succeeds(self, start: Callable[[Done], None]) -> int:
        return YES if self._done(start).ok else NO

    def _done(self, start: Callable[[Done], None]) -> Outcome:
        outcome: Outcome = wait(start)
        if not outcome.ok:
            self.runtime.warn_at(f"rtp_relay: no copy: {outcome.error}")
        return outcome
