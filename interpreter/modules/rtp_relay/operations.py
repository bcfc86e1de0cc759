"""Offers, answers and deletes of calls: one after the other for each call, and what they change in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from relayscript.engines.contract import Done, Exchange, Outcome, Removal
from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import deliver
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.exchanges import exchange_of
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.rtp_relay.measures import Measures
from relayscript.interpreter.modules.rtp_relay.session import Agreement, Body, RelaySession, Repeatable
from relayscript.interpreter.waiting import wait
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class Operations:
    """Runs relay operations for calls. Each gives way to other runs until the relay has answered.

    `on_answered` are told of each call when an answer has succeeded in it, `on_changed` of each whose sessions are
    not as they were, `on_astray` of each whose negotiation ended with a participant led to a node that serves it
    no more. `takes_over` says whether an answer goes to another node if the one that has the offer is gone.
    """

    def __init__(self, runtime: Runtime, *, takes_over: bool) -> None:
        self.runtime = runtime
        self.takes_over = takes_over
        self.measures = Measures(runtime)
        self.on_answered: list[Callable[[RelayCall, RelaySession], None]] = []
        self.on_changed: list[Callable[[RelayCall], None]] = []
        self.on_astray: list[Callable[[RelayCall], None]] = []

    # ---- for messages under way

    def again(self, session: RelaySession, author: Leg, context: Context) -> bool:
        """A message that is sent again gets the same result, without asking the relay; whether it is one."""
        known = session.kept(_repeatable(context.message, author))
        if known is not None:
            deliver(context, known)
        return known is not None

    def offer(
        self,
        call: RelayCall,
        session: RelaySession,
        author: Leg,
        context: Context,
        settings: Leg | None = None,
    ) -> bool:
        """Offer the body of the context's message, written by a leg; the message gets the result.

        The leg's settings are its own unless others are given.
        """
        with call.turnstile:
            if self.again(session, author, context):
                return True
            if context.message.is_request:
                session.forget_results()
            exchange = exchange_of(self.runtime, call, session, author, context, settings)
            outcome = self.try_offer(call, session, author, exchange)
            if not outcome.ok:
                return False
            session.awaits_request = not context.message.is_request
            session.keep(_repeatable(context.message, author), outcome.body)
            deliver(context, outcome.body)
            self.changed(call)
            return True

    def answer(self, call: RelayCall, session: RelaySession, author: Leg, context: Context) -> bool:
        """Answer with the body of the context's message, written by a leg; the message gets the result."""
        with call.turnstile:
            if self.again(session, author, context):
                return True
            exchange = exchange_of(self.runtime, call, session, author, context)
            outcome = self.try_answer(call, session, author, exchange)
            if not outcome.ok and self.takes_over:
                outcome = self._take_over(call, session, author, exchange, outcome)
            if not outcome.ok:
                return False
            session.awaits_request = False
            session.keep(_repeatable(context.message, author), outcome.body)
            deliver(context, outcome.body)
        for hook in self.on_answered:
            hook(call, session)
        self.changed(call)
        return True

    def changed(self, call: RelayCall) -> None:
        """Its sessions are not as they were."""
        for hook in self.on_changed:
            hook(call)

    # ---- for whoever has the turn

    def try_offer(self, call: RelayCall, session: RelaySession, author: Leg, exchange: Exchange) -> Outcome:
        """Offer; a session whose first offer fails is broken."""
        if call.ended or session.over or session.broken:
            return Outcome(error="the session is over")
        outcome = self._run(session, "offer", exchange)
        if outcome.ok:
            if not session.held:
                session.held = True
                self.measures.sessions(session.engine.name, 1)
            session.offered = Body(author, exchange, outcome.body, session.session.node)
        else:
            session.broken = not session.held
        return outcome

    def try_answer(self, call: RelayCall, session: RelaySession, author: Leg, exchange: Exchange) -> Outcome:
        """Answer the offer that was made last."""
        offer = session.offered
        if call.ended or session.over or not session.held or offer is None:
            return Outcome(error="there is no offer to answer")
        outcome = self._run(session, "answer", exchange)
        if outcome.ok:
            session.agreed = Agreement(offer, Body(author, exchange, outcome.body, session.session.node))
        return outcome

    def _take_over(
        self, call: RelayCall, session: RelaySession, author: Leg, exchange: Exchange, failed: Outcome
    ) -> Outcome:
        """If the node that has the offer is gone, another one gets both descriptions.

        The answerer still sends to the node that is gone: `is_astray` says so, until a new negotiation.
        """
        offer, engine = session.offered, session.engine
        if offer is None or not session.held or call.ended or engine.in_use(session.session):
            return failed
        again = self._run(session, "offer", offer.exchange)
        return self.try_answer(call, session, author, exchange) if again.ok else failed

    def check(self, call: RelayCall, session: RelaySession) -> None:
        """A negotiation is over: if a participant was led to a node that is gone, somebody should do something."""
        if session.is_astray and not call.ended:
            for hook in self.on_astray:
                hook(call)

    def repeat(self, session: RelaySession) -> Agreement | None:
        """Give the relay once more what was agreed on last, after an offer that came to nothing.

        Returns the agreement with the results of now, which differ if another node took over; None if it failed.
        """
        agreed = session.agreed
        session.awaits_request = False
        if agreed is None or not session.held or session.over:
            return None
        session.offered = agreed.offer
        offered = self._run(session, "offer", agreed.offer.exchange)
        if not offered.ok:
            return None
        answered = self._run(session, "answer", agreed.answer.exchange)
        if not answered.ok:
            return None
        node = session.session.node
        return Agreement(
            replace(agreed.offer, result=offered.body, node=node),
            replace(agreed.answer, result=answered.body, node=node),
        )

    def restore(self, call: RelayCall, session: RelaySession) -> Agreement | None:
        """An offer was refused: the relay must not keep what was refused. Returns what `repeat` does."""
        with call.turnstile:
            agreement = self.repeat(session)
        self.changed(call)
        return agreement

    def _run(self, session: RelaySession, verb: str, exchange: Exchange) -> Outcome:
        operation = getattr(session.engine, verb)
        began = self.runtime.timers.now

        def start(done: Done) -> None:
            operation(session.session, exchange, done)

        outcome: Outcome = wait(start)
        _lighten(exchange)
        self._note(session, verb, outcome, self.runtime.timers.now - began)
        return outcome

    # ---- releasing

    def delete(
        self,
        call: RelayCall,
        session: RelaySession,
        ended_by: Leg | None = None,
        context: Context | None = None,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Release a session, once what is under way for it has ended; `then` is called when that is done.

        The reply is only looked at for the log.
        """
        call.forget(session)
        if call.turnstile.taken:
            self.runtime.spawn(self._delete_in_turn, call, session, ended_by, context, then)
        else:
            self._delete(call, session, ended_by, context, then)

    def drop(self, session: RelaySession) -> None:
        """Another session goes on with what this one held at the relay."""
        session.over = True
        if session.held:
            session.held = False
            self.measures.sessions(session.engine.name, -1)

    def _delete_in_turn(
        self,
        call: RelayCall,
        session: RelaySession,
        ended_by: Leg | None,
        context: Context | None,
        then: Callable[[], None],
    ) -> None:
        with call.turnstile:
            self._delete(call, session, ended_by, context, then)

    def _delete(
        self,
        call: RelayCall,
        session: RelaySession,
        ended_by: Leg | None,
        context: Context | None,
        then: Callable[[], None],
    ) -> None:
        held = session.held
        self.drop(session)
        others = any(each is not session and each.shares_node(session) for each in call.held())
        removal = Removal(
            ctx_flags=call.value("delete"),
            flags=(ended_by or session.caller).get("delete"),
            whole_call=not others,
            late=session.offered_late,
            subject=context,
        )
        if not held or (others and session.engine.deletes_calls and call.ended):
            then()  # nothing is held, or the last one takes all with it
            return
        began = self.runtime.timers.now
        deleted = partial(self._deleted, session, began, then)
        self._end_copies(session, lambda: session.engine.delete(session.session, removal, deleted))

    def _end_copies(self, session: RelaySession, then: Callable[[], None]) -> None:
        """End what others get of a session, then go on."""
        if not session.copies:
            then()
            return
        _, copy = session.copies.popitem()
        session.engine.copy_delete(session.session, copy, lambda _: self._end_copies(session, then))

    def _deleted(
        self, session: RelaySession, began: float, then: Callable[[], None], outcome: Outcome
    ) -> None:
        self._note(session, "delete", outcome, self.runtime.timers.now - began)
        then()

    def _note(self, session: RelaySession, verb: str, outcome: Outcome, seconds: float) -> None:
        name = session.engine.name
        self.measures.operation(name, verb, seconds, ok=outcome.ok)
        if not outcome.ok:
            call_id = session.session.call_id
            self.runtime.log(-1, f"rtp_relay: {name} {verb} for call {call_id} failed: {outcome.error}")


def _lighten(exchange: Exchange) -> None:
    """An exchange is kept as long as the call, to be repeated: without what no repetition needs."""
    exchange.subject = None
    flags = (exchange.ctx_flags, exchange.flags, exchange.peer_flags)
    if not any("via-branch" in each for each in flags):
        exchange.vias = ()


def _repeatable(message: Message, author: Leg) -> Repeatable | None:
    """What tells a message that is sent again from a new one; None for one that transactions absorb."""
    if message.is_request and message.method != "ACK":
        return None
    return (message.status or message.method, message.cseq[0], author.tag, message.body)
