"""The script variables of module tm: of the transaction, and of its branches (tm manual)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import variable
from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.modules.tm.asking import AskingFunctions
from relayscript.interpreter.modules.tm.core import FR_INV_TIMEOUT, FR_TIMEOUT
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.interpreter.operators import plain
from relayscript.interpreter.values import FALSE, TRUE, Value, int_of
from relayscript.interpreter.variables.destination import q_text
from relayscript.interpreter.variables.indexing import Index, pick, position
from relayscript.interpreter.variables.message import put_flag
from relayscript.interpreter.variables.script import put_avp

OF_BRANCHES = (Kind.BRANCH, Kind.FAILURE, Kind.ONREPLY)
ACTIVE = "active"
SCOPES = (ACTIVE, "all")
"""What may stand behind the number of a branch."""


class Variables(AskingFunctions):
    """What a transaction and its branches show."""

    # ---- the transaction

    @variable("T_branch_idx")
    def branch_idx(self, context: Context) -> Value:
        """Index of the branch that is processed, of the winning one in a failure route; NULL elsewhere."""
        if context.transaction is None or context.kind not in OF_BRANCHES:
            return None
        return context.branch_index

    @variable("T_reply_code")
    def reply_code(self, context: Context) -> Value:
        """Status of the reply, or of the winning one in a failure route."""
        return self.code_of(context)

    @variable("T_branch_last_reply_code", index=True)
    def last_reply_code(self, context: Context, index: Index) -> Value:
        """Latest status of a branch before the reply that is processed; 0 before any. `*` is as no index."""
        return self._read(context, None if index == "*" else index, lambda branch: branch.status)

    @variable("T_ruri")
    def ruri(self, context: Context) -> Value:
        """R-URI of the branch that is processed."""
        transaction: Transaction | None = context.transaction
        if transaction is None or context.branch_index >= len(transaction.branches):
            return None
        return transaction.branches[context.branch_index].destination.uri

    @variable("T_id")
    def identity(self, context: Context) -> Value:
        """Identifier of the transaction."""
        return context.transaction.token if context.transaction is not None else None

    @variable("T_fr_timeout")
    def fr_timeout(self, context: Context) -> Value:
        """Seconds until a branch without any answer fails."""
        return int(_own_timeout(context, FR_TIMEOUT, "fr_timeout") or self.timing.fr_timeout)

    @fr_timeout.setter
    def set_fr_timeout(self, context: Context, op: str, value: Value) -> bool:
        """Set it for this transaction; NULL for the module's."""
        return _set_timeout(context, FR_TIMEOUT, "fr_timeout", value)

    @variable("T_fr_inv_timeout")
    def fr_inv_timeout(self, context: Context) -> Value:
        """Seconds until a ringing branch fails."""
        return int(_own_timeout(context, FR_INV_TIMEOUT, "fr_inv_timeout") or self.timing.fr_inv_timeout)

    @fr_inv_timeout.setter
    def set_fr_inv_timeout(self, context: Context, op: str, value: Value) -> bool:
        """Set it for this transaction; NULL for the module's. In a reply route the branch that replied counts it
        from now on."""
        done = _set_timeout(context, FR_INV_TIMEOUT, "fr_inv_timeout", value)
        branch = self.branch_of(context) if context.kind is Kind.ONREPLY else None
        if done and branch is not None and branch.client is not None:
            branch.client.retime(self.timing_of(branch.transaction))
        return done

    # ---- a branch

    @variable("tm.branch.uri", index=True)
    def branch_uri(self, context: Context, index: Index) -> Value:
        """R-URI of a branch."""
        return self._sent(context, index, lambda branch: branch.destination.uri)

    @variable("tm.branch.duri", index=True)
    def branch_duri(self, context: Context, index: Index) -> Value:
        """Next hop of a branch."""
        return self._sent(context, index, lambda branch: branch.destination.duri)

    @variable("tm.branch.path", index=True)
    def branch_path(self, context: Context, index: Index) -> Value:
        """Path of a branch."""
        return self._sent(context, index, lambda branch: branch.destination.path)

    @variable("tm.branch.q", index=True)
    def branch_q(self, context: Context, index: Index) -> Value:
        """The q value of a branch, as text."""
        return self._sent(context, index, lambda branch: q_text(branch.destination.q))

    @variable("tm.branch.socket", index=True)
    def branch_socket(self, context: Context, index: Index) -> Value:
        """The socket that a branch was sent from."""
        return self._sent(context, index, lambda branch: str(branch.listener) if branch.listener else None)

    @variable("tm.branch.flags", index=True)
    def branch_flags(self, context: Context, index: Index) -> Value:
        """The flags of a branch, blank separated."""
        return self._sent(context, index, lambda branch: self._names.listed(branch.destination.flags))

    @variable("tm.branch.type", index=True)
    def branch_type(self, context: Context, index: Index) -> Value:
        """What a branch is: always `sip`."""
        return self._sent(context, index, lambda branch: "sip")

    @variable("tm.branch.last_received", index=True)
    def branch_last_received(self, context: Context, index: Index) -> Value:
        """Latest status that was received from a branch; NULL for none."""
        return self._sent(context, index, lambda branch: branch.status or None if not branch.is_local else None)

    @variable("tm.branch.flag", parameter="optional", index=True)
    def branch_flag(self, context: Context, name: str | None, index: Index) -> Value:
        """Whether a flag of a branch is set."""
        return self._read(context, index, lambda branch: TRUE if name in branch.destination.flags else FALSE)

    @branch_flag.setter
    def set_branch_flag(
        self, context: Context, name: str | None, index: Index, op: str, value: Value
    ) -> bool:
        """Set or reset it."""
        branch = self._chosen(context, index)
        return branch is not None and name is not None and put_flag(branch.destination.flags, name, value)

    @variable("tm.branch.attr", parameter="optional", index=True)
    def branch_attr(self, context: Context, name: str | None, index: Index) -> Value:
        """An attribute of a branch."""
        return self._read(context, index, lambda branch: branch.destination.attributes.get(name or ""))

    @branch_attr.setter
    def set_branch_attr(
        self, context: Context, name: str | None, index: Index, op: str, value: Value
    ) -> bool:
        """Keep a value with a branch; NULL removes it."""
        branch = self._chosen(context, index)
        if branch is None or name is None:
            return False
        if value is None:
            branch.destination.attributes.pop(name, None)
        else:
            branch.destination.attributes[name] = plain(value)
        return True

    @variable("bavp", parameter="optional", index=True)
    def bavp(self, context: Context, name: str | None, index: Index) -> Value:
        """Values kept with the branch that is processed, newest first."""
        branch = self.branch_of(context)
        return pick(branch.avps.get(name or "", ()), index) if branch is not None else None

    @bavp.setter
    def set_bavp(self, context: Context, name: str | None, index: Index, op: str, value: Value) -> bool:
        """As `$avp`."""
        branch = self.branch_of(context)
        return branch is not None and name is not None and put_avp(branch.avps, name, index, op, value)

    # ---- which branch

    @cached_property
    def _names(self) -> FlagNames:
        return FlagNames(self.runtime.script)

    def _chosen(self, context: Context, index: Index) -> TransactionBranch | None:
        """The branch at an index, the one that is processed without.

        With `/active` behind the number it counts from the first branch of the latest attempt, with `/all`, as
        without either, from the first of all.
        """
        if index is None:
            return self.branch_of(context)
        transaction: Transaction | None = context.transaction
        branches = transaction.branches if transaction is not None else []
        if isinstance(index, str) and transaction is not None:
            number, _, scope = index.partition("/")
            if scope not in SCOPES or not number.strip().removeprefix("-").isdigit():
                return None
            index, branches = int(number), transaction.attempt if scope == ACTIVE else branches
        at = position(index, len(branches))
        return None if at is None else branches[at]

    def _sent(self, context: Context, index: Index, show: Callable[[TransactionBranch], Value]) -> Value:
        """As `_read`, but the branch that a branch route is about is not there yet."""
        return None if index is None and context.kind is Kind.BRANCH else self._read(context, index, show)

    def _read(self, context: Context, index: Index, show: Callable[[TransactionBranch], Value]) -> Value:
        if index == "*":
            transaction: Transaction | None = context.transaction
            shown = [show(branch) for branch in transaction.branches] if transaction is not None else []
            return pick([each for each in shown if each is not None], index)
        branch = self._chosen(context, index)
        return None if branch is None else show(branch)


def _own_timeout(context: Context, key: str, name: str) -> float | None:
    """What the script set for its transaction, or for the one that it may create; None if nothing."""
    own: float | None = context.local.get(key) if context.transaction is None else getattr(context.transaction, name)
    return own


def _set_timeout(context: Context, key: str, name: str, value: Value) -> bool:
    number = int_of(value)
    if value is not None and (number is None or number <= 0):
        return False
    if context.transaction is None:
        context.local[key] = number
    else:
        setattr(context.transaction, name, number)
    return True
