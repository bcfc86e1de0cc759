"""A proxied transaction: one server transaction towards the caller, a branch for each place it was sent to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.forwarding import send_reply
from relayscript.interpreter.values import Value
from relayscript.interpreter.waiting import Turnstile
from relayscript.sip.branch import Key
from relayscript.sip.message import Changes, Message
from relayscript.sip.timers import Timer
from relayscript.sip.transaction import ClientTransaction, ServerTransaction
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.destination import Way
    from relayscript.interpreter.modules.tm.core import TmCore

NOWHERE: Address = ("", 0)
LAST_REFUSALS = {408: 1, 477: 2}
"""What is made here in place of an answer; each counts less than all other refusals of its class."""


class TransactionBranch:
    """One copy of the request: where it went, and what came back.

    `status` is the latest status received, or made here in place of a final one (0: none yet); `reply` is
    the final answer if one was received. `token` is the branch parameter of its Via. `sent` is the request
    as it went out (byte text), `context` the run of its branch route, `answer` that of its final answer.
    `cancelling` says that it is to be cancelled, as soon as that is allowed (RFC 3261 9.1); `cancel` is the
    CANCEL's own transaction. `is_minor`: nobody waits for it. A module sets `refused` before the branch is
    sent to end it with that status instead. `spare` is the way to further places for it, with the
    destination as it was before its branch route.
    """

    __slots__ = (
        "address", "answer", "arriving", "avps", "cancel", "cancelling", "client", "context",
        "core", "index", "is_minor", "listener", "local", "on_reply", "refused", "reply", "sent",
        "spare", "status", "token", "transaction", "transmissions",
    )  # fmt: skip

    def __init__(self, core: TmCore, transaction: Transaction, index: int, context: Context) -> None:
        self.core = core
        self.transaction = transaction
        self.index = index
        self.context = context
        self.token = f"{transaction.token}.{index}"
        self.listener: Listener | None = None
        self.address = NOWHERE
        self.spare: tuple[Branch, Way] | None = None
        self.client: ClientTransaction | None = None
        self.cancel: ClientTransaction | None = None
        self.status = 0
        self.reply: Message | None = None
        self.arriving: Context | None = None
        self.answer: Context | None = None
        self.sent = ""
        self.transmissions = 0
        self.on_reply = ""
        self.cancelling = False
        self.is_minor = False
        self.refused = 0
        self.avps: dict[str, list[Value]] = {}
        self.local: dict[str, Any] = {}

    def renumber(self, index: int) -> None:
        """Another branch came first while this one was being made."""
        self.index = self.context.branch_index = index
        self.token = f"{self.transaction.token}.{index}"

    @property
    def destination(self) -> Branch:
        """R-URI, next hop, flags and attributes, as its branch route left them."""
        return self.context.branch

    @property
    def is_final(self) -> bool:
        """It has a final answer, or a local one in its place."""
        return self.status >= 200

    @property
    def is_local(self) -> bool:
        """Its final answer was made here."""
        return self.status >= 200 and self.reply is None

    # ---- what its client transaction calls

    def send(self, data: bytes) -> None:
        """Send a message to where the branch went."""
        assert self.listener is not None
        self.core.runtime.send_data(self.listener, self.address, data)

    def transmit(self, data: bytes) -> None:
        """Send the request, the first time or again, or the ACK to its refusal."""
        if self.transmissions and self.client is not None and data is not self.client.ack_data:
            self.core.count_retransmission(self.transmissions)
        self.transmissions += 1
        self.send(data)

    def acknowledge(self, reply: Message) -> bytes:
        """The ACK to its refusal."""
        return self.core.cancelling.ack_of(self, reply)

    def responded(self, reply: Message) -> None:
        """Its client transaction lets a response through."""
        self.core.replying.take(self)

    def timed_out(self) -> None:
        """No final answer came in time."""
        if self.client is not None:
            self.core.runtime.timer_fired(*self.client.patience)
        self.core.runtime.spawn(self.core.replying.time_out, self)

    def cancel_timed_out(self) -> None:
        """Its CANCEL was not answered in time."""
        if self.cancel is not None:
            self.core.runtime.timer_fired(*self.cancel.patience)
        self.core.runtime.spawn(self.core.replying.time_out, self)

    def ended(self) -> None:
        """Its client transaction is over."""
        self.client = None
        self.core.end_if_over(self.transaction)

    def cancel_ended(self) -> None:
        """The transaction of its CANCEL is over."""
        self.cancel = None
        self.core.end_if_over(self.transaction)


class Transaction:
    """A request on its way through the proxy.

    `server` is None for requests made here (`is_local`), and once it is over. `avps`, `flags` and `changes`
    are what the routes of this transaction share; `target` is the R-URI branch as it was relayed. `status` is
    the latest status given to the caller. `first` is the index of the first branch of the latest attempt
    (serial forking starts a new one), `awaited` how many branches may still be injected (None: any number,
    until told otherwise). `headers` are lines, each with its CRLF, for all requests of the transaction. The
    hook lists are for modules:

    - `on_branch(transaction, branch)` just before a branch is sent, after its branch route;
    - `on_reply(transaction, branch, context)` a reply is about to be relayed to the caller;
    - `on_branch_end(transaction, branch)` a branch got a final refusal, or was given up;
    - `on_failure(transaction)` all branches failed, before the failure route;
    - `on_final(transaction, status)` a final answer went to the caller;
    - `on_end(transaction)` nothing of it is left.
    """

    __slots__ = (
        "address", "answered_locally", "avps", "awaited", "branches", "cancelled", "changes", "core", "ended",
        "fails_over", "first", "flags", "force_rport", "fr_inv_timeout", "fr_timeout", "headers", "is_invite",
        "is_local", "keeps_others", "key", "last", "local", "on_branch", "on_branch_end", "on_branch_route",
        "on_end", "on_failure", "on_failure_route", "on_final", "on_reply", "on_reply_route", "request", "server",
        "status", "target", "timer", "to_tag", "token", "turnstile",
    )  # fmt: skip

    def __init__(self, core: TmCore, request: Message, token: str) -> None:
        self.core = core
        self.request = request
        self.token = token
        self.key: Key = ()
        self.is_invite = request.method == "INVITE"
        self.server: ServerTransaction | None = None
        self.address = NOWHERE
        self.branches: list[TransactionBranch] = []
        self.first = 0
        self.last: TransactionBranch | None = None
        self.target: Branch | None = None
        self.avps: dict[str, list[Value]] = {}
        self.flags: set[str] = set()
        self.changes = Changes()
        self.headers = ""
        self.on_reply_route = ""
        self.on_failure_route = ""
        self.on_branch_route = ""
        self.to_tag = ""
        self.force_rport = False
        self.is_local = False
        self.keeps_others = False
        self.fails_over = True
        self.status = 0
        self.cancelled = False
        self.answered_locally = False
        self.awaited: int | None = 0
        self.fr_timeout: float | None = None
        self.fr_inv_timeout: float | None = None
        self.timer: Timer | None = None
        self.turnstile = Turnstile()
        self.local: dict[str, Any] = {}
        self.ended = False
        self.on_branch: list[Callable[[Transaction, TransactionBranch], None]] = []
        self.on_reply: list[Callable[[Transaction, TransactionBranch, Context], None]] = []
        self.on_branch_end: list[Callable[[Transaction, TransactionBranch], None]] = []
        self.on_failure: list[Callable[[Transaction], None]] = []
        self.on_final: list[Callable[[Transaction, int], None]] = []
        self.on_end: list[Callable[[Transaction], None]] = []

    @property
    def is_final(self) -> bool:
        """The caller has its final answer."""
        return self.status >= 200

    @property
    def attempt(self) -> list[TransactionBranch]:
        """The branches of the latest attempt."""
        return self.branches[self.first :] if self.first else self.branches

    def open_branches(self) -> list[TransactionBranch]:
        """The branches without a final answer."""
        return [branch for branch in self.branches if branch.status < 200]

    def is_pending(self) -> bool:
        """Something may still come that decides: a branch that counts, or one to be injected."""
        if self.awaited != 0:
            return True
        attempt = self.attempt
        counting = [branch for branch in attempt if not branch.is_minor] or attempt
        return any(branch.status < 200 for branch in counting)

    def best(self) -> TransactionBranch | None:
        """The branch whose answer goes to the caller if all failed (RFC 3261 16.7 step 6)."""
        final = [branch for branch in self.attempt if branch.is_final]
        counting = [branch for branch in final if not branch.is_minor] or final
        return min(counting, key=self._rank, default=None)

    def _rank(self, branch: TransactionBranch) -> tuple[int, int]:
        """The 487 that the caller's CANCEL asks for, then a 6xx, then the lowest class, in it the lowest
        status, 408 and 477 last. A 503 counts as 500 where it goes out as one."""
        status = branch.status
        if status == 487 and self.cancelled:
            return (-1, status)
        if status >= 600:
            return (0, status)
        if status == 503 and not self.core.runtime.globals.disable_503_translation:
            status = 500
        last = LAST_REFUSALS.get(status)
        return (status // 100, 499 + last if last else status)

    # ---- what its server transaction calls

    def transmit(self, data: bytes) -> None:
        """Send a message to the caller."""
        listener = self.request.listener
        assert listener is not None
        send_reply(self.core.runtime, listener, self.address, data, self.flags)

    def server_ended(self) -> None:
        """The server transaction is over."""
        self.server = None
        self.core.end_if_over(self)
