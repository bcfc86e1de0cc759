"""Follows one call from its INVITE to its end for a module that engages a relay by itself (rtp-relay.md 10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from relayscript.interpreter.context import Context
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch
from relayscript.interpreter.releases import Releases

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


FOLLOWED = "followed"
"""Under which key dialogs keep the followed call, and runs that and whether their message was offered to the relay."""

Json = dict[str, Any]


class Relaying(Protocol):
    """What is done for one call; each works on the message of the context."""

    def offer(self, context: Context) -> bool:
        """Its description is an offer; whether the relay took it."""

    def answer(self, context: Context) -> bool:
        """Its description is an answer."""

    def release(self, done: Callable[[], None]) -> None:
        """The call is over; `done` is called when the relay knows."""

    def to_json(self) -> Json:
        """What is to be stored with the dialog, so that it goes on after a restart."""


class Followed:
    """One call that is followed. `awaits_ack`: an offer made in a reply waits for the ACK."""

    def __init__(self, relaying: Relaying) -> None:
        self.relaying = relaying
        self.awaits_ack = False

    def attach(self, dialog: Dialog) -> None:
        """Take part in a dialog."""
        dialog.local[FOLLOWED] = self
        dialog.on_request.append(self._request)
        dialog.on_end.append(lambda *_: self.relaying.release(lambda: None))

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


def transaction_created(transaction: Transaction, context: Context) -> None:
    """A transaction begins: if its run belongs to a followed call, its replies are followed."""
    found: tuple[Followed, bool] | None = context.local.get(FOLLOWED)
    if found is not None:
        followed, offered = found
        followed.follow(transaction, offered=offered)


def keep(runtime: Runtime, name: str, kind: type[Relaying], make: Callable[[Json], Relaying]) -> None:
    """Have the calls of a kind stored with their dialogs, under a name; `make` makes one of what it stored."""
    dialogs, value = runtime.module(DialogModule), f"_{name}_"
    if dialogs is None:
        return

    def store(dialog: Dialog, kept: dict[str, str]) -> None:
        followed: Followed | None = dialog.local.get(FOLLOWED)
        if followed is not None and isinstance(followed.relaying, kind):
            kept[value] = json.dumps({"awaits_ack": followed.awaits_ack, **followed.relaying.to_json()})

    def restored(dialog: Dialog) -> None:
        text = dialog.values.pop(value, None)
        if text is None:
            return
        try:
            stored = json.loads(str(text))
            followed = Followed(make(stored))
            followed.awaits_ack = stored["awaits_ack"]
        except (ValueError, LookupError, TypeError) as error:
            runtime.log(1, f"{name}: call {dialog.call_id} goes on without: {type(error).__name__}: {error}")
            return
        followed.attach(dialog)
        _follow_transactions(runtime)

    dialogs.persistence.on_store.append(store)
    dialogs.persistence.on_restored.append(restored)


def leave(runtime: Runtime, kind: type[Relaying], done: Callable[[], None]) -> None:
    """The script stops: release the calls of a kind, as module rtp_relay does without `release_on_stop`.

    Calls go on without us from target 4.0 on, and if dialogs outlive the stop.
    """
    dialogs, followed = runtime.module(DialogModule), list[Followed]()
    if dialogs is not None and not dialogs.is_persistent and runtime.target == "3.2":
        every: list[Followed | None] = [each.local.get(FOLLOWED) for each in dialogs.table.live()]
        followed = [each for each in every if each is not None and isinstance(each.relaying, kind)]
    Releases([each.relaying.release for each in followed], done).start()


def _follow_transactions(runtime: Runtime) -> None:
    tm = runtime.module(Tm)
    if tm is not None and transaction_created not in tm.on_created:
        tm.on_created.append(transaction_created)


def follow(runtime: Runtime, context: Context, relaying: Relaying) -> bool:
    """Engage a relay for a call: offer now if its INVITE has a description, else when the callee offers.

    False if it is no initial INVITE, if there is no dialog module, or if the relay fails.
    """
    message, dialogs = context.message, runtime.module(DialogModule)
    if message.method != "INVITE" or message.to_tag or dialogs is None or runtime.module(Tm) is None:
        return False
    dialog = dialogs.current(context) or dialogs.create(context)
    has_body = description(message) is not None
    if dialog is None or (has_body and not relaying.offer(context)):
        return False
    followed = Followed(relaying)
    followed.attach(dialog)
    _follow_transactions(runtime)
    context.local[FOLLOWED] = followed, has_body
    if context.transaction is not None:
        transaction_created(context.transaction, context)
    return True
