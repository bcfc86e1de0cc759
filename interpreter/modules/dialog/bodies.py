"""The session descriptions that went out to each side, as modules and media relays left them."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Transaction
from relayscript.sip.bodies import sdp_of
from relayscript.sip.dialog import Direction

SENT = "dialog.sent_bodies"
"""Under which key a dialog keeps them."""


def follow_bodies(dialog: Dialog, transaction: Transaction, way: Direction) -> None:
    """Note what a transaction of the dialog carries to either side, once it has succeeded."""
    transaction.on_final.append(lambda _, status: _note(dialog, transaction, way, status))


def last_sent(dialog: Dialog, way: Direction) -> str:
    """The latest session description that was sent that way; as it was received if nothing is known of it."""
    sent: dict[Direction, str] = dialog.local.get(SENT, {})
    return sent.get(way) or dialog.sdp(way)


def _note(dialog: Dialog, transaction: Transaction, way: Direction, status: int) -> None:
    if not 200 <= status < 300:
        return
    for branch in transaction.branches:
        if branch.status == status and branch.answer is not None:
            sent: dict[Direction, str] = dialog.local.setdefault(SENT, {})
            sent[way] = _described(branch.context) or sent.get(way, "")
            sent[opposite(way)] = _described(branch.answer) or sent.get(opposite(way), "")
            return


def _described(context: Context) -> str:
    """The session description in a message as it went on."""
    changes, message = context.changes, context.message
    body = message.body if changes.body is None else changes.body
    return sdp_of(changes.content_type or message.header("content-type") or "", body) if body else ""


def opposite(way: Direction) -> Direction:
    """The way back."""
    return Direction.UPSTREAM if way is Direction.DOWNSTREAM else Direction.DOWNSTREAM
