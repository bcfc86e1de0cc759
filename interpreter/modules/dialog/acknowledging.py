"""The ACK for a 2xx to a re-INVITE that was made here (RFC 3261 13.2.2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.interpreter.forwarding import render_request
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Transaction
from relayscript.sip.branch import MAGIC_COOKIE
from relayscript.sip.dialog import Direction, contact_uri
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class Acknowledgement:
    """Sends the ACK for each 2xx, which may come again.

    A held one waits for `release`, with the answer to an offer that came in the 2xx.
    """

    def __init__(self, runtime: Runtime, dialog: Dialog, way: Direction, *, held: bool = False) -> None:
        self.runtime = runtime
        self.dialog = dialog
        self.way = way
        self._held = held
        self._body = ""
        self._waiting: tuple[Message, Message] | None = None

    def answered(self, transaction: Transaction, branch: object, context: Context) -> None:
        """A reply came in; only a 2xx is acknowledged here."""
        if not 200 <= context.message.status < 300:
            return
        try:
            self.dialog.sip.receive_answer(transaction.request, context.message)
        except SipError as error:
            self.runtime.log(1, f"dialog {self.dialog.did}: reply of no use: {error}")
        self._waiting = (transaction.request, context.message)
        if not self._held:
            self._send(*self._waiting)

    def release(self, body: str = "") -> None:
        """Acknowledge from now on, with a session description if there is one."""
        self._held, self._body = False, body
        if self._waiting is not None:
            self._send(*self._waiting)

    def _send(self, request: Message, reply: Message) -> None:
        try:
            ack = Message.from_text(self._text(request, reply))
            ack.listener = self.dialog.socket(self.way)
            run = Context(self.runtime, ack, Kind.LOCAL)
            run.branch.duri = first_route(request)
            listener, address = next_hop(self.runtime, run.branch, ack.listener)
        except (SipError, Unreachable) as error:
            self.runtime.log(1, f"dialog {self.dialog.did}: no ACK possible: {error}")
            return
        token = MAGIC_COOKIE + self.runtime.ids.token("branch")
        self.runtime.send(listener, address, render_request(run, run.branch, listener, token))

    def _text(self, request: Message, reply: Message) -> str:
        target = contact_uri(reply) or request.uri
        routes = "".join(f"Route: {value}\r\n" for value in request.headers("route"))
        kind = "Content-Type: application/sdp\r\n" if self._body else ""
        return (
            f"ACK {target} SIP/2.0\r\n{routes}Max-Forwards: 70\r\n"
            f"From: {request.header('from')}\r\nTo: {request.header('to')}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {request.cseq[0]} ACK\r\n"
            f"{kind}Content-Length: {len(self._body)}\r\n\r\n{self._body}"
        )


def first_route(request: Message) -> str | None:
    """The URI of the topmost Route; None if there is none. Raises SipError."""
    value = request.header("route")
    return parse_nameaddr(value).uri if value is not None else None
