"""Requests that are made here (a BYE at a dialog's timeout, a re-INVITE of a management command)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.destination import Unreachable
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm


class LocalRequests:
    """Sends requests of our own as transactions without a caller."""

    def __init__(self, tm: Tm) -> None:
        self.tm = tm
        self.runtime = tm.runtime

    def send(
        self, request: Message, done: Callable[[int, Message | None], None], next_hop: str | None = None
    ) -> Transaction | None:
        """Send a request (without Via); `done(status, reply)` is called once, with the final answer.

        `next_hop` is the URI of the first Route, or None for the Request-URI. The local route runs first.
        A request that cannot be sent ends with status 500 and no reply.
        """
        context = Context(self.runtime, request, Kind.LOCAL)
        context.branch.duri = next_hop
        transaction = Transaction(request, "z9hG4bK" + self.runtime.ids.token("branch"))
        context.transaction = transaction
        transaction.avps, transaction.flags = context.avps, context.flags
        route = self.runtime.route("local_route")
        if route is not None:
            self.runtime.run(route, context)
        context.branches = []
        transaction.changes = context.changes.copy()
        transaction.on_final.append(lambda _, status: self._finish(transaction, status, done))
        try:
            code = self.tm.branching.relay(transaction, context)
        except Unreachable as reason:
            code = reason.code
        if code < 0:
            done(500, None)
            return None
        return transaction

    @staticmethod
    def _finish(transaction: Transaction, status: int, done: Callable[[int, Message | None], None]) -> None:
        best = transaction.best()
        done(status, best.reply if best is not None else None)
