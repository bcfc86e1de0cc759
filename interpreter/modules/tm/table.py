"""Finds the transaction that a message belongs to (RFC 3261 17.1.3 and 17.2.3)."""

from __future__ import annotations

from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.message import Message

MAGIC_COOKIE = "z9hG4bK"
Key = tuple[str, ...]


def server_key(message: Message, method: str) -> Key:
    """What a request is matched by; with method INVITE it finds the INVITE of an ACK or a CANCEL."""
    via = message.top_via
    branch = via.branch or ""
    if branch.startswith(MAGIC_COOKIE):
        return (branch, via.host, str(via.port or 0), method)
    number = str(message.cseq[0])
    return (message.call_id, message.from_tag, number, via.host, str(via.port or 0), branch, method)


class Table:
    """All transactions, by what their messages can be recognised from."""

    def __init__(self) -> None:
        self._servers: dict[Key, Transaction] = {}
        self._branches: dict[str, TransactionBranch] = {}

    def add(self, transaction: Transaction) -> None:
        """Remember a transaction by its request."""
        self._servers[server_key(transaction.request, transaction.request.method)] = transaction

    def add_branch(self, branch: TransactionBranch) -> None:
        """Remember a branch by its Via branch parameter."""
        self._branches[branch.token] = branch

    def of_request(self, message: Message, method: str = "") -> Transaction | None:
        """The transaction of a retransmitted request; `method` overrides the message's own."""
        return self._servers.get(server_key(message, method or message.method))

    def of_reply(self, message: Message) -> TransactionBranch | None:
        """The branch that a reply answers, by its top Via."""
        return self._branches.get(message.top_via.branch or "")

    def remove(self, transaction: Transaction) -> None:
        """Forget a transaction and its branches."""
        if transaction.server is not None:
            key = server_key(transaction.request, transaction.request.method)
            if self._servers.get(key) is transaction:
                del self._servers[key]
        for branch in transaction.branches:
            self._branches.pop(branch.token, None)

    def transactions(self) -> list[Transaction]:
        """All that are there now."""
        of_branches = {id(b.transaction): b.transaction for b in self._branches.values()}
        return [*{**of_branches, **{id(t): t for t in self._servers.values()}}.values()]
