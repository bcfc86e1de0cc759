"""Requests made here inside a dialog: the BYE to both sides, pings, what management asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.tm import Tm
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import parse_nameaddr

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

GONE = (408, 481)
"""Answers to a ping that say that the other side no longer knows the call."""

PINGED = {"caller": Direction.UPSTREAM, "callee": Direction.DOWNSTREAM}
Done = Callable[[int, Message | None], None]


class Requests:
    """Sends requests in the name of one side to the other."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    def send(
        self,
        dialog: Dialog,
        way: Direction,
        method: str,
        headers: str = "",
        body: str = "",
        done: Done | None = None,
    ) -> bool:
        """Send a request to the side that lies that way; False if that is impossible.

        `headers` are more lines, each with its CRLF. `done(status, reply)` gets the final answer, with
        reply None if there was none (408).
        """
        tm = self.runtime.module(Tm)
        if tm is None:
            return False
        try:
            request = Message.from_text(dialog.sip.build_request(way, method, headers, body))
            next_hop = _first_route(request)
        except (LookupError, SipError) as error:
            self.runtime.log(1, f"dialog {dialog.did}: no {method} possible: {error}")
            return False
        self.module.persistence.changed(dialog)
        request.listener = dialog.socket(way)
        for hook in dialog.on_own_request:
            hook(dialog, way, request)
        return tm.local_requests.send(request, done or _ignore, next_hop) is not None

    # ---- pings

    def start_pings(self, dialog: Dialog) -> None:
        """Start those that the dialog was created with."""
        for side, way in PINGED.items():
            if f"options-ping-{side}" in dialog.options:
                self._start_ping(dialog, way)

    def _start_ping(self, dialog: Dialog, way: Direction) -> None:
        seconds = self.module.settings["options_ping_interval"]
        if seconds > 0 and not dialog.is_ended:
            dialog.pings[way] = self.runtime.timers.start(seconds, lambda: self.runtime.spawn(self._ping, dialog, way))

    def _ping(self, dialog: Dialog, way: Direction) -> None:
        def done(status: int, reply: Message | None) -> None:
            if status in GONE and not dialog.is_ended:
                headers = self.module.settings["dlg_extra_hdrs"] or ""
                self.module.lifecycle.terminate(dialog, "Ping Timeout", headers)

        self.send(dialog, way, "OPTIONS", done=done)
        self._start_ping(dialog, way)


def _first_route(request: Message) -> str | None:
    """The URI of the topmost Route; None if there is none. Raises SipError."""
    value = request.header("route")
    return parse_nameaddr(value).uri if value is not None else None


def _ignore(status: int, reply: Message | None) -> None:
    """Whatever the answer is."""
