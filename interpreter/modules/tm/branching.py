"""Sends a request on: a branch for each destination, the branch route, then the message itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.blacklists import USED
from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.destination import NO_DESTINATION, Unreachable, Way, only_place
from relayscript.interpreter.forwarding import ADVERTISED, render_request, stamp_via
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.transaction import ClientTransaction
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm.core import TmCore

MOST_BRANCHES = 12
"""How many branches one attempt may have."""

BRANCH = "tm.branch"
"""Where the run of a branch route keeps its branch."""


class Branching:
    """Makes and sends the branches of transactions."""

    def __init__(self, core: TmCore) -> None:
        self.core = core
        self.runtime = core.runtime

    def relay(self, transaction: Transaction, context: Context, proxy: str | None = None) -> int:
        """Send the request to the R-URI branch and all added ones; those without a next hop of their own go
        through the proxy (its URI), if there is one.

        1, or why nothing was sent (< 0). The branch set of the run is used up.
        """
        if transaction.cancelled or transaction.is_final or self._is_blocked(transaction, context):
            return NO_DESTINATION
        transaction.changes = context.changes.copy()
        transaction.target = context.branch.copy()
        stamp_via(context.message, transaction.changes, context.via_flags)
        destinations = [context.branch, *context.branches]
        context.branches = []
        return self.send_to(transaction, destinations, context, proxy)

    def _is_blocked(self, transaction: Transaction, context: Context) -> bool:
        """A 6xx ends serial forking (RFC 3261 16.7 step 5)."""
        if context.kind is not Kind.FAILURE or self.core.settings["disable_6xx_block"]:
            return False
        return any(branch.status >= 600 for branch in transaction.attempt)

    def send_to(
        self, transaction: Transaction, destinations: list[Branch], context: Context, proxy: str | None = None
    ) -> int:
        """Make a branch for each destination and send them: 1, or why nothing was sent (< 0)."""
        made: list[TransactionBranch] = []
        code, before = NO_DESTINATION, len(transaction.branches)
        for destination in destinations[:MOST_BRANCHES]:
            branch, failure = self._make(transaction, destination, context, proxy)
            if branch is not None:
                made.append(branch)
            code = failure or code
        if not made:
            return code
        if context.kind is Kind.FAILURE:
            transaction.first = before
        unsent = [branch for branch in made if not self._send(branch)]
        if unsent and context.kind is not Kind.FAILURE:
            self.runtime.spawn(self.core.replying.conclude, transaction)
        return 1

    def fail_over(self, branch: TransactionBranch) -> None:
        """Try the next place of a branch whose next hop is out of order, if there is one (RFC 3263 4.3)."""
        if (hop := self.next_place(branch)) is not None:
            self.go_on(branch, hop)

    def next_place(self, branch: TransactionBranch) -> tuple[Listener, Address] | None:
        """Where to send a branch instead, None if there is nowhere else; the one where it went is out of order."""
        transaction = branch.transaction
        if branch.spare is None or branch.listener is None or transaction.cancelled or transaction.is_final:
            return None
        way = branch.spare[1]
        way.shun(branch.listener, branch.address)
        return way.next()

    def go_on(self, branch: TransactionBranch, hop: tuple[Listener, Address]) -> None:
        """Send a branch to another place as well."""
        assert branch.spare is not None
        destination, way = branch.spare
        other, _ = self._make(branch.transaction, destination, branch.context, spare=(way, hop))
        if other is not None:
            self._send(other)

    def undeliverable(self, listener: Listener, address: Address, *, was_sent: bool) -> None:
        """A place cannot be reached: the branches that hear nothing from there are lost.

        A datagram that came back (`was_sent`) may find somebody when it is sent again: it is a reason to try another
        place, but none to give up before `fr_timeout`.
        """
        for branch in self.core.table.sent_to(listener, address, movable=was_sent):
            if branch.client is not None and branch.status == 0:
                self.runtime.spawn(self.core.replying.lose, branch, was_sent)

    def _make(
        self,
        transaction: Transaction,
        destination: Branch,
        context: Context,
        proxy: str | None = None,
        spare: tuple[Way, tuple[Listener, Address]] | None = None,
    ) -> tuple[TransactionBranch | None, int]:
        """Run the branch route and find the next hop; None if the branch is dropped or leads nowhere.

        `spare` is the hop that is left after another one failed, and those behind it.
        """
        run = self._branch_run(transaction, destination.copy(), context)
        if proxy is not None and not run.branch.duri:
            run.branch.duri = proxy
        branch = TransactionBranch(self.core, transaction, run.branch_index, run)
        if transaction.on_branch_route:
            run.local[BRANCH] = branch
            route = self.runtime.route("branch_route", transaction.on_branch_route)
            if route is not None and not self.runtime.run(route, run):
                return None, 0
            del run.local[BRANCH]
        try:
            way, hop = spare or self._way(transaction, run)
        except Unreachable as reason:
            self.runtime.warn_at(f"branch {branch.index}: {reason}", level=-1)
            return None, reason.code
        branch.listener, branch.address = hop
        if way is not None and way.may_go_on:
            branch.spare = (destination.copy(), way)
            self.core.table.add_movable(branch)
        branch.is_minor = self.core.settings["minor_branch_flag"] in run.branch.flags
        if branch.index != len(transaction.branches):
            branch.renumber(len(transaction.branches))
        transaction.branches.append(branch)
        self.core.table.add_branch(branch)
        return branch, 0

    def _way(self, transaction: Transaction, run: Context) -> tuple[Way | None, tuple[Listener, Address]]:
        """Where a branch may go (None: to one place only), and where it goes first. Raises Unreachable."""
        received_on = transaction.request.listener
        if (place := only_place(self.runtime, run.branch, received_on, run)) is not None:
            return None, place
        way = Way(self.runtime, run.branch, received_on, run, fails_over=transaction.fails_over)
        return way, way.first()

    def _branch_run(self, transaction: Transaction, destination: Branch, context: Context) -> Context:
        changes = transaction.changes.copy()
        run = Context(self.runtime, transaction.request, Kind.BRANCH, destination, changes)
        run.avps, run.flags = transaction.avps, transaction.flags
        if transaction.headers:
            changes.last.append(transaction.headers.removesuffix("\r\n"))
        run.via_flags = context.via_flags
        if USED in context.local:
            run.local[USED] = context.local[USED]
        if (shown := context.local.get(ADVERTISED, transaction.local.get(ADVERTISED))) is not None:
            run.local[ADVERTISED] = shown
            if context.kind is not Kind.BRANCH:
                transaction.local[ADVERTISED] = shown
        run.transaction = transaction
        run.request = transaction.request
        run.branch_index = len(transaction.branches)
        return run

    def _send(self, branch: TransactionBranch) -> bool:
        """Let modules see the branch, then send it, unless the call was cancelled or answered meanwhile."""
        transaction = branch.transaction
        for hook in transaction.on_branch:
            hook(transaction, branch)
        if transaction.cancelled or transaction.is_final or branch.cancelling:
            self.core.replying.give_up(branch, 487)
            return False
        if branch.refused:
            self.core.replying.give_up(branch, branch.refused)
            return False
        assert branch.listener is not None
        run = branch.context
        branch.sent = render_request(run, run.branch, branch.listener, branch.token)
        branch.client = ClientTransaction(
            transaction.is_invite, branch.listener.protocol != "udp", self.runtime.timers,
            self.core.timing_of(transaction), branch.transmit, branch.responded, branch.timed_out, branch.ended,
            branch.acknowledge,
        )  # fmt: skip
        branch.client.start(branch.sent.encode("latin-1"))
        return True
