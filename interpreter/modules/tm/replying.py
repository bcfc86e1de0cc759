"""Replies on their way back: reply routes, the choice of what the caller gets, the failure route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.forwarding import render_reply
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.message import Message
from relayscript.sip.response import build_response

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm

LOCAL_REASONS = {408: "Request Timeout", 487: "Request Terminated", 500: "Server Internal Error", 477: "Send failed"}
ELSEWHERE = 'Reason: SIP ;cause=200 ;text="Call completed elsewhere"\r\n'


class Replying:
    """Takes the replies of branches and answers the server transaction."""

    def __init__(self, tm: Tm) -> None:
        self.tm = tm
        self.runtime = tm.runtime
        self._arriving: dict[int, Context] = {}

    # ---- arrival

    def receive(self, branch: TransactionBranch, context: Context) -> None:
        """A reply for a branch came in; `context` is that of the global reply route."""
        with branch.transaction.turnstile:
            branch.context.reply = context.message
            branch.local["arriving"] = context
            assert branch.client is not None
            branch.client.receive(context.message)

    def passed_up(self, branch: TransactionBranch, reply: Message) -> None:
        """The client transaction lets a reply through: run the reply routes, then act on it."""
        transaction = branch.transaction
        context: Context = branch.local["arriving"]
        context.transaction, context.branch_index = transaction, branch.index
        context.request = transaction.request
        previous, branch.status = branch.status, max(branch.status, reply.status)
        kept = self._run_reply_routes(branch, context)
        if reply.status < 200:
            if branch.asked_to_cancel and previous == 0:
                self.tm.cancelling.send_cancel(branch, "")
            if kept and reply.status > 100 and not transaction.is_final:
                self.relay(branch, context)
            return
        branch.status, branch.reply = reply.status, reply
        branch.local["final"] = context
        if reply.status < 300:
            self._succeeded(branch, context)
        else:
            self._failed(branch)

    def _run_reply_routes(self, branch: TransactionBranch, context: Context) -> bool:
        """The route armed for the branch, then the one armed for the transaction; False if one dropped."""
        transaction, kept = branch.transaction, True
        context.flags = transaction.flags
        own_avps = context.avps
        if self.tm.settings["onreply_avp_mode"]:
            context.avps = transaction.avps
        for name in (branch.on_reply, transaction.on_reply_route):
            route = self.runtime.route("onreply_route", name) if name else None
            if route is not None:
                kept = self.runtime.run(route, context) and kept
        context.avps = own_avps
        return kept

    # ---- what a final reply does

    def _succeeded(self, branch: TransactionBranch, context: Context) -> None:
        transaction = branch.transaction
        self.relay(branch, context)
        for other in transaction.open_branches():
            self.tm.cancelling.cancel_branch(other, ELSEWHERE)

    def _failed(self, branch: TransactionBranch) -> None:
        """A branch failed: end it, and if it was the last one answer the caller."""
        transaction = branch.transaction
        for hook in transaction.on_branch_end:
            hook(transaction, branch)
        if branch.status >= 600 and not self.tm.settings["disable_6xx_block"]:
            for other in transaction.open_branches():
                self.tm.cancelling.cancel_branch(other, "")
        if transaction.is_final or transaction.open_branches():
            return
        self._all_failed(transaction)

    def _all_failed(self, transaction: Transaction) -> None:
        best = transaction.best()
        assert best is not None
        for hook in transaction.on_failure:
            hook(transaction)
        if self._run_failure_route(transaction, best):
            return
        self._answer_with(transaction, best)

    def _run_failure_route(self, transaction: Transaction, best: TransactionBranch) -> bool:
        """Run the armed failure route once; True if it sent the request on or answered the caller."""
        name, transaction.on_failure_route = transaction.on_failure_route, ""
        route = self.runtime.route("failure_route", name) if name else None
        if route is None or transaction.server is None:
            return False
        context = Context(self.runtime, transaction.request, Kind.FAILURE)
        context.avps, context.flags = transaction.avps, transaction.flags
        context.changes = transaction.changes.copy()
        context.transaction, context.branch_index = transaction, best.index
        context.request, context.reply = transaction.request, best.reply
        context.local["tm.best"] = best
        self.runtime.run(route, context)
        return transaction.is_final or bool(transaction.open_branches())

    def _answer_with(self, transaction: Transaction, best: TransactionBranch) -> None:
        """Give the caller the best branch's answer."""
        if best.reply is not None:
            self.relay(best, best.local["final"])
        else:
            self.reply(transaction, best.status, LOCAL_REASONS.get(best.status, "Failed"))

    # ---- local outcomes

    def timed_out(self, branch: TransactionBranch) -> None:
        """No final answer in time: 408 in its place."""
        self.runtime.spawn(self._time_out, branch)

    def _time_out(self, branch: TransactionBranch) -> None:
        with branch.transaction.turnstile:
            if branch.is_final:
                return
            if branch.status >= 100 and branch.transaction.is_invite:
                self.tm.cancelling.send_cancel(branch, "")
            self.give_up(branch, 408)

    def give_up(self, branch: TransactionBranch, status: int) -> None:
        """End a branch with a local status."""
        if branch.is_final:
            return
        branch.status, branch.reply = status, None
        self._failed(branch)

    # ---- towards the caller

    def relay(self, branch: TransactionBranch, context: Context) -> None:
        """Send a reply of a branch to the caller, with the edits queued in its routes."""
        transaction = branch.transaction
        if transaction.server is None:
            self._note_final(transaction, context.message.status)
            return
        for hook in transaction.on_reply:
            hook(transaction, branch, context)
        status, reason = context.message.status, context.message.reason
        if status == 503 and not self.runtime.globals.disable_503_translation:
            status, reason = 500, "Server Internal Error"
        text = render_reply(context, f"SIP/2.0 {status} {reason}")
        if transaction.server.respond(status, text.encode("latin-1")):
            self._note_final(transaction, status)

    def reply(
        self, transaction: Transaction, status: int, reason: str, headers: str = "", body: str = "", content_type: str = ""
    ) -> bool:
        """Answer the caller ourselves; False if the state of the transaction forbids it."""
        if transaction.server is None:
            self._note_final(transaction, status)
            return True
        tag = self.tm.local_tag(transaction) if status > 100 else ""
        request, rport = transaction.request, transaction.force_rport
        text = build_response(request, status, reason, tag, headers, body, content_type, force_rport=rport)
        if not transaction.server.respond(status, text.encode("latin-1")):
            return False
        self._note_final(transaction, status)
        return True

    @staticmethod
    def _note_final(transaction: Transaction, status: int) -> None:
        was_final = transaction.is_final
        transaction.status = max(transaction.status, status)
        if status >= 200 and not was_final:
            for hook in transaction.on_final:
                hook(transaction, status)
