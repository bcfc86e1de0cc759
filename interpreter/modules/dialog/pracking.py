"""PRACKs made here for reliable provisional replies (flag `auto-prack`; RFC 3262)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Tm, Transaction
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

OPTION = "auto-prack"
PRACKED = "dialog.pracked"
"""Under which key a dialog keeps which replies it has acknowledged: To tag and RSeq of each."""

FAILED = (502, "Bad Gateway")


class Pracks:
    """Acknowledges each reliable provisional reply to the initial INVITE once, in the name of the caller."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    def provisional(self, dialog: Dialog, transaction: Transaction, reply: Message) -> None:
        """A provisional reply goes to the caller."""
        number = reply.header("rseq")
        if OPTION not in dialog.options or number is None or reply.status <= 100:
            return
        try:
            known: set[tuple[str, str]] = dialog.local.setdefault(PRACKED, set())
            key = (reply.to_tag, number.strip())
            if key not in known and number.strip().isdigit():
                known.add(key)
                self.runtime.spawn(self._send, dialog, transaction, *key)
        except SipError as error:
            self.runtime.log(1, f"dialog {dialog.did}: no PRACK possible: {error}")

    def _send(self, dialog: Dialog, transaction: Transaction, tag: str, number: str) -> None:
        def done(status: int, reply: Message | None) -> None:
            if status >= 300 and self.module.settings["auto_prack_hangup_on_failure"]:
                tm = self.runtime.module(Tm)
                assert tm is not None, "it is who sent the PRACK"
                tm.replying.answer(transaction, *FAILED)

        self.module.requests.send(
            dialog, Direction.DOWNSTREAM, "PRACK", f"RAck: {number} {transaction.request.cseq_parts[0]} INVITE\r\n",
            done=done, tag=tag, fr_timeout=self.module.settings["auto_prack_fr_timeout"],
        )  # fmt: skip
