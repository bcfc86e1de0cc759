"""What a node is owed while it cannot be reached."""

from __future__ import annotations

from relayscript.engines.debts import AT_ONCE, MOST_OWED, Debts
from relayscript.engines.link import Replied
from relayscript.engines.sets import Node


class Desk:
    """Keeps what is sent until the test answers it."""

    def __init__(self) -> None:
        self.node = Node("udp:a:1", 0)
        self.under_way: list[tuple[bytes, Replied]] = []
        self.debts = Debts(lambda node, command, replied: self.under_way.append((command, replied)))

    def answer(self, reply: bytes | None) -> bytes:
        """Answer the oldest; what it was."""
        command, replied = self.under_way.pop(0)
        replied(reply)
        return command


def test_all_is_paid_a_few_at_a_time() -> None:
    desk = Desk()
    for number in range(50):
        desk.debts.add(desk.node, f"call-{number}", b"D call-%d" % number)
    desk.debts.settle(desk.node)
    assert len(desk.under_way) == AT_ONCE
    paid = []
    while desk.under_way:
        paid.append(desk.answer(b"0"))
    assert paid == [b"D call-%d" % number for number in range(50)]


def test_what_is_not_answered_is_owed_still() -> None:
    desk = Desk()
    desk.debts.add(desk.node, "call", b"D call")
    desk.debts.settle(desk.node)
    desk.answer(None)
    assert desk.under_way == []
    desk.debts.settle(desk.node)
    assert desk.answer(b"0") == b"D call"
    desk.debts.settle(desk.node)
    assert desk.under_way == []


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    desk = Desk()
    for number in range(MOST_OWED + 1):
        desk.debts.add(desk.node, str(number), b"D %d" % number)
    desk.debts.settle(desk.node)
    assert desk.under_way[0][0] == b"D 1"


def test_a_session_that_is_in_use_again_is_not_deleted() -> None:
    desk = Desk()
    desk.debts.add(desk.node, "call", b"D call")
    desk.debts.drop(desk.node, "call")
    desk.debts.drop(desk.node, "another")
    desk.debts.settle(desk.node)
    assert desk.under_way == []


def test_nothing_is_sent_to_a_node_that_went_away_meanwhile() -> None:
    desk = Desk()
    for number in range(AT_ONCE + 1):
        desk.debts.add(desk.node, str(number), b"D %d" % number)
    desk.debts.settle(desk.node)
    desk.node.enabled = False
    desk.answer(b"0")
    assert len(desk.under_way) == AT_ONCE - 1
