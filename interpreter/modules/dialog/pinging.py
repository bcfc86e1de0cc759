"""Pings: OPTIONS and re-INVITEs that find out whether a side still knows the call (dialog manual, `create_dialog`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog.bodies import last_sent
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.sip.dialog import Direction
from relayscript.sip.message import Message

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

GONE = (408, 481)
"""Answers to a ping that say that the other side no longer knows the call."""

PINGED = {"caller": Direction.UPSTREAM, "callee": Direction.DOWNSTREAM}
OPTIONS, INVITE = "OPTIONS", "INVITE"
INTERVALS = {OPTIONS: "options_ping_interval", INVITE: "reinvite_ping_interval"}
REASONS = {OPTIONS: "Ping Timeout", INVITE: "ReINVITE Ping Timeout"}
LOST = "dialog.lost_pings"
"""Under which key a dialog keeps the ways of re-INVITEs that nobody has answered."""


class Pings:
    """Pings the sides that the dialog was created to have pinged, from its answer on."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    def start(self, dialog: Dialog) -> None:
        """Start them; a side that is to be pinged both ways gets re-INVITEs."""
        if not dialog.options:
            return
        for side, way in PINGED.items():
            if f"reinvite-ping-{side}" in dialog.options:
                self._schedule(dialog, way, INVITE)
            elif f"options-ping-{side}" in dialog.options:
                self._schedule(dialog, way, OPTIONS)

    def _schedule(self, dialog: Dialog, way: Direction, method: str) -> None:
        seconds = self.module.settings[INTERVALS[method]]
        if seconds > 0 and not dialog.is_ended:
            dialog.pings[way] = self.runtime.timers.start(
                seconds, lambda: self.runtime.spawn(self._ping, dialog, way, method)
            )

    def _ping(self, dialog: Dialog, way: Direction, method: str) -> None:
        if way in dialog.local.get(LOST, ()):
            self._end(dialog, method)
            return

        def done(status: int, reply: Message | None) -> None:
            if status in GONE and (reply is not None or method == OPTIONS):
                self._end(dialog, method)
            elif reply is None:  # a lost re-INVITE counts when its next one is due
                dialog.local.setdefault(LOST, set()).add(way)

        body = last_sent(dialog, way) if method == INVITE else ""
        self.module.requests.send(dialog, way, method, body=body, done=done)
        self._schedule(dialog, way, method)

    def _end(self, dialog: Dialog, method: str) -> None:
        if not dialog.is_ended:
            self.module.lifecycle.terminate(dialog, REASONS[method], self.module.settings["dlg_extra_hdrs"] or "")
