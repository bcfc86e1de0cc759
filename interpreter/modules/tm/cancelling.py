"""CANCEL at every moment (RFC 3261 9): of the caller, and our own for branches that lost; ACKs to refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.sl import reply_headers
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.cancel import build_ack, build_cancel
from relayscript.sip.message import Message
from relayscript.sip.response import build_response, response_destination
from relayscript.sip.transaction import ClientTransaction

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm.core import TmCore

BY_CALLER = 'Reason: SIP;cause=487;text="ORIGINATOR_CANCEL"\r\n'
NO_ANSWER = 'Reason: SIP;cause=480;text="NO_ANSWER"\r\n'
ELSEWHERE = 'Reason: SIP ;cause=200 ;text="Call completed elsewhere"\r\n'

REASON = "tm.cancel_reason"
"""Where the run of a CANCEL keeps the header lines that `t_add_cancel_reason` gave."""

_END = "Content-Length: 0\r\n\r\n"


class Cancelling:
    """Cancels branches."""

    def __init__(self, core: TmCore) -> None:
        self.core = core
        self.runtime = core.runtime

    def by_caller(self, transaction: Transaction, context: Context, *, pass_reason: bool = False) -> int:
        """The caller's CANCEL: 200 to it, and all open branches are cancelled; without any, 487 at once.

        `pass_reason` hands on the CANCEL's own Reason instead of ours.
        """
        self._accept(transaction, context)
        for hook in self.core.on_cancelled:
            hook(transaction)
        if transaction.is_final or transaction.cancelled:
            return 1
        transaction.cancelled = True
        transaction.awaited = 0
        headers: str = context.local.get(REASON, BY_CALLER)
        if pass_reason and REASON not in context.local:
            headers = "".join(f"Reason: {value}\r\n" for value in context.message.headers("reason"))
        for branch in transaction.open_branches():
            self.cancel_branch(branch, headers)
        if not transaction.branches and not transaction.is_local:
            self.core.replying.reply(transaction, 487, "Request Terminated")
        elif not transaction.open_branches():
            self.runtime.spawn(self.core.replying.conclude, transaction)
        return 1

    def _accept(self, transaction: Transaction, context: Context) -> None:
        request, rport = context.message, "force-rport" in context.via_flags
        tag = self.core.local_tag(transaction)
        headers = self.runtime.globals.signature + reply_headers(context)
        text = build_response(request, 200, "canceling", tag, headers, force_rport=rport)
        assert request.listener is not None
        address = response_destination(request.top_via, request.source, force_rport=rport)
        self.runtime.send(request.listener, address, text)

    def cancel_branch(self, branch: TransactionBranch, headers: str = "") -> None:
        """Cancel an INVITE's branch now if it has answered provisionally, else as soon as it does (RFC 3261 9.1).

        The later CANCEL goes without `headers`. A branch that is not sent yet never will be.
        """
        if branch.cancelling or branch.is_final or not branch.transaction.is_invite:
            return
        branch.cancelling = True
        if branch.status >= 100:
            self.send_cancel(branch, headers)

    def send_cancel(self, branch: TransactionBranch, headers: str = "") -> None:
        """Send the CANCEL of a branch, in a transaction of its own, unless that was done already."""
        if branch.cancel is not None or branch.listener is None or not branch.sent:
            return
        branch.cancel = ClientTransaction(
            False, branch.listener.protocol != "udp", self.runtime.timers, self.core.timing, branch.send,
            self._answered, branch.cancel_timed_out, branch.cancel_ended,
        )  # fmt: skip
        headers += branch.transaction.headers
        branch.cancel.start(build_cancel(branch.sent, headers).encode("latin-1"))

    @staticmethod
    def _answered(reply: Message) -> None:
        """The callee took the CANCEL: its answer to the INVITE follows."""

    def ack_of(self, branch: TransactionBranch, reply: Message) -> bytes:
        """The ACK to the refusal of a branch."""
        text = build_ack(branch.sent, reply)
        if branch.transaction.headers:
            text = text.removesuffix(_END) + branch.transaction.headers + _END
        return text.encode("latin-1")
