"""What the initial INVITE of a call means for its relay sessions (rtp-relay.md 4, OURS, rows 1-16 and 25-28)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.engines.contract import Session
from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.rtp_relay.call import RelayCall
from relayscript.interpreter.modules.rtp_relay.operations import Operations
from relayscript.interpreter.modules.rtp_relay.right_of_way import Passage
from relayscript.interpreter.modules.rtp_relay.session import ALL_BRANCHES, Engagement, RelaySession
from relayscript.interpreter.modules.tm import Transaction, TransactionBranch

Unavailable = Callable[[RelayCall, RelaySession, TransactionBranch], None]


class InitialInvite:
    """Follows the initial INVITE of an engaged call: its branches, their replies, their ends.

    `unavailable` is told of each branch for which no relay was found.
    """

    def __init__(self, operations: Operations, call: RelayCall, unavailable: Unavailable) -> None:
        self.operations = operations
        self.call = call
        self.unavailable = unavailable

    def attach(self, transaction: Transaction) -> None:
        """Take part in a transaction."""
        transaction.on_branch.append(self.branch_about_to_be_sent)
        transaction.on_reply.append(self.reply_about_to_be_relayed)
        transaction.on_branch_end.append(self.branch_failed)

    # ---- branches

    def branch_about_to_be_sent(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Row 2: offer the INVITE's body for this branch, unless it has none."""
        engagement = self.call.engagement_for(branch.index)
        if engagement is None or transaction.cancelled:
            return
        session = self._session(engagement, transaction, branch)
        settings = self.call.legs.offering_caller(branch.index)
        session.late = description(transaction.request) is None and not settings.get("body")
        self.call.sessions[branch.index] = session
        if session.late or settings.is_disabled or session.callee.is_disabled:
            return
        offered = self.operations.offer(self.call, session, session.caller, branch.context, settings)
        if not offered and not self.call.ended and not transaction.cancelled:
            self.unavailable(self.call, session, branch)

    def _session(
        self, engagement: Engagement, transaction: Transaction, branch: TransactionBranch
    ) -> RelaySession:
        """A session, named after the branch unless there is only this one ("Name")."""
        call, index = self.call, branch.index
        alone = engagement.branch == ALL_BRANCHES and len(transaction.branches) == 1
        at_relay = Session(call.call_id, branch=ALL_BRANCHES if alone else index, set=engagement.set)
        return RelaySession(
            engagement, index, call.legs.caller_of(index), call.legs.callee_of(index), at_relay
        )

    def branch_failed(self, transaction: Transaction, branch: TransactionBranch) -> None:
        """Rows 25-28: a branch ended without success; what it holds is released."""
        call, session = self.call, self.call.sessions.get(branch.index)
        if session is None or (session is call.established and call.confirmed):
            return
        if session is call.established:
            call.established = None
        self.operations.delete(call, session, session.callee)

    # ---- replies

    def reply_about_to_be_relayed(
        self, transaction: Transaction, branch: TransactionBranch, context: Context
    ) -> None:
        """Rows 6-16: a reply of a branch goes to the caller; a 2xx makes its session the established one."""
        session, reply = self.call.sessions.get(branch.index), context.message
        if not 100 < reply.status < 300 or self.call.ended:
            return
        if session is not None:
            self._relay_body(session, context)
        if reply.status >= 200 and not self.call.confirmed:
            self._confirmed(session)
            self._await_ack(session, transaction)

    def _await_ack(self, session: RelaySession | None, transaction: Transaction) -> None:
        """No update before the ACK: the callee would refuse it."""
        if session is None:
            return
        passage = Passage(self.call.right_of_way)

        def leave() -> None:
            if passage.leave():
                self.operations.check(self.call, session)

        passage.enter()
        session.acknowledged = leave
        transaction.on_end.append(lambda _: leave())

    def _relay_body(self, session: RelaySession, context: Context) -> None:
        reply = context.message
        if reply.to_tag:
            self.call.legs.learn(session.callee, reply.to_tag)
        if session.is_disabled:
            self._release(session)
            return
        if description(reply) is None and (session.late or not session.callee.get("body")):
            return
        if session.late:
            session.offered_late = True
            done = self.operations.offer(self.call, session, session.callee, context)
        else:
            done = self.operations.answer(self.call, session, session.callee, context)
        if done:
            self._learn(context)

    def _release(self, session: RelaySession) -> None:
        """A participant was disabled before the answer: the relay is given back, its offer is void."""
        if session.held:
            self.operations.delete(self.call, session)

    def _learn(self, context: Context) -> None:
        """The tags of the first successful reply; the To tag of a 2xx replaces that of an 18x."""
        (from_tag, to_tag), reply = self.call.learnt, context.message
        if not to_tag or reply.status >= 200:
            to_tag = reply.to_tag
        self.call.learnt = (from_tag or reply.from_tag, to_tag)

    def _confirmed(self, session: RelaySession | None) -> None:
        """The winner stays, every other branch is released at once."""
        call = self.call
        call.confirmed, call.established = True, session
        for other in list(call.sessions.values()):
            if other is not session:
                self.operations.delete(call, other, other.callee)
