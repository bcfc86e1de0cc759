"""Replies on their way back: reply routes, the choice of what the caller gets, the failure route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.forwarding import render_reply
from relayscript.interpreter.modules.sl import REPLY_HEADERS
from relayscript.interpreter.modules.tm.cancelling import ELSEWHERE, NO_ANSWER
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.message import Message
from relayscript.sip.response import build_response

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm.core import TmCore

LOCAL_REASONS = {
    408: "Request Timeout",
    487: "Request Terminated",
    500: "Server Internal Error",
    477: "Send failed",
}

BEST = "tm.best"
"""Where the run of a failure route keeps the branch that won."""


class Replying:
    """Takes the replies of branches and answers the server transaction.

    What may decide about a transaction passes its turnstile, one after the other.
    """

    def __init__(self, core: TmCore) -> None:
        self.core = core
        self.runtime = core.runtime
        self._sees_avps = bool(core.settings["onreply_avp_mode"])
        self._shown_to: str = core.settings["local_reply_route"] or ""

    # ---- arrival

    def take(self, branch: TransactionBranch) -> None:
        """The client transaction of a branch lets the reply through that is just arriving."""
        context = branch.arriving
        assert context is not None
        branch.arriving = None
        with branch.transaction.turnstile:
            self._process(branch, context)

    def _process(self, branch: TransactionBranch, context: Context) -> None:
        """Run the reply routes, then act on the reply."""
        transaction, status = branch.transaction, context.message.status
        context.transaction, context.branch_index = transaction, branch.index
        context.request = transaction.request
        branch.context.reply = context.message
        kept = True
        if branch.on_reply or transaction.on_reply_route:
            kept = self._run_reply_routes(branch, context)
        if status < 200:
            self._provisional(branch, context, kept)
        elif not branch.is_final or (status < 300 and transaction.is_invite):
            self._final(branch, context)

    def _run_reply_routes(self, branch: TransactionBranch, context: Context) -> bool:
        """The route armed for the branch, then the one armed for the transaction; False if one dropped."""
        transaction, kept = branch.transaction, True
        destination = branch.context.branch
        context.flags = transaction.flags
        context.branch.flags, context.branch.attributes = destination.flags, destination.attributes
        own_avps = context.avps
        if self._sees_avps:
            context.avps = transaction.avps
        for name in (branch.on_reply, transaction.on_reply_route):
            route = self.runtime.route("onreply_route", name) if name else None
            if route is not None:
                kept = self.runtime.run(route, context) and kept
        context.avps = own_avps
        return kept

    def _provisional(self, branch: TransactionBranch, context: Context, kept: bool) -> None:
        transaction, status = branch.transaction, context.message.status
        if not branch.is_final:
            branch.status = status
        if branch.cancelling:
            self.core.cancelling.send_cancel(branch)
        if kept and status > 100 and not branch.is_final and not transaction.is_final:
            self.relay(branch, context)

    # ---- what a final reply does

    def _final(self, branch: TransactionBranch, context: Context) -> None:
        branch.status, branch.reply, branch.answer = context.message.status, context.message, context
        branch.transaction.last = branch
        if branch.cancel is not None:
            branch.cancel.terminate()
        if branch.status < 300:
            self._succeeded(branch, context)
        else:
            self._failed(branch)

    def _succeeded(self, branch: TransactionBranch, context: Context) -> None:
        transaction = branch.transaction
        transaction.awaited = 0
        self.relay(branch, context)
        if len(transaction.branches) > 1 and not transaction.keeps_others:
            for other in transaction.open_branches():
                self.core.cancelling.cancel_branch(other, ELSEWHERE)

    def _failed(self, branch: TransactionBranch) -> None:
        """A branch was refused: a 6xx ends the others, and if it was the last one the caller gets an answer."""
        transaction = branch.transaction
        self._branch_ended(branch)
        if branch.status == 503 and not branch.cancelling:
            self.core.branching.fail_over(branch)
        if branch.status >= 600 and not self.core.settings["disable_6xx_block"]:
            transaction.awaited = 0
            for other in transaction.open_branches():
                self.core.cancelling.cancel_branch(other)
        self._decide(transaction)

    def conclude(self, transaction: Transaction) -> None:
        """Answer the caller if nothing more is to come."""
        with transaction.turnstile:
            self._decide(transaction)

    def _decide(self, transaction: Transaction) -> None:
        if transaction.is_final or transaction.ended or transaction.is_pending():
            return
        for branch in transaction.open_branches():
            self.core.cancelling.cancel_branch(branch)
            self.give_up(branch, 487)
        best = transaction.best()
        if best is None:
            self.reply(transaction, 408, LOCAL_REASONS[408])
            return
        for hook in transaction.on_failure:
            hook(transaction)
        if not self._run_failure_route(transaction, best):
            self._answer_with(transaction, best)

    def _run_failure_route(self, transaction: Transaction, best: TransactionBranch) -> bool:
        """Run the armed failure route once; True if it sent the request on or answered the caller.

        A new attempt that failed before anything was sent is decided about at once.
        """
        name, transaction.on_failure_route = transaction.on_failure_route, ""
        route = self.runtime.route("failure_route", name) if name else None
        if route is None or transaction.is_local:
            return False
        tried = len(transaction.branches)
        context = Context(self.runtime, transaction.request, Kind.FAILURE)
        context.avps, context.flags = transaction.avps, transaction.flags
        context.changes = transaction.changes.copy()
        context.transaction, context.branch_index = transaction, best.index
        context.request, context.reply = transaction.request, best.reply
        context.local[BEST] = best
        self.runtime.run(route, context)
        if transaction.is_final:
            return True
        if len(transaction.branches) == tried and transaction.awaited == 0:
            return False
        self._decide(transaction)
        return True

    def _answer_with(self, transaction: Transaction, best: TransactionBranch) -> None:
        """Give the caller the best branch's answer."""
        if best.reply is not None and best.answer is not None:
            self.relay(best, best.answer)
        else:
            self.reply(transaction, best.status, LOCAL_REASONS.get(best.status, "Failed"))

    # ---- local outcomes

    def time_out(self, branch: TransactionBranch) -> None:
        """No final answer in time: the branch is cancelled if that is needed, and 408 taken for its answer."""
        transaction = branch.transaction
        with transaction.turnstile:
            if branch.is_final:
                return
            self.core.count(f"tm:timeout_finalresponse{'_inv' if branch.status >= 100 else ''}")
            dead = branch.status == 0 and not branch.cancelling
            self.core.cancelling.cancel_branch(branch, NO_ANSWER if branch.status >= 100 else "")
            self.give_up(branch, 408)
            if dead:
                self.core.branching.fail_over(branch)
            self._decide(transaction)

    def lose(self, branch: TransactionBranch, was_sent: bool) -> None:
        """What was sent did not arrive: 477 is taken for its answer, and another place tried if there is one.

        If there is none, what was sent and came back is sent again as if nothing had been heard.
        """
        with branch.transaction.turnstile:
            if branch.status or branch.client is None:
                return
            hop = self.core.branching.next_place(branch)
            if branch.client is None or (hop is None and was_sent):
                return
            branch.client.terminate()
            self.give_up(branch, 477)
            if hop is not None and not branch.cancelling:
                self.core.branching.go_on(branch, hop)
            self._decide(branch.transaction)

    def give_up(self, branch: TransactionBranch, status: int) -> None:
        """Take a local status for the answer of a branch."""
        if not branch.is_final:
            branch.status, branch.reply = status, None
            branch.transaction.last = branch
            self._branch_ended(branch)

    @staticmethod
    def _branch_ended(branch: TransactionBranch) -> None:
        for hook in branch.transaction.on_branch_end:
            hook(branch.transaction, branch)

    # ---- towards the caller

    def relay(self, branch: TransactionBranch, context: Context) -> None:
        """Send a reply of a branch to the caller, with the edits queued in its routes.

        A further 2xx to an INVITE goes on whatever was answered before (RFC 3261 16.7 step 5).
        """
        transaction, message = branch.transaction, context.message
        also = transaction.is_final
        if also and not (transaction.is_invite and 200 <= message.status < 300):
            return
        for hook in transaction.on_reply:
            hook(transaction, branch, context)
        if transaction.is_local:
            self._note(transaction, message.status)
            return
        status, reason = message.status, message.reason
        if status == 503 and not self.runtime.globals.disable_503_translation:
            status, reason = 500, "Server Internal Error"
        data = render_reply(context, f"SIP/2.0 {status} {reason}").encode("latin-1")
        if transaction.server is not None and transaction.server.respond(status, data):
            self.core.count("tm:relayed_replies")
            self._note(transaction, status)
        elif also:
            transaction.transmit(data)

    def reply(
        self, transaction: Transaction, status: int, reason: str, headers: str = "", body: str = "",
        content_type: str = "", to_tag: str = "",
    ) -> bool:  # fmt: skip
        """Answer the caller ourselves; False if the state of the transaction forbids it."""
        if transaction.is_local:
            self._note(transaction, status)
            return True
        if transaction.server is None:
            return False
        if to_tag:
            transaction.to_tag = to_tag
        tag = self.core.local_tag(transaction) if status > 100 else ""
        request, rport = transaction.request, transaction.force_rport
        headers = self.runtime.globals.signature + transaction.local.get(REPLY_HEADERS, "") + headers
        text = build_response(request, status, reason, tag, headers, body, content_type, force_rport=rport)
        if not transaction.server.respond(status, text.encode("latin-1")):
            return False
        self.core.count("tm:local_replies")
        if self._shown_to:
            self._show(text)
        self._note(transaction, status)
        return True

    def _show(self, text: str) -> None:
        """Run the `local_reply_route` on a reply that was made here, to look at it."""
        route = self.runtime.route("onreply_route", self._shown_to) or self.runtime.route("route", self._shown_to)
        if route is not None:
            self.runtime.spawn(self.runtime.run, route, Context(self.runtime, Message.from_text(text), Kind.ONREPLY))

    def answer(
        self, transaction: Transaction, status: int, reason: str, headers: str = "", body: str = "", to_tag: str = ""
    ) -> bool:  # fmt: skip
        """Answer for the script or a command: a final answer also cancels what is still open."""
        if transaction.is_final or not self.reply(transaction, status, reason, headers, body, "", to_tag):
            return False
        if status >= 200:
            transaction.awaited = 0
            transaction.answered_locally = True
            if transaction.is_invite and status < 300:
                self.core.table.add_answered(transaction)
            for branch in transaction.open_branches():
                self.core.cancelling.cancel_branch(branch)
        return True

    @staticmethod
    def _note(transaction: Transaction, status: int) -> None:
        was_final = transaction.is_final
        transaction.status = max(transaction.status, status)
        if status >= 200 and not was_final:
            for hook in transaction.on_final:
                hook(transaction, status)
