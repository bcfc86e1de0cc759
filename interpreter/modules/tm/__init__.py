"""Module tm: stateful relaying (transactions, branches, reply and failure routes)."""

from __future__ import annotations

from typing import Any

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.declaration import Module, Parameter, function, variable
from relayscript.interpreter.forwarding import forward
from relayscript.interpreter.modules.tm.branching import Branching
from relayscript.interpreter.modules.tm.cancelling import Cancelling
from relayscript.interpreter.modules.tm.local import LocalRequests
from relayscript.interpreter.modules.tm.replying import Replying
from relayscript.interpreter.modules.tm.table import Table
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.interpreter.regex import Matcher
from relayscript.interpreter.values import Value, int_of
from relayscript.sip.cancel import build_ack
from relayscript.sip.message import Message
from relayscript.sip.response import response_destination
from relayscript.sip.transaction import ServerTransaction, Timing

__all__ = ["Tm", "Transaction", "TransactionBranch"]

MISSING = -1
ENDS_SCRIPT = 0
ACK_OF_LOCAL_ANSWER = -2


class Tm(Module):
    """The transaction layer of a proxy, and what scripts can do with it."""

    name = "tm"
    parameters = (
        Parameter("fr_timeout", 30), Parameter("fr_inv_timeout", 120), Parameter("wt_timer", 5),
        Parameter("delete_timer", 2), Parameter("T1_timer", 500), Parameter("T2_timer", 4000),
        Parameter("ruri_matching", 1), Parameter("via1_matching", 1), Parameter("unix_tx_timeout", 2),
        Parameter("restart_fr_on_each_reply", 1), Parameter("tw_append", None, repeatable=True),
        Parameter("pass_provisional_replies", 0), Parameter("syn_branch", 1),
        Parameter("onreply_avp_mode", 0), Parameter("disable_6xx_block", 0), Parameter("enable_stats", 1),
        Parameter("minor_branch_flag"), Parameter("timer_partitions", 1), Parameter("auto_100trying", 1),
        Parameter("tm_replication_cluster", 0), Parameter("cluster_param", "cid"),
        Parameter("cluster_auto_cancel", 1), Parameter("local_request_route"),
        Parameter("local_reply_route"),
    )  # fmt: skip
    statistics = (
        "received_replies", "relayed_replies", "local_replies", "UAS_transactions", "UAC_transactions",
        "2xx_transactions", "3xx_transactions", "4xx_transactions", "5xx_transactions", "6xx_transactions",
        "inuse_transactions", "retransmission_req_T1_1", "retransmission_req_T1_2", "retransmission_req_T1_3",
        "retransmission_req_T2", "retransmission_rpl_T2",
    )  # fmt: skip

    def __init__(self, runtime: Any, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.table = Table()
        self.timing = Timing(
            t1=settings["T1_timer"] / 1000, t2=settings["T2_timer"] / 1000, fr_timeout=settings["fr_timeout"],
            fr_inv_timeout=settings["fr_inv_timeout"], wt=settings["wt_timer"],
        )  # fmt: skip
        self.branching = Branching(self)
        self.replying = Replying(self)
        self.cancelling = Cancelling(self)
        self.local_requests = LocalRequests(self)
        self.on_created: list[Any] = []

    # ---- for the pipeline and other modules

    def receive_reply(self, context: Context) -> bool:
        """A reply came in, the global reply route has run; False if it belongs to no branch."""
        branch = self.table.of_reply(context.message)
        if branch is None or branch.client is None:
            return False
        self.runtime.count("tm:received_replies")
        method = context.message.cseq[1]
        if method == "CANCEL" and (cancel := branch.local.get("cancel")) is not None:
            cancel.receive(context.message)
        elif method == branch.transaction.request.method:
            self.replying.receive(branch, context)
        return True

    def transaction_of(self, context: Context) -> Transaction | None:
        """The transaction that a run belongs to, if there is one yet."""
        found: Transaction | None = context.transaction
        return found

    def create(self, context: Context) -> Transaction:
        """The transaction for the request of a run, answered with 100 if it is an INVITE."""
        request = context.message
        transaction = Transaction(request, "z9hG4bK" + self.runtime.ids.token("branch"))
        transaction.avps, transaction.flags = context.avps, context.flags
        for armed in ("on_reply_route", "on_failure_route", "on_branch_route"):
            setattr(transaction, armed, context.local.pop(f"tm.{armed}", ""))
        listener, via = request.listener, request.top_via
        assert listener is not None
        transaction.force_rport = "force-rport" in context.via_flags
        address = response_destination(via, request.source, force_rport=transaction.force_rport)
        transaction.server = ServerTransaction(
            transaction.is_invite,
            listener.protocol != "udp",
            self.runtime.timers,
            self.timing,
            lambda data: self.runtime.send_data(listener, address, data),
            lambda: self._server_ended(transaction),
        )
        context.transaction = transaction
        self.table.add(transaction)
        self.runtime.count("tm:UAS_transactions")
        self.runtime.count("tm:inuse_transactions")
        if transaction.is_invite and self.settings["auto_100trying"]:
            self.replying.reply(transaction, 100, "Giving it a try")
        for hook in self.on_created:
            hook(transaction, context)
        return transaction

    def timing_of(self, transaction: Transaction) -> Timing:
        """The timers of a transaction's branches: the module's, or what the script set for it."""
        timing = self.timing
        if transaction.fr_timeout is None and transaction.fr_inv_timeout is None:
            return timing
        first = timing.fr_timeout if transaction.fr_timeout is None else transaction.fr_timeout
        second = timing.fr_inv_timeout if transaction.fr_inv_timeout is None else transaction.fr_inv_timeout
        return Timing(t1=timing.t1, t2=timing.t2, fr_timeout=first, fr_inv_timeout=second, wt=timing.wt)

    def local_tag(self, transaction: Transaction) -> str:
        """The To tag of all answers that we make for a transaction ourselves."""
        if not transaction.to_tag:
            transaction.to_tag = self.runtime.ids.token("tag")
        return transaction.to_tag

    def make_ack(self, branch: TransactionBranch, reply: Message) -> bytes:
        """The ACK to a negative final reply of a branch."""
        return build_ack(branch.sent, reply).encode("latin-1")

    def branch_ended(self, branch: TransactionBranch) -> None:
        """The client transaction of a branch is over."""
        branch.client = None
        self._end_if_over(branch.transaction)

    def _server_ended(self, transaction: Transaction) -> None:
        transaction.local["tm.server_ended"] = True
        self._end_if_over(transaction)

    def _end_if_over(self, transaction: Transaction) -> None:
        over = transaction.server is None or transaction.local.get("tm.server_ended")
        if transaction.ended or not over or any(branch.client is not None for branch in transaction.branches):
            return
        transaction.ended = True
        self.table.remove(transaction)
        self.runtime.count("tm:inuse_transactions", -1)
        if transaction.is_final:
            self.runtime.count(f"tm:{transaction.status // 100}xx_transactions")
        for hook in transaction.on_end:
            hook(transaction)

    # ---- functions: relaying

    @function(waits=True)
    def t_relay(self, context: Context, flags: str | None = None, proxy: str | None = None) -> int:
        """Relay the request statefully; see tm manual, `t_relay`. 0 ends the script (retransmission)."""
        if proxy is None and flags and ":" in flags:
            flags, proxy = None, flags
        if proxy:
            context.branch.duri = proxy if proxy.startswith("sip") else f"sip:{proxy.partition(':')[2]}"
        method = context.message.method
        if context.kind is Kind.REQUEST and context.transaction is None:
            if method == "ACK":
                return self._relay_ack(context)
            if method == "CANCEL":
                invite = self.table.of_request(context.message, "INVITE")
                if invite is not None:
                    return self.cancelling.by_caller(invite, context)
            if self._absorbed(context):
                return ENDS_SCRIPT
            self.create(context)
        transaction: Transaction = context.transaction
        transaction.changes = context.changes.copy()
        return self.branching.relay(transaction, context)

    def _relay_ack(self, context: Context) -> int:
        """An ACK for a negative answer ends here; any other goes on statelessly."""
        transaction = self.table.of_request(context.message, "INVITE")
        if transaction is not None and transaction.status >= 300:
            self._take_ack(transaction)
            return 1
        return forward(context)

    @staticmethod
    def _take_ack(transaction: Transaction) -> None:
        if transaction.server is not None:
            transaction.server.receive_ack()

    def _absorbed(self, context: Context) -> bool:
        """The request is a retransmission: the latest answer is sent again."""
        known = self.table.of_request(context.message)
        if known is None or known.server is None:
            return False
        known.server.receive_again()
        return True

    @function()
    def t_newtran(self, context: Context) -> int:
        """Create the transaction without relaying: 1; 0 for a retransmission, which ends the script."""
        if context.transaction is not None:
            return 1
        if context.message.method == "ACK":
            return self._relay_ack(context)
        if self._absorbed(context):
            return ENDS_SCRIPT
        self.create(context)
        return 1

    @function()
    def t_check_trans(self, context: Context) -> int:
        """Whether the request belongs to a transaction: ACK and CANCEL 1; a retransmission ends the script."""
        method = context.message.method
        if method not in ("ACK", "CANCEL"):
            return ENDS_SCRIPT if context.transaction is None and self._absorbed(context) else MISSING
        transaction = self.table.of_request(context.message, "INVITE") or self._acknowledged(context.message)
        if transaction is None:
            return MISSING
        if method == "ACK":
            if transaction.answered_locally and transaction.status < 300:
                return ACK_OF_LOCAL_ANSWER
            self._take_ack(transaction)
        return 1

    def _acknowledged(self, ack: Message) -> Transaction | None:
        """The INVITE that an end-to-end ACK belongs to, if we answered it ourselves."""
        if ack.method != "ACK":
            return None
        for transaction in self.table.transactions():
            request = transaction.request
            ours = transaction.answered_locally and transaction.to_tag == ack.to_tag
            if ours and request.call_id == ack.call_id and request.cseq[0] == ack.cseq[0]:
                return transaction
        return None

    # ---- functions: answering

    @function()
    def t_reply(self, context: Context, code: int, reason: str) -> int:
        """Answer the request in its transaction, which is created if need be; -1 if it has its final answer."""
        return self.t_reply_with_body(context, code, reason, "")

    @function()
    def t_reply_with_body(self, context: Context, code: int, reason: str, body: str) -> int:
        """As `t_reply`, with a body; its Content-Type comes from `append_to_reply`."""
        if context.transaction is None:
            if self._absorbed(context):
                return ENDS_SCRIPT
            self.create(context)
        transaction: Transaction = context.transaction
        if transaction.is_final:
            return MISSING
        headers = context.local.pop("reply.headers", "")
        sent = self.replying.reply(transaction, code, reason, headers, body)
        if sent and code >= 200:
            transaction.answered_locally = True
            for branch in transaction.open_branches():
                self.cancelling.cancel_branch(branch, "")
        return 1 if sent else MISSING

    # ---- functions: arming routes

    @function()
    def t_on_failure(self, context: Context, name: str) -> int:
        """Run that failure route if all branches fail."""
        return self._arm(context, "on_failure_route", name)

    @function()
    def t_on_reply(self, context: Context, name: str) -> int:
        """Run that reply route for each reply; armed in a branch route, for the replies of the branch."""
        if context.kind is Kind.BRANCH:
            context.local["tm.branch"].on_reply = name
            return 1
        return self._arm(context, "on_reply_route", name)

    @function()
    def t_on_branch(self, context: Context, name: str) -> int:
        """Run that branch route for each branch before it is sent."""
        return self._arm(context, "on_branch_route", name)

    @staticmethod
    def _arm(context: Context, armed: str, name: str) -> int:
        if context.transaction is None:
            context.local[f"tm.{armed}"] = name
        else:
            setattr(context.transaction, armed, name)
        return 1

    # ---- functions: asking

    @function()
    def t_was_cancelled(self, context: Context) -> int:
        """Whether the caller cancelled."""
        return 1 if context.transaction is not None and context.transaction.cancelled else -1

    @function()
    def t_check_status(self, context: Context, pattern: Matcher) -> int:
        """Whether the status of the reply, or in a failure route the winning one, matches."""
        return 1 if pattern.search(str(self._reply_code(context))) is not None else -1

    @staticmethod
    def _reply_code(context: Context) -> int:
        if context.kind is Kind.ONREPLY:
            return context.message.status
        best: TransactionBranch | None = context.local.get("tm.best")
        if best is not None:
            return best.status
        transaction: Transaction | None = context.transaction
        return transaction.status if transaction is not None else 0

    # ---- variables

    @variable("T_branch_idx")
    def branch_idx(self, context: Context) -> Value:
        """Index of the branch that is processed, 0 outside of branch and reply routes."""
        return context.branch_index

    @variable("T_reply_code")
    def reply_code(self, context: Context) -> Value:
        """Status of the reply, or of the winning one in a failure route."""
        return self._reply_code(context)

    @variable("T_ruri")
    def ruri(self, context: Context) -> Value:
        """R-URI of the branch that is processed."""
        transaction: Transaction | None = context.transaction
        if transaction is None or context.branch_index >= len(transaction.branches):
            return None
        return transaction.branches[context.branch_index].destination.uri

    @variable("T_id")
    def identity(self, context: Context) -> Value:
        """Identifier of the transaction."""
        return context.transaction.token if context.transaction is not None else None

    @variable("T_fr_timeout")
    def fr_timeout(self, context: Context) -> Value:
        """Seconds until a branch without any answer fails."""
        return self._timeout(context, "fr_timeout")

    @fr_timeout.setter
    def set_fr_timeout(self, context: Context, op: str, value: Value) -> bool:
        """Set it for this transaction."""
        return self._set_timeout(context, "fr_timeout", value)

    @variable("T_fr_inv_timeout")
    def fr_inv_timeout(self, context: Context) -> Value:
        """Seconds until a ringing branch fails."""
        return self._timeout(context, "fr_inv_timeout")

    @fr_inv_timeout.setter
    def set_fr_inv_timeout(self, context: Context, op: str, value: Value) -> bool:
        """Set it for this transaction."""
        return self._set_timeout(context, "fr_inv_timeout", value)

    def _timeout(self, context: Context, name: str) -> Value:
        own = getattr(context.transaction, name, None) if context.transaction is not None else None
        found: int = context.local.get(f"tm.{name}", self.settings[name]) if own is None else own
        return int(found)

    @staticmethod
    def _set_timeout(context: Context, name: str, value: Value) -> bool:
        number = int_of(value)
        if number is not None and number <= 0:
            return False
        if context.transaction is None:
            context.local[f"tm.{name}"] = number
        else:
            setattr(context.transaction, name, number)
        return True
