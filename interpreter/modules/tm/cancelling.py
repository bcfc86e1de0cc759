"""CANCEL at every moment (RFC 3261 9): of the caller, and our own for branches that lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.cancel import build_cancel
from relayscript.sip.response import build_response, response_destination
from relayscript.sip.transaction import ClientTransaction

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm

BY_CALLER = 'Reason: SIP;cause=487;text="ORIGINATOR_CANCEL"\r\n'


class Cancelling:
    """Cancels branches."""

    def __init__(self, tm: Tm) -> None:
        self.tm = tm
        self.runtime = tm.runtime

    def by_caller(self, transaction: Transaction, context: Context) -> int:
        """The caller's CANCEL: 200 to it, and all open branches are cancelled."""
        request = context.message
        text = build_response(request, 200, "canceling", self.tm.local_tag(transaction))
        assert request.listener is not None
        address = response_destination(request.top_via, request.source)
        self.runtime.send(request.listener, address, text)
        if transaction.is_final or transaction.cancelled:
            return 1
        transaction.cancelled = True
        reason = context.local.get("tm.cancel_reason", BY_CALLER)
        for branch in transaction.open_branches():
            self.cancel_branch(branch, reason)
        return 1

    def cancel_branch(self, branch: TransactionBranch, headers: str) -> None:
        """Cancel a branch now if it has answered provisionally, else as soon as it does (RFC 3261 9.1)."""
        if branch.asked_to_cancel or branch.is_final or branch.client is None:
            return
        branch.asked_to_cancel = "yes"
        if not branch.transaction.is_invite:
            return
        if branch.status >= 100:
            self.send_cancel(branch, headers)

    def send_cancel(self, branch: TransactionBranch, headers: str) -> None:
        """Send the CANCEL of a branch, in a transaction of its own."""
        listener, address = branch.listener, branch.address
        assert listener is not None
        cancel = ClientTransaction(
            False,
            listener.protocol != "udp",
            self.runtime.timers,
            self.tm.timing,
            lambda data: self.runtime.send_data(listener, address, data),
            lambda reply: None,
            lambda: self._unanswered(branch),
            lambda: None,
        )
        branch.local["cancel"] = cancel
        cancel.start(build_cancel(branch.sent, headers).encode("latin-1"))

    def _unanswered(self, branch: TransactionBranch) -> None:
        """The callee does not even answer the CANCEL: the branch is over."""
        self.tm.replying.timed_out(branch)
