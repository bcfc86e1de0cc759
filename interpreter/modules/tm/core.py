"""The transactions of a script: how they begin, which timers they have, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module
from relayscript.interpreter.modules.sl import REPLY_HEADERS
from relayscript.interpreter.modules.tm.branching import Branching
from relayscript.interpreter.modules.tm.cancelling import Cancelling
from relayscript.interpreter.modules.tm.local import LocalRequests
from relayscript.interpreter.modules.tm.replying import Replying
from relayscript.interpreter.modules.tm.table import Table
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.sip.branch import MAGIC_COOKIE, Key, OldMatching
from relayscript.sip.message import Message
from relayscript.sip.response import response_destination
from relayscript.sip.sanity import check_transaction
from relayscript.sip.transaction import ServerTransaction, Timing

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

RETRANSMISSIONS = ("T1_1", "T1_2", "T1_3", "T2")
"""How the statistics name the first, second, third and every further retransmission."""

FR_TIMEOUT = "tm.fr_timeout"
FR_INV_TIMEOUT = "tm.fr_inv_timeout"
"""Where a run keeps the timers of a transaction that is yet to be created."""

ON_REPLY, ON_FAILURE, ON_BRANCH = "tm.on_reply_route", "tm.on_failure_route", "tm.on_branch_route"
"""Where a run keeps the routes armed for it."""


class TmCore(Module):
    """What all parts of the module share."""

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.table = Table(OldMatching(bool(settings["ruri_matching"]), bool(settings["via1_matching"])))
        self.timing = Timing(
            t1=settings["T1_timer"] / 1000, t2=settings["T2_timer"] / 1000, fr_timeout=settings["fr_timeout"],
            fr_inv_timeout=settings["fr_inv_timeout"], wt=settings["wt_timer"],
            restart=bool(settings["restart_fr_on_each_reply"]),
        )  # fmt: skip
        self.branching = Branching(self)
        self.replying = Replying(self)
        self.cancelling = Cancelling(self)
        self.local_requests = LocalRequests(self)
        self.on_created: list[Callable[[Transaction, Context], None]] = []
        self.on_cancelled: list[Callable[[Transaction], None]] = []
        self._counts = bool(settings["enable_stats"])

    # ---- for the pipeline and other modules

    def receive_reply(self, context: Context) -> bool:
        """A reply came in, the global reply route has run; False if it belongs to no branch."""
        message = context.message
        branch = self.table.of_reply(message)
        if branch is None:
            return False
        if message.method == "CANCEL":
            if branch.cancel is not None:
                branch.cancel.receive(message)
        elif message.method != branch.transaction.request.method:
            return False
        elif branch.client is not None:
            self.count("tm:received_replies")
            branch.arriving = context
            branch.client.receive(message)
        return True

    def request_done(self, context: Context) -> None:
        """The route of a request is over: what it left without branch or answer ends by itself."""
        transaction: Transaction | None = context.transaction
        if transaction is None or transaction.branches or transaction.is_final or transaction.awaited != 0:
            return
        if transaction.timer is None and transaction.server is not None:
            timing = self.timing
            answered = transaction.status > 100 and transaction.is_invite
            name, delay = ("fr_inv_timeout", timing.fr_inv_timeout) if answered else ("wt_timer", timing.wt)
            transaction.timer = self.runtime.timers.start(delay, lambda: self._abandoned(transaction, name, delay))

    def _abandoned(self, transaction: Transaction, name: str, seconds: float) -> None:
        if transaction.server is None or transaction.branches or transaction.is_final:
            return
        if transaction.status > 100:
            self.runtime.timer_fired(name, seconds)
            self.replying.reply(transaction, 408, "Request Timeout")
        else:
            transaction.server.terminate()

    def transaction_of(self, context: Context) -> Transaction | None:
        """The transaction that a run belongs to, if there is one yet."""
        found: Transaction | None = context.transaction
        return found

    def local_tag(self, transaction: Transaction) -> str:
        """The To tag of all answers that we make for a transaction ourselves."""
        if not transaction.to_tag:
            transaction.to_tag = self.runtime.ids.token("tag")
        return transaction.to_tag

    # ---- begin

    def begin(self, context: Context) -> Transaction | None:
        """The transaction for the request of a run; None for a retransmission, which is answered again.

        Raises SipError for a request without From, To, Call-ID or CSeq.
        """
        request = context.message
        key = self.table.key_of(request)
        known = self.table.of_key(key)
        if known is None:
            check_transaction(request)
            return self._create(context, key)
        self.again(known)
        return None

    def again(self, transaction: Transaction) -> None:
        """The request of a transaction came again: the latest answer goes out again, if there is one."""
        if transaction.server is not None:
            transaction.server.receive_again()

    def _create(self, context: Context, key: Key) -> Transaction:
        request, local = context.message, context.local
        transaction = Transaction(self, request, self.new_token())
        transaction.key = key
        transaction.avps, transaction.flags = context.avps, context.flags
        if local:
            self._take_over(transaction, local)
        listener = request.listener
        assert listener is not None
        transaction.force_rport = "force-rport" in context.via_flags
        transaction.address = response_destination(
            request.top_via, request.source, force_rport=transaction.force_rport
        )
        transaction.server = ServerTransaction(
            transaction.is_invite, listener.protocol != "udp", self.runtime.timers, self.timing,
            transaction.transmit, transaction.server_ended,
        )  # fmt: skip
        context.transaction = transaction
        self.table.add(transaction)
        self.count("tm:UAS_transactions")
        self.count("tm:inuse_transactions")
        if transaction.is_invite and self.settings["auto_100trying"]:
            self.replying.reply(transaction, 100, "Giving it a try")
        for hook in self.on_created:
            hook(transaction, context)
        return transaction

    @staticmethod
    def _take_over(transaction: Transaction, local: dict[str, Any]) -> None:
        """What the run noted down for the transaction before there was one."""
        transaction.on_reply_route = local.pop(ON_REPLY, "")
        transaction.on_failure_route = local.pop(ON_FAILURE, "")
        transaction.on_branch_route = local.pop(ON_BRANCH, "")
        transaction.fr_timeout = local.pop(FR_TIMEOUT, None)
        transaction.fr_inv_timeout = local.pop(FR_INV_TIMEOUT, None)
        if REPLY_HEADERS in local:
            transaction.local[REPLY_HEADERS] = local.pop(REPLY_HEADERS)

    def begin_local(self, request: Message) -> Transaction:
        """The transaction of a request that is made here."""
        transaction = Transaction(self, request, self.new_token())
        transaction.is_local = True
        self.count("tm:UAC_transactions")
        self.count("tm:inuse_transactions")
        return transaction

    def new_token(self) -> str:
        """A Via branch, to which those of a transaction's branches add their index."""
        return MAGIC_COOKIE + self.runtime.ids.token("branch")

    def timing_of(self, transaction: Transaction) -> Timing:
        """The timers of a transaction's branches: the module's, or what the script set for it."""
        timing, first, second = self.timing, transaction.fr_timeout, transaction.fr_inv_timeout
        if first is None and second is None:
            return timing
        return Timing(
            t1=timing.t1, t2=timing.t2, fr_timeout=timing.fr_timeout if first is None else first,
            fr_inv_timeout=timing.fr_inv_timeout if second is None else second, wt=timing.wt,
            restart=timing.restart,
        )  # fmt: skip

    # ---- end

    def end_if_over(self, transaction: Transaction) -> None:
        """Forget a transaction once its server transaction and all its client transactions are over."""
        if transaction.ended or transaction.server is not None or transaction.awaited != 0:
            return
        for branch in transaction.branches:
            if branch.client is not None or branch.cancel is not None:
                return
        self.end(transaction)

    def end(self, transaction: Transaction) -> None:
        """Forget a transaction, and let go of its branches: they know it, so only the collector would find them."""
        transaction.ended = True
        if transaction.timer is not None:
            transaction.timer.cancel()
        self.table.remove(transaction)
        self.count("tm:inuse_transactions", -1)
        if transaction.is_final:
            self.count(f"tm:{transaction.status // 100}xx_transactions")
        for hook in transaction.on_end:
            hook(transaction)
        transaction.branches, transaction.last = [], None

    # ---- statistics

    def count(self, statistic: str, by: int = 1) -> None:
        """Add to a statistic of the module, named `tm:name`, unless `enable_stats` is off."""
        if self._counts:
            statistics = self.runtime.statistics
            statistics[statistic] = statistics.get(statistic, 0) + by

    def count_retransmission(self, again: int) -> None:
        """A branch sent its request again, for the first, second ... time."""
        self.count(f"tm:retransmission_req_{RETRANSMISSIONS[min(again, len(RETRANSMISSIONS)) - 1]}")
