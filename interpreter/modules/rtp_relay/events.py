"""What a call's messages mean for its relay sessions: the event table (rtp-relay.md 4, OURS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.engines.contract import Session
from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.rtp_relay.call import ALL_BRANCHES, RelayCall, RelaySession
from relayscript.interpreter.modules.rtp_relay.commands import Commands, description
from relayscript.interpreter.modules.rtp_relay.legs import Leg
from relayscript.interpreter.modules.tm import Transaction, TransactionBranch

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog import Dialog
    from relayscript.interpreter.runtime import Runtime


class InitialInvite:
    """Follows the initial INVITE of an engaged call: its branches, their replies, their ends."""

    def __init__(self, runtime: Runtime, commands: Commands, call: RelayCall) -> None:
        self.runtime = runtime
        self.commands = commands
        self.call = call

    def attach(self, transaction: Transaction) -> None:
        """Take part in a transaction."""
        transaction.on_branch.append(self.branch_about_to_be_sent)
        transaction.on_reply.append(self.reply_about_to_be_relayed)
        transaction.on_branch_end.append(self.branch_failed)

    def branch_about_to_be_sent(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Row 2: offer the INVITE's body for this branch, unless it has none."""
        call = self.call
        engagement = call.engagement_for(branch.index)
        if engagement is None or transaction.cancelled:
            return
        alone = engagement.branch == ALL_BRANCHES and len(transaction.branches) == 1
        name = ALL_BRANCHES if alone else branch.index
        session = RelaySession(
            engagement, branch.index, call.legs.caller_of(branch.index), call.legs.callee_of(branch.index),
            Session(call.call_id, branch=name, set=engagement.set),
        )  # fmt: skip
        if session.is_disabled:
            return
        call.sessions[branch.index] = session
        if description(transaction.request) is None and not session.caller.get("body"):
            session.late = True
            return
        self.commands.offer(call, session, session.caller, branch.context)

    def reply_about_to_be_relayed(
        self, transaction: Transaction, branch: TransactionBranch, context: Context
    ) -> None:
        """Rows 6-16: a reply of a branch goes to the caller; a 2xx makes its session the established one."""
        session, reply = self.call.sessions.get(branch.index), context.message
        if not 100 < reply.status < 300 or self.call.ended:
            return
        if session is not None:
            self._relay_body(session, context)
        if reply.status >= 200:
            self._established(transaction, session)

    def _relay_body(self, session: RelaySession, context: Context) -> None:
        reply = context.message
        if reply.to_tag:
            session.callee.tag = reply.to_tag
        if session.broken or (description(reply) is None and not session.callee.get("body")):
            return
        if not session.late:
            done = self.commands.answer(self.call, session, session.callee, context)
        elif description(reply) is not None:
            session.offered_late = True
            done = self.commands.offer(self.call, session, session.callee, context)
        else:
            return
        if done:
            self._learn(context)

    def _learn(self, context: Context) -> None:
        """The tags of the first successful reply; the To tag of a 2xx replaces that of an 18x."""
        learnt, reply = self.call.learnt, context.message
        learnt.setdefault("from_tag", reply.from_tag)
        if "to_tag" not in learnt or reply.status >= 200:
            learnt["to_tag"] = reply.to_tag

    def _established(self, transaction: Transaction, session: RelaySession | None) -> None:
        """The winner stays, every other branch is released at once."""
        call = self.call
        for other in list(call.sessions.values()):
            if other is not session:
                self.commands.delete(call, other)
        if session is not None and session.held and call.established is None:
            call.established = session

    def branch_failed(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Rows 25-28: a branch ended without success; what it holds is released."""
        session = self.call.sessions.get(branch.index)
        if session is not None and session is not self.call.established:
            self.commands.delete(self.call, session)


class InDialog:
    """Follows the requests inside an established dialog and its end."""

    def __init__(self, runtime: Runtime, commands: Commands, call: RelayCall) -> None:
        self.runtime = runtime
        self.commands = commands
        self.call = call

    def attach(self, dialog: Dialog) -> None:
        """Take part in a dialog."""
        self.call.dialog = dialog
        dialog.on_request.append(self.request_matched)
        dialog.on_end.append(self.ended)

    def session(self) -> RelaySession | None:
        """The established session, or while there is none the only one there is."""
        call = self.call
        if call.established is None and len(call.sessions) == 1:
            return next(iter(call.sessions.values()))
        return call.established

    def request_matched(self, dialog: Dialog, context: Context, downstream: bool) -> None:
        """A request of the dialog: note who sent it; an ACK that answers a late offer is dealt with now."""
        session = self.session()
        if session is None or self.call.ended:
            return
        author = session.caller if downstream else session.callee
        context.local["rtp_relay.author"] = author
        if context.message.method == "ACK":
            self._acknowledged(session, author, context)

    def _acknowledged(self, session: RelaySession, author: Leg, context: Context) -> None:
        """Row 15: the body of an ACK answers the offer of the 2xx."""
        if session.author is session.other(author) and description(context.message) is not None:
            self.commands.answer(self.call, session, author, context)
            session.late = False

    def transaction_created(self, transaction: Transaction, context: Context) -> None:
        """A request of the dialog is about to be relayed in a transaction of its own."""
        author = context.local.get("rtp_relay.author")
        session = self.session()
        if author is None or session is None:
            return
        exchange = Renegotiation(self.commands, self.call, session, author)
        transaction.on_branch.append(exchange.request_about_to_be_sent)
        transaction.on_reply.append(exchange.reply_about_to_be_relayed)
        transaction.on_branch_end.append(exchange.refused)

    def ended(self, dialog: Dialog, reason: str, downstream: bool | None) -> None:
        """The call is over, whatever ended it: release all that is held."""
        call = self.call
        for session in list(call.sessions.values()):
            self.commands.delete(call, session, session.callee if downstream is False else session.caller)
        call.ended, call.established = True, None


class Renegotiation:
    """One in-dialog transaction that may carry a new offer and its answer (rows 17-24)."""

    def __init__(self, commands: Commands, call: RelayCall, session: RelaySession, author: Leg) -> None:
        self.commands = commands
        self.call = call
        self.session = session
        self.author = author
        self.offered = False
        self.answered = False

    def request_about_to_be_sent(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Its body is an answer if an offer of the other side waits for one, else an offer."""
        session = self.session
        if session.is_disabled:
            self._release()
            return
        if description(transaction.request) is None:
            return
        if session.author is session.other(self.author):
            self.answered = self.commands.answer(self.call, session, self.author, branch.context)
            session.late = False
        else:
            self.offered = self.commands.offer(self.call, session, self.author, branch.context)

    def _release(self) -> None:
        """A participant was disabled in mid-call: the session goes, bodies pass as they are."""
        if self.session.held:
            self.commands.delete(self.call, self.session)
            self.call.sessions[self.session.branch] = self.session

    def reply_about_to_be_relayed(
        self, transaction: Transaction, branch: TransactionBranch, context: Context
    ) -> None:
        """The reply answers an offer of the request; without one, its body is an offer itself."""
        session, reply = self.session, context.message
        if not 100 < reply.status < 300 or description(reply) is None or session.is_disabled:
            return
        other = session.other(self.author)
        if self.offered:
            self.commands.answer(self.call, session, other, context)
        elif transaction.is_invite and description(transaction.request) is None:
            self.commands.offer(self.call, session, other, context)

    def refused(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Row 24: the relay must not keep what was refused."""
        if self.offered and branch.status >= 300:
            self.commands.restore(self.call, self.session)
