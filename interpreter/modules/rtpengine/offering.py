"""Offer, answer, delete and manage as script functions of module rtpengine (rtp-relay.md 10)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.dsl.variable import parse_variable
from relayscript.engines.contract import Exchange, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.dictionary import command_dictionary
from relayscript.engines.rtpengine.flags import ViaBranches
from relayscript.engines.rtpengine.ng import NgDict
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.descriptions import deliver, description
from relayscript.interpreter.direct_media import Target, exchange_of, finished, session_of
from relayscript.interpreter.formats import NOWHERE, Reference
from relayscript.interpreter.modules.rtpengine.core import RtpengineCore
from relayscript.interpreter.modules.rtpengine.replies import STATISTICS
from relayscript.interpreter.values import int_of
from relayscript.interpreter.waiting import wait

YES, NO = 1, -1
SET = "rtpengine.set"
"""Under which key runs keep the set they chose."""

OFFERED_IN = ("INVITE", "UPDATE")
ANSWERED_IN = ("ACK", "PRACK")
ENDED_BY = ("BYE", "CANCEL")


class Offering(RtpengineCore):
    """Works on the description of the message at hand, now."""

    @function()
    def rtpengine_use_set(self, context: Context, number: int) -> int:
        """Take the nodes of this set from here on: 1, or -1 if there is none."""
        if not self.engine.has_set(number):
            return NO
        context.local[SET] = number
        return YES

    @function(waits=True)
    def rtpengine_offer(
        self,
        context: Context,
        flags: str | None = None,
        sock_var: Target | None = None,
        sdp_var: Target | None = None,
        body: str | None = None,
    ) -> int:
        """Offer the description: 1 or -1. The result goes into the variable if there is one."""
        return self._negotiated(context, flags or "", sock_var, sdp_var, body, is_offer=True)

    @function(waits=True)
    def rtpengine_answer(
        self,
        context: Context,
        flags: str | None = None,
        sock_var: Target | None = None,
        sdp_var: Target | None = None,
        body: str | None = None,
    ) -> int:
        """Answer with the description: 1 or -1. Of requests only ACK and PRACK carry an answer."""
        message = context.message
        if message.is_request and message.method not in ANSWERED_IN:
            return self.failed(context, f"there is no answer in {message.method}")
        return self._negotiated(context, flags or "", sock_var, sdp_var, body, is_offer=False)

    @function(waits=True)
    def rtpengine_delete(
        self, context: Context, flags: str | None = None, sock_var: Target | None = None
    ) -> int:
        """Delete the call: 1 or -1."""
        reply = self.told(context, "delete", flags, sock_var)
        if reply is None:
            return NO
        context.message.cache(STATISTICS, reply)
        return YES

    @function(waits=True)
    def rtpengine_manage(
        self,
        context: Context,
        flags: str | None = None,
        sock_var: Target | None = None,
        sdp_var: Target | None = None,
        body: str | None = None,
    ) -> int:
        """Offer, answer or delete, as the message demands; -1 if it demands none of them."""
        message = context.message
        has_body = bool(body if body is not None else description(message))
        match _demanded(context, has_body):
            case "offer":
                return self._negotiated(context, flags or "", sock_var, sdp_var, body, is_offer=True)
            case "answer":
                return self._negotiated(context, flags or "", sock_var, sdp_var, body, is_offer=False)
            case "delete":
                return self.rtpengine_delete(context, flags, sock_var)
        return NO

    def _negotiated(
        self,
        context: Context,
        flags: str,
        node: Target | None,
        result: Target | None,
        body: str | None,
        *,
        is_offer: bool,
    ) -> int:
        text = body or description(context.message)
        session = self.session(context, node)
        if not text or session is None:
            return self.failed(
                context, "there is no session description" if session else "there is no such set"
            )
        exchange = self._exchange(context, text, flags, is_offer=is_offer)
        outcome = finished(self.engine.offer if is_offer else self.engine.answer, session, exchange)
        if not outcome.ok:
            return self.failed(context, outcome.error)
        if result is not None:
            result.set(outcome.body)
        else:
            deliver(context, outcome.body)
        if node is not None and session.node:
            node.set(session.node)
        return YES

    def _exchange(self, context: Context, body: str, flags: str, *, is_offer: bool) -> Exchange:
        """The exchange; with a tag in the flags, From and To are taken as they stand (rtp-relay.md 6.2)."""
        exchange, message = exchange_of(context, body), context.message
        exchange.flags, exchange.extra_id = flags, self.extra_id(context)
        if "from-tag=" in flags or "directional" in flags.split():
            tags = (message.from_tag, message.to_tag)
            exchange.from_tag, exchange.to_tag = tags if is_offer else (tags[1], tags[0])
        return exchange

    # ---- for all functions

    def session(self, context: Context, node: Target | None) -> Session | None:
        """The session of a message; None if the set that is to serve it does not exist."""
        number = int_of(self.read(context, "setid_avp"))
        if number is None:
            number = context.local.get(SET)
        if number is not None and not self.engine.has_set(number):
            return None
        return session_of(context, number, node)

    def told(
        self,
        context: Context,
        command: str,
        flags: str | None,
        node: Target | None,
        more: NgDict | None = None,
    ) -> NgDict | None:
        """Send a command for the call of a message; the reply, None if it failed."""
        session, message = self.session(context, node), context.message
        if session is None:
            self.failed(context, "there is no such set")
            return None
        branches = tuple(via.branch or "" for via in message.vias())
        vias = ViaBranches(branches, self.extra_id(context), not message.is_request)
        tags = (message.from_tag, message.to_tag)
        try:
            dictionary = command_dictionary(
                command, flags or "", message.call_id, *tags, message.source[0], vias, more
            )
        except EngineError as error:
            self.failed(context, str(error))
            return None
        reply, reason = self._sent(session, dictionary)
        if reason:
            self.failed(context, reason)
            return None
        if node is not None and session.node:
            node.set(session.node)
        return reply

    def _sent(self, session: Session, dictionary: NgDict) -> tuple[NgDict, str]:
        def start(done: Callable[[tuple[NgDict, str]], None]) -> None:
            self.engine.command(session, dictionary, lambda reply, error: done((reply, error)))

        return wait(start)

    def failed(self, context: Context, error: str) -> int:
        """Tell the script why something failed: -1."""
        if name := self.settings["error_pv"]:
            Reference(self.runtime.registry, parse_variable(name, NOWHERE), context).set(error)
        return NO


def _demanded(context: Context, has_body: bool) -> str:
    """What `rtpengine_manage` does with a message: offer, answer, delete, or nothing ("")."""
    message = context.message
    method = message.method if message.is_request else message.cseq[1]
    if method in ENDED_BY:
        return "delete"
    if message.is_request:
        if method == "INVITE" and context.kind is Kind.FAILURE:
            return "delete"
        if not has_body:
            return ""
        return "offer" if method in OFFERED_IN else "answer" if method in ANSWERED_IN else ""
    if message.status >= 300:
        return "delete"
    if not has_body:
        return ""
    late = method == "INVITE" and context.request is not None and description(context.request) is None
    return "offer" if late else "answer"
