"""Sends a request on: a branch for each destination, the branch route, then the message itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.interpreter.forwarding import render_request
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.transaction import ClientTransaction

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm

NOTHING_TO_SEND = -2
MOST_BRANCHES = 12


class Branching:
    """Makes and sends the branches of transactions."""

    def __init__(self, tm: Tm) -> None:
        self.tm = tm
        self.runtime = tm.runtime

    def relay(self, transaction: Transaction, context: Context) -> int:
        """Send the request to the R-URI branch and all added ones: 1, or why nothing was sent (< 0)."""
        made: list[TransactionBranch] = []
        code = NOTHING_TO_SEND
        for destination in (context.branch, *context.branches):
            if len(transaction.branches) >= MOST_BRANCHES:
                break
            branch, failure = self._make(transaction, destination.copy(), context)
            if branch is not None:
                made.append(branch)
            code = failure or code
        context.branches = []
        if not made:
            return code
        for branch in made:
            self._send(branch)
        return 1

    def _make(
        self, transaction: Transaction, destination: Branch, context: Context
    ) -> tuple[TransactionBranch | None, int]:
        """Run the branch route and find the next hop; None if the branch is dropped or leads nowhere."""
        run = self._branch_context(transaction, destination, context)
        branch = TransactionBranch(transaction, run.branch_index, run, f"{transaction.token}.{run.branch_index}")
        run.local["tm.branch"] = branch
        route = self.runtime.route("branch_route", transaction.on_branch_route)
        if route is not None and not self.runtime.run(route, run):
            return None, 0
        try:
            branch.listener, branch.address = next_hop(self.runtime, run.branch, transaction.request.listener)
        except Unreachable as reason:
            self.runtime.warn_at(f"branch {branch.index}: {reason}", level=-1)
            return None, reason.code
        transaction.branches.append(branch)
        self.tm.table.add_branch(branch)
        return branch, 0

    @staticmethod
    def _branch_context(transaction: Transaction, destination: Branch, context: Context) -> Context:
        run = Context(context.runtime, transaction.request, Kind.BRANCH)
        run.branch = destination
        run.avps, run.flags = transaction.avps, transaction.flags
        run.changes = transaction.changes.copy()
        run.via_flags = context.via_flags
        run.transaction = transaction
        run.branch_index = len(transaction.branches)
        return run

    def _send(self, branch: TransactionBranch) -> None:
        """Let modules see the branch, then send it, unless the call was cancelled meanwhile."""
        transaction = branch.transaction
        for hook in transaction.on_branch:
            hook(transaction, branch)
        if transaction.cancelled:
            self.tm.replying.give_up(branch, 487)
            return
        assert branch.listener is not None
        branch.sent = render_request(branch.context, branch.context.branch, branch.listener, branch.token)
        branch.client = self._client(branch)
        branch.client.start(branch.sent.encode("latin-1"))

    def _client(self, branch: TransactionBranch) -> ClientTransaction:
        transaction, tm = branch.transaction, self.tm
        listener, address = branch.listener, branch.address
        assert listener is not None
        client = ClientTransaction(
            transaction.is_invite,
            listener.protocol != "udp",
            self.runtime.timers,
            tm.timing_of(transaction),
            lambda data: self.runtime.send_data(listener, address, data),
            lambda reply: tm.replying.passed_up(branch, reply),
            lambda: tm.replying.timed_out(branch),
            lambda: tm.branch_ended(branch),
        )
        client.make_ack = lambda reply: tm.make_ack(branch, reply)
        return client
