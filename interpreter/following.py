"""Follows one call from its INVITE to its end for a module that engages a relay by itself (rtp-relay.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class Relaying(Protocol):
    """What is done for one call; each works on the message of the context."""

    def offer(self, context: Context) -> bool:
        """Its description is an offer; whether the relay took it."""

    def answer(self, context: Context) -> bool:
        """Its description is an answer."""

    def release(self) -> None:
        """The call is over."""


class Followed:
    """One call that is followed. `awaits_ack`: an offer made in a reply waits for the ACK."""

    def __init__(self, relaying: Relaying) -> None:
        self.relaying = relaying
        self.awaits_ack = False

    def attach(self, dialog: Dialog) -> None:
        """Take part in a dialog."""
        dialog.on_request.append(self._request)
        dialog.on_end.append(lambda *_: self.relaying.release())

    def follow(self, transaction: Transaction, *, offered: bool) -> None:
        """Follow the replies to an INVITE (or another request) that carried an offer, or did not."""

        def replied(_: Transaction, branch: TransactionBranch, context: Context) -> None:
            if not 100 < context.message.status < 300 or description(context.message) is None:
                return
            if offered:
                self.relaying.answer(context)
            elif transaction.is_invite:
                self.awaits_ack = self.relaying.offer(context)

        transaction.on_reply.append(replied)

    def _request(self, dialog: Dialog, context: Context, downstream: bool) -> None:
        message = context.message
        has_body = description(message) is not None
        if message.method == "ACK":
            if has_body and self.awaits_ack:
                self.relaying.answer(context)
            self.awaits_ack = False
        elif has_body or message.method == "INVITE":
            context.local[FOLLOWED] = self, has_body and self.relaying.offer(context)


FOLLOWED = "followed"
"""Under which key runs keep the followed call, and whether their message was offered to the relay."""


def transaction_created(transaction: Transaction, context: Context) -> None:
    """A transaction begins: if its run belongs to a followed call, its replies are followed."""
    found: tuple[Followed, bool] | None = context.local.get(FOLLOWED)
    if found is not None:
        followed, offered = found
        followed.follow(transaction, offered=offered)


def follow(runtime: Runtime, context: Context, relaying: Relaying) -> bool:
    """Engage a relay for a call: offer now if its INVITE has a description, else when the callee offers.

    False if it is no initial INVITE, if there is no dialog module, or if the relay fails.
    """
    message, dialogs, tm = context.message, runtime.module(DialogModule), runtime.module(Tm)
    if message.method != "INVITE" or message.to_tag or dialogs is None or tm is None:
        return False
    dialog = dialogs.current(context) or dialogs.create(context)
    has_body = description(message) is not None
    if dialog is None or (has_body and not relaying.offer(context)):
        return False
    followed = Followed(relaying)
    followed.attach(dialog)
    if transaction_created not in tm.on_created:
        tm.on_created.append(transaction_created)
    context.local[FOLLOWED] = followed, has_body
    if context.transaction is not None:
        transaction_created(context.transaction, context)
    return True
