"""A proxied transaction: one server transaction towards the caller, a branch for each place it was sent to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.values import Value
from relayscript.interpreter.waiting import Turnstile
from relayscript.sip.message import Changes, Message
from relayscript.sip.timers import Timer
from relayscript.sip.transaction import ClientTransaction, ServerTransaction
from relayscript.sip.transport import Address, Listener


class TransactionBranch:
    """One copy of the request: where it went, and what came back.

    `status` is the latest status received (0: none yet); `reply` the final one if it was received,
    None if it was made here (408). `token` is the branch parameter of its Via. `sent` is the request as
    it went out (byte text), `context` the one that its branch route ran with.
    """

    __slots__ = (
        "address", "asked_to_cancel", "client", "context", "destination", "index", "listener", "local", "on_reply",
        "reply", "sent", "status", "token", "transaction",
    )  # fmt: skip

    def __init__(self, transaction: Transaction, index: int, context: Context, token: str) -> None:
        self.transaction = transaction
        self.index = index
        self.context = context
        self.destination: Branch = context.branch
        self.token = token
        self.listener: Listener | None = None
        self.address: Address = ("", 0)
        self.client: ClientTransaction | None = None
        self.status = 0
        self.reply: Message | None = None
        self.sent = ""
        self.on_reply = ""
        self.asked_to_cancel = ""
        self.local: dict[str, Any] = {}

    @property
    def is_final(self) -> bool:
        """It has a final answer, or a local one in its place."""
        return self.status >= 200


class Transaction:
    """A request on its way through the proxy.

    `server` is None for requests made here. `avps`, `flags` and `changes` are what the routes of this
    transaction share. `status` is the latest status given to the caller. The hook lists are for modules:

    - `on_branch(transaction, branch)` just before a branch is sent, after its branch route;
    - `on_reply(transaction, branch, context)` a reply is about to be relayed to the caller;
    - `on_branch_end(transaction, branch)` a branch got a final answer, or was given up;
    - `on_failure(transaction)` all branches failed, before the failure route;
    - `on_final(transaction, status)` a final answer went to the caller;
    - `on_end(transaction)` nothing of it is left.
    """

    def __init__(self, request: Message, token: str) -> None:
        self.request = request
        self.token = token
        self.is_invite = request.method == "INVITE"
        self.server: ServerTransaction | None = None
        self.branches: list[TransactionBranch] = []
        self.avps: dict[str, list[Value]] = {}
        self.flags: set[str] = set()
        self.changes = Changes()
        self.on_reply_route = ""
        self.on_failure_route = ""
        self.on_branch_route = ""
        self.to_tag = ""
        self.force_rport = False
        self.status = 0
        self.cancelled = False
        self.answered_locally = False
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

    def open_branches(self) -> list[TransactionBranch]:
        """The branches without a final answer."""
        return [branch for branch in self.branches if not branch.is_final]

    def best(self) -> TransactionBranch | None:
        """The branch whose answer goes to the caller if all failed (RFC 3261 16.7 step 6)."""
        final = [branch for branch in self.branches if branch.is_final]
        return min(final, key=_rank, default=None)


def _rank(branch: TransactionBranch) -> tuple[int, int]:
    """A 6xx first, then the lowest class, then the lowest status."""
    status = branch.status
    return (0 if status >= 600 else status // 100, status)
