"""The script functions of module tm that arm routes for a transaction and ask about it."""

from __future__ import annotations

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.tm.branching import BRANCH
from relayscript.interpreter.modules.tm.core import ON_BRANCH, ON_FAILURE, ON_REPLY, TmCore
from relayscript.interpreter.modules.tm.replying import BEST
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.interpreter.regex import Matcher
from relayscript.interpreter.values import text_of


class AskingFunctions(TmCore):
    """Routes to run, and what is known."""

    # ---- arming routes

    @function()
    def t_on_failure(self, context: Context, name: str) -> int:
        """Run that failure route if all branches fail, once."""
        if context.transaction is None:
            context.local[ON_FAILURE] = name
        else:
            context.transaction.on_failure_route = name
        return 1

    @function()
    def t_on_reply(self, context: Context, name: str) -> int:
        """Run that reply route for each reply; armed in a branch route, for the replies of the branch."""
        if context.kind is Kind.BRANCH:
            context.local[BRANCH].on_reply = name
        elif context.transaction is None:
            context.local[ON_REPLY] = name
        else:
            context.transaction.on_reply_route = name
        return 1

    @function()
    def t_on_branch(self, context: Context, name: str) -> int:
        """Run that branch route for each branch before it is sent."""
        if context.transaction is None:
            context.local[ON_BRANCH] = name
        else:
            context.transaction.on_branch_route = name
        return 1

    @function()
    def t_flush_flags(self, context: Context) -> int:
        """Hand the flags of the request to its transaction: 1; -1 if there is none."""
        if context.transaction is None:
            return -1
        context.transaction.flags = context.flags
        return 1

    # ---- asking

    @function()
    def t_was_cancelled(self, context: Context) -> int:
        """Whether the caller cancelled."""
        return 1 if context.transaction is not None and context.transaction.cancelled else -1

    @function()
    def t_check_status(self, context: Context, pattern: Matcher) -> int:
        """Whether the status of the reply, or in a failure route the winning one, matches."""
        return 1 if pattern.search(str(self.code_of(context))) is not None else -1

    @function()
    def t_local_replied(self, context: Context, which: str) -> int:
        """Whether `all` replies, those of this `branch`, or the `last` one were made here, not received."""
        transaction: Transaction | None = context.transaction
        if transaction is None:
            return -1
        found: list[TransactionBranch | None]
        match which:
            case "all":
                found = list(transaction.attempt)
            case "branch":
                found = [self.branch_of(context)]
            case "last":
                found = [None if context.kind is Kind.ONREPLY else transaction.last]
            case _:
                context.log(-1, f"t_local_replied: {which!r} is none of all, branch, last")
                return -1
        return 1 if found and all(branch is not None and branch.is_local for branch in found) else -1

    @function()
    def t_get_branch_idx_by_attr(
        self,
        context: Context,
        name: str,
        text: str | None = None,
        number: int | None = None,
        target: Reference | None = None,
        start: int | None = None,
    ) -> int:
        """Find the branch with an attribute (of that text or number if given) from index `start` on.

        1, with its index in `target`; -1 if there is none.
        """
        transaction: Transaction | None = context.transaction
        for branch in transaction.branches[start or 0 :] if transaction is not None else ():
            value = branch.destination.attributes.get(name)
            fits = value is not None and (text is None or text_of(value) == text)
            if fits and (number is None or text_of(value) == str(number)):
                return 1 if target is None or target.set(branch.index) else -1
        return -1

    # ---- for the variables

    @staticmethod
    def code_of(context: Context) -> int:
        """The status of the reply that is processed, the winning one in a failure route, the last one given."""
        if context.kind is Kind.ONREPLY:
            return context.message.status
        best: TransactionBranch | None = context.local.get(BEST)
        if best is not None:
            return best.status
        transaction: Transaction | None = context.transaction
        return transaction.status if transaction is not None else 0

    @staticmethod
    def branch_of(context: Context) -> TransactionBranch | None:
        """The branch that is processed, or that won; None in other routes."""
        transaction: Transaction | None = context.transaction
        if transaction is None or context.kind not in (Kind.BRANCH, Kind.ONREPLY, Kind.FAILURE):
            return None
        if context.kind is Kind.BRANCH:
            found: TransactionBranch | None = context.local.get(BRANCH)
            return found
        index = context.branch_index
        return transaction.branches[index] if index < len(transaction.branches) else None
