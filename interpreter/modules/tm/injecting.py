"""Branches added to a transaction that is under way, and the waiting for them (tm manual, `t_inject_branches`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.tm.core import TmCore
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.interpreter.values import Value, text_of
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.transaction import Timing

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

CANCEL_OTHERS, NO_MORE = frozenset(("cancel", "c")), frozenset(("last", "l"))
MESSAGE, EVENT = "msg", "event"
"""Where new branches come from."""

NOTIFIED = "event_routing.event"
"""Where a run that an event started keeps the attributes of the event."""


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
        seconds = timing.fr_inv_timeout
        transaction.timer = self.runtime.timers.start(seconds, lambda: self._waited(transaction, seconds))
        return 1

    def _waited(self, transaction: Transaction, seconds: float) -> None:
        self.runtime.timer_fired("fr_inv_timeout", seconds)
        self.runtime.spawn(self._no_more, transaction)

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
        """Add branches to a transaction and send them: the branch set of the message (`msg`), or what an `event`
        tells of (the contact of a registration).

        In a reply route the set are the added branches. `cancel` cancels the earlier ones, `last` says that no
        more will follow. 1; < 0 if nothing was sent.
        """
        transaction: Transaction | None = context.transaction
        if transaction is None or transaction.is_final or transaction.cancelled:
            return -1
        destinations = self._destinations(context, source)
        if not destinations:
            context.log(-1, f"t_inject_branches: {source!r} gives no branches here")
            return -1
        words = {word.strip() for word in (flags or "").split(",")}
        if words & CANCEL_OTHERS:
            for branch in transaction.open_branches():
                self.cancelling.cancel_branch(branch)
        code = self.branching.send_to(transaction, destinations, context)
        if transaction.awaited is not None and code > 0:
            transaction.awaited = max(transaction.awaited - 1, 0)
        if words & NO_MORE or transaction.awaited == 0:
            self.runtime.spawn(self._no_more, transaction)
        return code

    def _destinations(self, context: Context, source: str) -> list[Branch]:
        if source == EVENT:
            found = _contact(self.runtime, context.local.get(NOTIFIED, {}))
            return [] if found is None else [found]
        if source != MESSAGE:
            return []
        destinations, context.branches = [*context.branches], []
        if context.kind is not Kind.ONREPLY:
            destinations.insert(0, context.branch)
        return destinations


def _contact(runtime: Runtime, event: Mapping[str, Value]) -> Branch | None:
    """The branch to the contact that an event of usrloc is about; None if it names none."""
    uri = text_of(event.get("uri"))
    if not uri:
        return None
    branch = Branch(uri)
    branch.duri = text_of(event.get("received")) or None
    branch.path = text_of(event.get("path")) or None
    branch.socket = find_socket(runtime.listeners, text_of(event.get("socket")) or "")
    branch.flags = set((text_of(event.get("bflags")) or "").split())
    with suppress(ValueError):
        branch.q = round(float(text_of(event.get("qval")) or -0.001) * 1000)
    return branch
