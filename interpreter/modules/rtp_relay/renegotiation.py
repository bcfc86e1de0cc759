"""One transaction inside a call that may carry a new offer and its answer (rtp-relay.md 4, OURS, rows 17-24)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.right_of_way import Passage
from relayscript.interpreter.modules.rtp_relay.session import RelaySession
from relayscript.interpreter.modules.tm import Transaction, TransactionBranch


class Renegotiation:
    """Follows a re-INVITE, UPDATE, PRACK or any other request inside a dialog.

    While it negotiates, no update of management may run: it has the right of way from the moment it is sent
    until its final answer, a re-INVITE that was accepted until the ACK.
    """

    def __init__(self, operations: Operations, call: RelayCall, session: RelaySession, author: Leg) -> None:
        self.operations = operations
        self.call = call
        self.session = session
        self.author = author
        self.offered = False
        self.passage = Passage(call.right_of_way)

    def attach(self, transaction: Transaction) -> None:
        """Take part in a transaction."""
        transaction.on_branch.append(self.request_about_to_be_sent)
        transaction.on_reply.append(self.reply_about_to_be_relayed)
        transaction.on_branch_end.append(self.refused)
        transaction.on_final.append(self._final)
        transaction.on_end.append(lambda _: self._leave())

    # ---- the request

    def request_about_to_be_sent(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Its body is an answer if an offer made in a reply waits for one, else an offer."""
        has_body = description(transaction.request) is not None
        if not has_body and not transaction.is_invite:
            return
        self._enter(transaction, branch)
        session = self.session
        if session.is_disabled:
            self._release()
        elif has_body and not transaction.is_invite and session.is_answer(self.author):
            self.operations.answer(self.call, session, self.author, branch.context)
        elif has_body:
            self.offered = self.operations.offer(self.call, session, self.author, branch.context)

    def _enter(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Wait until no update runs; then go on with the session and the CSeq number that hold now."""
        call, waited = self.call, self.passage.enter()
        current = call.sessions.get(self.session.branch)
        if current is not None and current is not self.session:
            self.author = current.caller if self.author is self.session.caller else current.callee
            self.session = current
        dialogs = self.operations.runtime.module(DialogModule)
        if waited and dialogs is not None and call.dialog is not None:
            way = dialogs.way(branch.context)
            if way is not None:
                dialogs.lifecycle.renumber(call.dialog, way, branch.context)

    def _release(self) -> None:
        """A participant was disabled in mid-call: the session goes, bodies pass as they are."""
        if self.session.held:
            self.operations.delete(self.call, self.session)
            self.session = self.call.renew(self.session)

    # ---- the answer

    def reply_about_to_be_relayed(
        self, transaction: Transaction, branch: TransactionBranch, context: Context
    ) -> None:
        """The reply answers an offer of the request; without one, its body is an offer itself."""
        session, reply = self.session, context.message
        if not 100 < reply.status < 300 or description(reply) is None or session.is_disabled:
            return
        other = session.other(self.author)
        if self.offered:
            self.operations.answer(self.call, session, other, context)
        elif transaction.is_invite and description(transaction.request) is None:
            self.operations.offer(self.call, session, other, context)

    def refused(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Row 24: the relay must not keep what was refused."""
        if self.offered and branch.status >= 300:
            self.operations.restore(self.call, self.session)

    # ---- the right of way

    def _final(self, transaction: Transaction, status: int) -> None:
        if transaction.is_invite and status < 300 and not self.call.ended:
            self.session.acknowledged = self._leave
        else:
            self._leave()

    def _leave(self) -> None:
        if self.passage.leave():
            self.operations.check(self.call, self.session)
