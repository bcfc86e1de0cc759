"""Calls that one side wanted to end while the other one answered (RFC 5407; flag `end-on-race-condition`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Transaction
from relayscript.sip.dialog import Direction

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

OPTION = "end-on-race-condition"
REASON = "SIP Race Condition"
RACED, EARLY_BYE = "dialog.raced", "dialog.early_bye"
"""Under which keys a dialog keeps that there was a race, and that a BYE came before the answer."""


class Races:
    """Ends such a call some seconds later: a CANCEL and a 200, an early BYE and a 200."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    def cancelled(self, dialog: Dialog, transaction: Transaction) -> None:
        """The caller's CANCEL came; too late if the answer has gone out."""
        if transaction.is_final and transaction.status < 300:
            self._raced(dialog)

    def answered(self, dialog: Dialog, transaction: Transaction) -> None:
        """A 2xx to the INVITE goes out."""
        if dialog.is_ended and not dialog.answered_at:
            dialog.local[EARLY_BYE] = True
        if transaction.cancelled or dialog.local.get(EARLY_BYE):
            self._raced(dialog)

    def _raced(self, dialog: Dialog) -> None:
        if OPTION in dialog.options and RACED not in dialog.local:
            dialog.local[RACED] = True
            seconds = self.module.settings["race_condition_timeout"]
            self.runtime.timers.start(seconds, lambda: self.runtime.spawn(self._end, dialog))

    def _end(self, dialog: Dialog) -> None:
        headers = self.module.settings["dlg_extra_hdrs"] or ""
        if dialog.is_answered:
            self.module.lifecycle.terminate(dialog, REASON, headers)
        elif dialog.local.get(EARLY_BYE):
            for way in (Direction.UPSTREAM, Direction.DOWNSTREAM):
                self.module.requests.send(dialog, way, "BYE", headers)
