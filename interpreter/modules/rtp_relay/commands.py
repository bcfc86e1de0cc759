"""Talks to the engines: offers, answers and deletes of a call, one after the other, and what they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.engines.contract import Done, Exchange, Outcome, Removal, Session
from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.rtp_relay.call import RelayCall, RelaySession
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.waiting import wait
from relayscript.sip.bodies import replace_part, sdp_part
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


def description(message: Message) -> str | None:
    """The session description in a message, None if it has none."""
    part = sdp_part(message.header("content-type") or "", message.body)
    return part.of(message.body) if part is not None else None


class Commands:
    """Runs relay operations for calls. Each gives way to other runs until the relay has answered."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def offer(self, call: RelayCall, session: RelaySession, author: Leg, context: Context) -> bool:
        """Offer the body of the context's message, written by a leg; the message gets the result."""
        with call.turnstile:
            if call.ended or session.broken:
                return False
            exchange = self._exchange(call, session, author, context)
            outcome = _finished(session.engine.offer, session, exchange)
            if not outcome.ok:
                self._failed(session, "offer", outcome)
                session.broken = not session.held
                return False
            session.held, session.author = True, author
            session.renegotiating = [lambda: session.engine.offer(session.session, exchange, _ignore)]
            self._deliver(context, outcome.body)
            return True

    def answer(self, call: RelayCall, session: RelaySession, author: Leg, context: Context) -> bool:
        """Answer with the body of the context's message, written by a leg; the message gets the result.

        The same reply once more (a retransmission) gets the same result without asking the relay.
        """
        with call.turnstile:
            message = context.message
            key = (message.status or message.cseq[0], author.tag, message.body)
            if not message.is_request and (known := session.results.get(key)) is not None:
                self._deliver(context, known)
                return True
            if call.ended or not session.held:
                return False
            exchange = self._exchange(call, session, author, context)
            outcome = _finished(session.engine.answer, session, exchange)
            if not outcome.ok:
                self._failed(session, "answer", outcome)
                return False
            session.answered, session.author = True, None
            session.results = {key: outcome.body}
            session.last = [*session.renegotiating, lambda: session.engine.answer(session.session, exchange, _ignore)]
            self._deliver(context, outcome.body)
            return True

    def restore(self, call: RelayCall, session: RelaySession) -> None:
        """A new offer was refused: give the relay the last accepted offer and answer again."""
        with call.turnstile:
            session.author = None
            for repeat in session.last if session.held else ():
                repeat()

    def delete(self, call: RelayCall, session: RelaySession, ended_by: Leg | None = None) -> None:
        """Release a session; what the relay says to it is only logged."""
        if not session.held:
            call.end_session(session)
            return
        call.end_session(session)
        leg = ended_by or session.caller
        removal = Removal(
            ctx_flags=call.value("delete"),
            flags=leg.get("delete"),
            whole_call=not call.held(),
            late=session.offered_late,
        )
        session.engine.delete(session.session, removal, lambda outcome: self._deleted(session, outcome))

    def _deleted(self, session: RelaySession, outcome: Outcome) -> None:
        if not outcome.ok:
            self._failed(session, "delete", outcome)

    def _failed(self, session: RelaySession, verb: str, outcome: Outcome) -> None:
        name = session.engine.name
        self.runtime.log(-1, f"rtp_relay: {name} {verb} for call {session.session.call_id} failed: {outcome.error}")

    @staticmethod
    def _deliver(context: Context, body: str) -> None:
        message = context.message
        part = sdp_part(message.header("content-type") or "", message.body)
        if part is None:
            context.changes.content_type = "application/sdp"
            context.changes.body = body
        else:
            context.changes.body = replace_part(message.body, part, body)

    def _exchange(self, call: RelayCall, session: RelaySession, author: Leg, context: Context) -> Exchange:
        """The mapping rule: who wrote the body, for whom, and what is asked of the relay for it."""
        message, receiver = context.message, session.other(author)
        caller, callee = session.caller, session.callee
        tags = {
            id(caller): call.values.get("from_tag") or caller.tag,
            id(callee): call.values.get("to_tag") or callee.tag,
        }
        session.session.call_id = call.value("callid") or call.call_id
        session.session.from_tag, session.session.to_tag = tags[id(caller)], tags[id(callee)]
        request = context.request or message
        return Exchange(
            body=author.get("body") or description(message) or "",
            from_tag=tags[id(author)],
            to_tag=tags[id(receiver)],
            source=message.source[0],
            received_on=message.listener.host if message.listener else "",
            ip=receiver.get("ip"),
            type=receiver.get("type"),
            in_iface=author.get("iface"),
            out_iface=receiver.get("iface"),
            ctx_flags=call.value("flags"),
            flags=author.get("flags"),
            peer_flags=receiver.get("peer"),
            cseq=str(message.cseq[0]),
            in_reply=not message.is_request,
            dialog_id=call.dialog.did if call.dialog is not None else "",
            vias=tuple(via.branch or "" for via in request.vias()),
            from_uri=message.from_.uri,
            to_uri=message.to.uri,
            user_agent=message.header("user-agent") or message.header("server") or "",
        )


def _finished(
    operation: Callable[[Session, Exchange, Done], None], session: RelaySession, exchange: Exchange
) -> Outcome:
    """Run an operation of an engine, giving way until it has ended."""

    def start(done: Done) -> None:
        operation(session.session, exchange, done)

    return wait(start)


def _ignore(outcome: Outcome) -> None:
    """Nobody waits for this."""
