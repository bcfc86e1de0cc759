"""Branches added to a transaction that is under way, and the waiting for them (tm manual, `t_inject_branches`)."""

from __future__ import annotations

from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.tm.core import TmCore
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.sip.transaction import Timing

CANCEL_OTHERS, NO_MORE = "cancel", "last"


class InjectingFunctions(TmCore):
    """New branches from outside of the route that relayed."""

    @function()
    def t_wait_for_new_branches(self, context: Context, count: int | None = None) -> int:
        """Do not answer the caller before that many branches were injected (any number without it), or
        `fr_inv_timeout` has passed."""
        transaction: Transaction | None = context.transaction
        if transaction is None or transaction.is_final or (count is not None and count <= 0):
            return -1
        transaction.awaited = count
        if transaction.timer is not None:
            transaction.timer.cancel()
        timing: Timing = self.timing_of(transaction)
        transaction.timer = self.runtime.timers.start(
            timing.fr_inv_timeout, lambda: self.runtime.spawn(self._no_more, transaction)
        )
        return 1

    @function()
    def t_wait_no_more_branches(self, context: Context) -> int:
        """No further branches will be injected."""
        transaction: Transaction | None = context.transaction
        if transaction is None:
            return -1
        self.runtime.spawn(self._no_more, transaction)
        return 1

    def _no_more(self, transaction: Transaction) -> None:
        transaction.awaited = 0
        self.replying.conclude(transaction)
        self.end_if_over(transaction)

    @function(waits=True)
    def t_inject_branches(self, context: Context, source: str, flags: str | None = None) -> int:
        """Add the branch set of the message (`msg`) to its transaction and send it.

        In a reply route that are the added branches. `cancel` cancels the earlier ones, `last` says that no
        more will follow. 1; < 0 if nothing was sent.
        """
        transaction: Transaction | None = context.transaction
        if transaction is None or transaction.is_final or transaction.cancelled:
            return -1
        if source != "msg":
            context.log(-1, f"t_inject_branches: {source!r} is no source of branches here")
            return -1
        words = [word.strip() for word in (flags or "").split(",")]
        destinations: list[Branch] = [*context.branches]
        if context.kind is not Kind.ONREPLY:
            destinations.insert(0, context.branch)
        context.branches = []
        if CANCEL_OTHERS in words:
            for branch in transaction.open_branches():
                self.cancelling.cancel_branch(branch)
        code = self.branching.send_to(transaction, destinations, context)
        if transaction.awaited is not None and code > 0:
            transaction.awaited = max(transaction.awaited - 1, 0)
        if NO_MORE in words or transaction.awaited == 0:
            self.runtime.spawn(self._no_more, transaction)
        return code
