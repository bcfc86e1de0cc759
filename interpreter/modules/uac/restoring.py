"""Replies to a request that was sent on with other headers: they get the caller's own back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import NameAddr

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

RESTORED = "uac.restored"
"""Under which key runs and transactions keep which headers replies get back."""


class Restoring:
    """Restores headers of replies."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def start(self) -> None:
        """Follow the transactions of tm."""
        if (tm := self.runtime.module(Tm)) is not None:
            tm.on_created.append(self._created)

    def watch(self, context: Context, key: str) -> None:
        """Replies to the request of a run get this header (`from`, `to`, `cseq`) back as it came."""
        context.local.setdefault(RESTORED, set()).add(key)
        if context.transaction is not None:
            self._created(context.transaction, context)

    @staticmethod
    def _created(transaction: Transaction, context: Context) -> None:
        keys: set[str] | None = context.local.get(RESTORED)
        if not keys:
            return
        known: set[str] | None = transaction.local.get(RESTORED)
        if known is None:
            transaction.on_reply.append(_restore)
            known = transaction.local[RESTORED] = set()
        known |= keys


def _restore(transaction: Transaction, branch: TransactionBranch, context: Context) -> None:
    """A reply is about to be relayed."""
    request, reply = transaction.request, context.message
    for key in transaction.local[RESTORED]:
        if key not in reply.keys or key not in request.keys:
            continue
        index = reply.keys.index(key)
        try:
            value = request.value(request.keys.index(key)) if key == "cseq" else str(_address(request, reply, key))
        except SipError:
            continue
        context.changes.replaced[index] = reply.line_with(index, value)


def _address(request: Message, reply: Message, key: str) -> NameAddr:
    """The address of the request with the parameters of the reply, whose To may have got a tag."""
    asked, answered = (request.from_, reply.from_) if key == "from" else (request.to, reply.to)
    return replace(asked, params=answered.params)
