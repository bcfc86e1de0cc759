"""What requests inside a call mean for its relay session, and its end (rtp-relay.md 4, OURS, rows 15-24 and 29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.renegotiation import Renegotiation
from relayscript.interpreter.modules.rtp_relay.session import RelaySession
from relayscript.interpreter.modules.tm import Transaction

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog

PART = "rtp_relay.part"
"""Under which key runs keep the session and the author of their request."""


class InDialog:
    """Follows the requests inside a dialog, and its end."""

    __slots__ = ("_bye", "call", "operations")

    def __init__(self, operations: Operations, call: RelayCall) -> None:
        self.operations = operations
        self.call = call
        self._bye: Context | None = None

    def attach(self, dialog: Dialog) -> None:
        """Take part in a dialog."""
        self.call.dialog = dialog
        dialog.on_request.append(self.request_matched)
        dialog.on_end.append(self.ended)

    def request_matched(self, dialog: Dialog, context: Context, downstream: bool) -> None:
        """A request of the dialog: note who sent it; an ACK that answers a late offer is dealt with now."""
        call, message = self.call, context.message
        callee_tag = message.to_tag if downstream else message.from_tag
        session = call.session_of(callee_tag)
        if session is None or call.ended:
            return
        if not call.confirmed:
            session.callee.tag = callee_tag
        author = session.caller if downstream else session.callee
        context.local[PART] = session, author
        if message.method == "BYE":
            self._bye = context
        if message.method == "ACK":
            self._acknowledged(session, author, context)

    def _acknowledged(self, session: RelaySession, author: Leg, context: Context) -> None:
        """Row 15: the body of an ACK answers the offer of the 2xx. Without one, nothing will."""
        if description(context.message) is not None:
            if session.is_answer(author):
                self.operations.answer(self.call, session, author, context)
            else:
                self.operations.again(session, author, context)
        session.awaits_request = False
        if (waiting := session.acknowledged) is not None:
            session.acknowledged = None
            waiting()

    def transaction_created(self, transaction: Transaction, context: Context) -> None:
        """A request of the dialog is about to be relayed in a transaction of its own."""
        part: tuple[RelaySession, Leg] | None = context.local.get(PART)
        if part is not None:
            Renegotiation(self.operations, self.call, *part).attach(transaction)

    def ended(self, dialog: Dialog, reason: str, downstream: bool | None) -> None:
        """The call is over, whatever ended it: release all that is held."""
        call = self.call
        if call.ended:
            return
        call.ended = True
        bye, self._bye = self._bye, None
        for session in list(call.sessions.values()):
            ended_by = session.callee if downstream is False else session.caller
            self.operations.delete(call, session, ended_by, bye)
