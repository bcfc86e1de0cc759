"""Finds the transaction that a message belongs to (RFC 3261 17.1.3 and 17.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.sip.branch import Key, OldMatching, server_key
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener

AckKey = tuple[str, str, str, str]


class Table:
    """All transactions, by what their messages can be recognised from."""

    def __init__(self, old: OldMatching = OldMatching()) -> None:  # noqa: B008 - frozen
        self._old = old
        self._requests: dict[Key, Transaction] = {}
        self._branches: dict[str, TransactionBranch] = {}
        self._answered: dict[AckKey, Transaction] = {}
        self._movable: dict[tuple[Listener | None, Address], dict[TransactionBranch, None]] = {}

    def __iter__(self) -> Iterator[Transaction]:
        """Those of requests that came in, the oldest first."""
        return iter(list(self._requests.values()))

    def __len__(self) -> int:
        """How many requests have one."""
        return len(self._requests)

    def add(self, transaction: Transaction) -> None:
        """Remember a transaction by its request, whose key it has."""
        self._requests[transaction.key] = transaction

    def add_branch(self, branch: TransactionBranch) -> None:
        """Remember a branch by its Via branch parameter."""
        self._branches[branch.token] = branch

    def add_answered(self, transaction: Transaction) -> None:
        """Remember an INVITE that was answered here with a 2xx, by what its ACK will have."""
        self._answered[_ack_key(transaction.request, transaction.to_tag)] = transaction

    def of_request(self, message: Message) -> Transaction | None:
        """The transaction of a retransmitted request, or the INVITE that an ACK acknowledges."""
        return self._requests.get(self.key_of(message))

    def key_of(self, message: Message) -> Key:
        """What the transaction of a request is found by. Raises SipError if Via or CSeq cannot be read."""
        return server_key(message, old=self._old)

    def of_key(self, key: Key) -> Transaction | None:
        """The transaction with a key."""
        return self._requests.get(key)

    def cancelled_by(self, cancel: Message) -> Transaction | None:
        """The INVITE that a CANCEL is for."""
        return self._requests.get(server_key(cancel, "INVITE", self._old))

    def acknowledged_by(self, ack: Message) -> Transaction | None:
        """The INVITE answered here with a 2xx that an ACK is for."""
        return self._answered.get(_ack_key(ack, ack.to_tag)) if self._answered else None

    def of_reply(self, message: Message) -> TransactionBranch | None:
        """The branch that a reply answers, by its top Via."""
        return self._branches.get(message.top_via.branch)

    def add_movable(self, branch: TransactionBranch) -> None:
        """Remember that a branch can go somewhere else, by where it went."""
        self._movable.setdefault((branch.listener, branch.address), {})[branch] = None

    def sent_to(self, listener: Listener, address: Address, *, movable: bool) -> list[TransactionBranch]:
        """The branches sent to a place, or only those of them that can go somewhere else."""
        place = (listener, address)
        if movable:
            return list(self._movable.get(place, ()))
        return [branch for branch in self._branches.values() if (branch.listener, branch.address) == place]

    def of_token(self, token: str) -> TransactionBranch | None:
        """The branch with that branch parameter in its Via."""
        return self._branches.get(token)

    def of_call(self, call_id: str, cseq: str, *, local: bool = False) -> Transaction | None:
        """The INVITE of a call, or any request made here (`local`), by Call-ID and CSeq number."""
        for found in self.transactions():
            wanted = found.is_local if local else found.is_invite and not found.is_local
            request = found.request
            if wanted and request.call_id == call_id and request.cseq_parts[0] == cseq:
                return found
        return None

    def remove(self, transaction: Transaction) -> None:
        """Forget a transaction and its branches."""
        if self._requests.get(transaction.key) is transaction:
            del self._requests[transaction.key]
        for branch in transaction.branches:
            self._branches.pop(branch.token, None)
            if branch.spare is not None:
                self._stay(branch)
        if transaction.answered_locally:
            self._answered.pop(_ack_key(transaction.request, transaction.to_tag), None)

    def _stay(self, branch: TransactionBranch) -> None:
        place = (branch.listener, branch.address)
        found = self._movable.get(place, {})
        found.pop(branch, None)
        if not found:
            self._movable.pop(place, None)

    def transactions(self) -> list[Transaction]:
        """All that are there now."""
        found = dict.fromkeys(self._requests.values())
        return list(found | dict.fromkeys(branch.transaction for branch in self._branches.values()))


def _ack_key(message: Message, to_tag: str) -> AckKey:
    return (message.call_id, message.from_tag, message.cseq_parts[0], to_tag)
