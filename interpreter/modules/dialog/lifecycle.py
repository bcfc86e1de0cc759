"""What happens to a dialog from its INVITE to its end: replies, requests, timers, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.modules.dialog.bodies import follow_bodies
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.races import Races
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch
from relayscript.sip import dialog as protocol
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

DIALOG = "dialog"
"""Under which key runs and transactions keep their dialog."""

WAY = "dialog.way"
"""Under which key runs and transactions keep where their request goes in it."""

PREVIOUS_CSEQ = "dialog.previous_cseq"
STATE_EVENT = "E_DLG_STATE_CHANGED"
LINGER = 5
"""Seconds for which the messages of an ended dialog still find it (a retransmitted BYE, its replies)."""

EXPIRED = "Lifetime Timeout"
INVITING = "dialog.invite"
"""Under which key a dialog keeps the transaction of its INVITE, as long as there is one."""


class Lifecycle:
    """Leads dialogs through their states and tells everyone who wants to know."""

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime

    # ---- the initial INVITE

    def follow_invite(self, dialog: Dialog, transaction: Transaction) -> None:
        """Follow the transaction of the INVITE that creates the dialog."""
        if transaction.local.get(DIALOG) is dialog:
            return
        transaction.local[DIALOG], transaction.local[WAY] = dialog, Direction.DOWNSTREAM
        transaction.on_branch.append(self._branch_about_to_be_sent)
        transaction.on_reply.append(self._reply_about_to_be_relayed)
        transaction.on_final.append(self._finally_answered)
        follow_bodies(dialog, transaction, Direction.DOWNSTREAM)
        dialog.local[INVITING] = transaction
        transaction.on_end.append(lambda _: dialog.local.pop(INVITING, None))

    @staticmethod
    def cancelled(transaction: Transaction, races: Races) -> None:
        """The caller's CANCEL came."""
        dialog: Dialog | None = transaction.local.get(DIALOG)
        if dialog is not None:
            races.cancelled(dialog, transaction)

    @staticmethod
    def _branch_about_to_be_sent(transaction: Transaction, branch: TransactionBranch) -> None:
        """Note how many Record-Route values of ours lie between caller and callee."""
        listener = branch.listener
        assert listener is not None
        made = [line for make in branch.context.changes.top for line in make(listener)]
        branch.local["dialog.recorded"] = len(made)

    def _reply_about_to_be_relayed(self, transaction: Transaction, branch: TransactionBranch, context: Context) -> None:
        dialog: Dialog = transaction.local[DIALOG]
        status = context.message.status
        if 200 <= status < 300:
            self.module.races.answered(dialog, transaction)
        if status >= 300 or dialog.is_ended:
            return
        before = dialog.state
        dialog.sip.recorded = branch.local.get("dialog.recorded", 0)
        try:
            dialog.sip.receive_reply(context.message)
        except SipError as error:
            self.runtime.log(1, f"dialog {dialog.did}: reply of no use: {error}")
            return
        if dialog.callee_socket is None or (not dialog.answered_at and context.message.status >= 200):
            dialog.callee_socket = branch.listener
        for hook in dialog.on_reply:
            hook(dialog, context)
        self._changed(dialog, before)
        self.module.persistence.changed(dialog)
        if status < 200:
            self.module.pracks.provisional(dialog, transaction, context.message)

    def _finally_answered(self, transaction: Transaction, status: int) -> None:
        dialog: Dialog = transaction.local[DIALOG]
        before = dialog.state
        if status >= 300 and dialog.sip.handle(protocol.FAILURE):
            self._changed(dialog, before)
            self._end(dialog, f"{status}", None)

    # ---- requests inside the dialog

    def request_matched(self, dialog: Dialog, way: Direction, context: Context) -> None:
        """A request of the dialog: note it, let others know, and if it is a BYE end the call."""
        message, downstream = context.message, way is Direction.DOWNSTREAM
        context.local[DIALOG], context.local[WAY] = dialog, way
        speaker = dialog.sip.speaker(way, message.from_tag)
        if speaker is not None:
            context.local[PREVIOUS_CSEQ] = speaker.cseq - speaker.shift
        before, ended = dialog.state, dialog.is_ended
        try:
            dialog.sip.receive_request(message)
        except SipError as error:
            self.runtime.log(1, f"dialog {dialog.did}: request of no use: {error}")
            return
        self._renumber(dialog, way, context)
        if ended:
            return
        if message.method == "BYE":
            dialog.end_reason = "Downstream BYE" if downstream else "Upstream BYE"
        for hook in dialog.on_request:
            hook(dialog, context, downstream)
        self._changed(dialog, before)
        if dialog.is_ended:
            self._end(dialog, dialog.end_reason, downstream)
        self.module.persistence.changed(dialog)

    def renumber(self, dialog: Dialog, way: Direction, context: Context) -> None:
        """Number a request anew that had to wait while requests were made here in its sender's name."""
        dialog.sip.receive_request(context.message)
        self._renumber(dialog, way, context)
        self.module.persistence.changed(dialog)

    @staticmethod
    def _renumber(dialog: Dialog, way: Direction, context: Context) -> None:
        """Requests made here in the name of a side took CSeq numbers: its own move up."""
        message = context.message
        leg = dialog.sip.speaker(way, message.from_tag)
        shift = 0 if leg is None else leg.invite_shift if message.method == "ACK" else leg.shift
        if shift:
            number, method = message.cseq
            index = message.keys.index("cseq")
            context.changes.replaced[index] = message.line_with(index, f"{number + shift} {method}")

    def follow_request(self, dialog: Dialog, transaction: Transaction, way: Direction) -> None:
        """Follow the transaction of a request inside the dialog."""
        transaction.local[DIALOG], transaction.local[WAY] = dialog, way
        transaction.on_reply.append(self._answer_about_to_be_relayed)
        if transaction.request.method in ("INVITE", "UPDATE"):
            follow_bodies(dialog, transaction, way)

    def _answer_about_to_be_relayed(
        self, transaction: Transaction, branch: TransactionBranch, context: Context
    ) -> None:
        dialog: Dialog = transaction.local[DIALOG]
        request, reply = transaction.request, context.message
        try:
            dialog.sip.receive_answer(request, reply)
            if reply.cseq != request.cseq:
                index = reply.keys.index("cseq")
                number, method = request.cseq
                context.changes.replaced[index] = reply.line_with(index, f"{number} {method}")
        except SipError as error:
            self.runtime.log(1, f"dialog {dialog.did}: reply of no use: {error}")
        self.module.persistence.changed(dialog)

    # ---- the end

    def terminate(self, dialog: Dialog, reason: str, headers: str = "") -> bool:
        """End an answered call ourselves: BYE to both sides; False if it is not answered.

        `headers` are more lines for the BYEs, each with its CRLF.
        """
        if not dialog.is_answered:
            return False
        for way in (Direction.UPSTREAM, Direction.DOWNSTREAM):
            self.module.requests.send(dialog, way, "BYE", headers)
        self._close(dialog, reason)
        return True

    def cancel(self, dialog: Dialog) -> bool:
        """End a call that is not answered yet: CANCEL to those who ring; False if nobody does."""
        transaction: Transaction | None = dialog.local.get(INVITING)
        tm = self.runtime.module(Tm)
        if transaction is None or tm is None or dialog.is_ended or transaction.is_final:
            return False
        for branch in transaction.open_branches():
            tm.cancelling.cancel_branch(branch)
        return True

    def _close(self, dialog: Dialog, reason: str) -> None:
        before = dialog.state
        if dialog.sip.handle(protocol.LIFETIME):
            dialog.end_reason = reason
            self._changed(dialog, before)
            self._end(dialog, reason, None)

    def _end(self, dialog: Dialog, reason: str, downstream: bool | None) -> None:
        self.stop(dialog)
        self.module.persistence.ended(dialog)
        self.module.profiles.clear(dialog)
        for hook in list(dialog.on_end):
            hook(dialog, reason, downstream)
        if dialog.answered_at:
            self.run_route(dialog, "hangup")
        delay = max(dialog.delete_delay or self.module.settings["delete_delay"], LINGER)
        dialog.timer = self.runtime.timers.start(delay, lambda: self.module.table.remove(dialog))

    @staticmethod
    def stop(dialog: Dialog) -> None:
        """Stop its timers."""
        for timer in (dialog.timer, *dialog.pings.values()):
            if timer is not None:
                timer.cancel()
        dialog.timer = None
        dialog.pings.clear()

    # ---- the lifetime

    def start_lifetime(self, dialog: Dialog) -> None:
        """Start to count, or start again after a change: `lifetime` seconds from now."""
        if dialog.timer is not None:
            dialog.timer.cancel()
        dialog.expires_at = self.runtime.host.wall() + dialog.lifetime
        self._expire_in(dialog, dialog.lifetime)
        self.module.persistence.changed(dialog)

    def _expire_in(self, dialog: Dialog, seconds: float) -> None:
        def expired() -> None:
            self.runtime.timer_fired("dialog lifetime", seconds)
            self.runtime.spawn(self._expire, dialog)

        dialog.timer = self.runtime.timers.start(seconds, expired)

    def take_up(self, dialog: Dialog) -> None:
        """Go on with an answered dialog from before a restart, for the rest of its lifetime.

        One that expired meanwhile ends at once, as it would have.
        """
        self._count(protocol.UNCONFIRMED, dialog.state)
        self._expire_in(dialog, max(0.0, dialog.expires_at - self.runtime.host.wall()))
        self.module.pings.start(dialog)

    def _expire(self, dialog: Dialog) -> None:
        self.runtime.count("dialog:expired_dialogs")
        self.run_route(dialog, "timeout")
        if dialog.is_ended:
            return
        if "bye-on-timeout" in dialog.options:
            self.terminate(dialog, EXPIRED, self.module.settings["dlg_extra_hdrs"] or "")
        else:
            self._close(dialog, EXPIRED)

    # ---- what a change of state brings

    def _changed(self, dialog: Dialog, before: int) -> None:
        after = dialog.state
        if after == before:
            return
        self._count(before, after)
        if after == protocol.CONFIRMED_NO_ACK:
            self._answered(dialog)
        self._raise(dialog, before, after)

    def _answered(self, dialog: Dialog) -> None:
        dialog.answered_at = self.runtime.host.wall()
        self.start_lifetime(dialog)
        self.module.pings.start(dialog)
        for hook in list(dialog.on_confirmed):
            hook(dialog)
        self.run_route(dialog, "answer")

    def _count(self, before: int, after: int) -> None:
        count = self.runtime.count
        active = (protocol.CONFIRMED_NO_ACK, protocol.CONFIRMED)
        if (after in active) != (before in active):
            count("dialog:active_dialogs", 1 if after in active else -1)
        if protocol.EARLY in (before, after):
            count("dialog:early_dialogs", 1 if after == protocol.EARLY else -1)
        if after == protocol.DELETED and before not in active:
            count("dialog:failed_dialogs")

    def _raise(self, dialog: Dialog, before: int, after: int) -> None:
        """The event; its route runs once what is running now is done."""
        if not self.runtime.events.is_awaited(STATE_EVENT):
            return
        callee = dialog.callee
        self.runtime.raise_event(
            STATE_EVENT,
            {
                "id": dialog.did, "db_id": str(dialog.db_id), "callid": dialog.call_id,
                "from_tag": dialog.caller.tag, "to_tag": callee.tag if callee is not None else "",
                "old_state": before, "new_state": after,
            },
        )  # fmt: skip

    def run_route(self, dialog: Dialog, occasion: str) -> None:
        """Run the route that the script set for an occasion: `answer`, `timeout` or `hangup`."""
        route = self.runtime.route("route", dialog.routes.get(occasion, "")) if dialog.routes else None
        if route is None or not dialog.routes.get(occasion):
            return
        context = self.runtime.dummy_context(Kind.REQUEST)
        context.local[DIALOG] = dialog
        self.runtime.run(route, context)
