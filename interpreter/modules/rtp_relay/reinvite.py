"""A re-INVITE of ours to one side of a call, in the name of the other (rtp-relay.md 7, "Choreography")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.interpreter.forwarding import render_request
from relayscript.interpreter.modules.dialog import Dialog
from relayscript.interpreter.modules.tm import Tm, Transaction
from relayscript.interpreter.waiting import wait
from relayscript.sip.dialog import Direction, Leg, contact_uri
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr

if TYPE_CHECKING:
    from collections.abc import Callable

    from relayscript.interpreter.runtime import Runtime

NOT_SENT = 0
GLARE = 491
"""The answer of a side that makes an offer itself at the moment."""

ATTEMPTS = 3
"""How often something is tried that meets such an answer."""


def reinvite(runtime: Runtime, dialog: Dialog, way: Direction, body: str) -> tuple[int, Message | None]:
    """Send a re-INVITE that way and wait for its final answer, which is acknowledged.

    The status and the answer (None for a timeout); status 0 if it could not be sent.
    """
    tm = runtime.module(Tm)
    speaker = _leg(dialog, way)
    if tm is None or speaker is None:
        return NOT_SENT, None
    headers = f"Contact: <{speaker.contact}>\r\nContent-Type: application/sdp\r\n"
    try:
        request = Message.from_text(dialog.sip.build_request(way, "INVITE", headers, body))
        first = _first_route(request)
    except (LookupError, SipError) as error:
        runtime.log(1, f"dialog {dialog.did}: no re-INVITE possible: {error}")
        return NOT_SENT, None
    request.listener = dialog.socket(way)

    acknowledgement = Acknowledgement(runtime, dialog, way, first)

    def start(done: Callable[[tuple[int, Message | None]], None]) -> None:
        sent = tm.local_requests.send(request, lambda status, reply: done((status, reply)), first)
        if sent is not None:
            sent.on_reply.append(acknowledgement.answered)

    return wait(start)


def pause(runtime: Runtime, way: Direction) -> None:
    """Wait before another attempt as long as whoever we speak for would after a 491 (RFC 3261 14.1)."""
    if way is Direction.DOWNSTREAM:  # for the caller, whose Call-ID it is
        seconds = 2.1 + runtime.ids.number("pause", 191) / 100
    else:
        seconds = runtime.ids.number("pause", 201) / 100

    def start(done: Callable[[None], None]) -> None:
        runtime.timers.start(seconds, lambda: done(None))

    wait(start)


class Acknowledgement:
    """Sends the ACK for each 2xx to a re-INVITE of ours: the answer may come again."""

    def __init__(self, runtime: Runtime, dialog: Dialog, way: Direction, first_route: str | None) -> None:
        self.runtime = runtime
        self.dialog = dialog
        self.way = way
        self.first_route = first_route

    def answered(self, transaction: Transaction, branch: object, context: Context) -> None:
        """A reply came in; only a 2xx is acknowledged here (RFC 3261 13.2.2.4)."""
        reply = context.message
        if not 200 <= reply.status < 300:
            return
        try:
            self.dialog.sip.receive_answer(transaction.request, reply)
            ack = Message.from_text(self._text(transaction.request, reply))
            ack.listener = self.dialog.socket(self.way)
            run = Context(self.runtime, ack, Kind.LOCAL)
            run.branch.duri = self.first_route
            listener, address = next_hop(self.runtime, run.branch, ack.listener)
        except (SipError, Unreachable) as error:
            self.runtime.log(1, f"dialog {self.dialog.did}: no ACK possible: {error}")
            return
        token = f"z9hG4bK{self.runtime.ids.token('branch')}"
        self.runtime.send(listener, address, render_request(run, run.branch, listener, token))

    def _text(self, request: Message, reply: Message) -> str:
        target = contact_uri(reply) or request.uri
        routes = "".join(f"Route: {value}\r\n" for value in request.headers("route"))
        return (
            f"ACK {target} SIP/2.0\r\n{routes}Max-Forwards: 70\r\n"
            f"From: {request.header('from')}\r\nTo: {request.header('to')}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {request.cseq[0]} ACK\r\nContent-Length: 0\r\n\r\n"
        )


def _leg(dialog: Dialog, way: Direction) -> Leg | None:
    """The side that a request that way speaks for."""
    return dialog.caller if way is Direction.DOWNSTREAM else dialog.callee


def _first_route(request: Message) -> str | None:
    value = request.header("route")
    return parse_nameaddr(value).uri if value is not None else None
