"""Which step a message that arrives is for."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.apps.testing.sipp.steps import Pause, Recv, Send, Step
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message


@dataclass(frozen=True, slots=True)
class Match:
    """The step that a message is for. `is_repeated`: it belongs to an exchange that is over, and changes nothing."""

    index: int
    is_repeated: bool = False


def find(steps: tuple[Step, ...], at: int, message: Message, transactions: dict[str, str]) -> Match | None:
    """The step for a message while a call is `at` a step; None if it is not expected. As SIPp looks for it:

    below up to the first that is not optional; else above, where all between is optional or the step is `global`;
    else it may repeat what came before for another transaction.
    """
    for index in range(at, len(steps)):
        if fits(steps[index], index, message, transactions):
            return Match(index)
        if not _is_optional(steps[index]):
            break
    return _above(steps, at, message, transactions)


def _above(steps: tuple[Step, ...], at: int, message: Message, transactions: dict[str, str]) -> Match | None:
    near = True
    for index in reversed(range(min(at, len(steps)))):
        what = steps[index].what
        near = near and _is_optional(steps[index])
        if not isinstance(what, Recv) or not fits(steps[index], index, message, transactions):
            continue
        if near or what.optional == "global":
            return Match(index)
        if what.response_txn or (message.method == "INVITE" and not message.is_request and follow_up(steps, index)):
            return Match(index, is_repeated=True)
    return None


def follow_up(steps: tuple[Step, ...], index: int) -> int:
    """The step that acknowledges what a step receives: the one below, or that for its transaction; 0 without."""
    received = steps[index].what
    txn = received.response_txn if isinstance(received, Recv) else ""
    for at in range(index + 1, len(steps) if txn else min(index + 2, len(steps))):
        what = steps[at].what
        if isinstance(what, Send) and (what.ack_txn == txn if txn else what.method == "ACK"):
            return at
    return 0


def _is_optional(step: Step) -> bool:
    return isinstance(step.what, Recv) and not step.what.is_mandatory


def fits(step: Step, index: int, message: Message, transactions: dict[str, str]) -> bool:
    """A message is the one of a step: `transactions` are the branches by the names that steps gave them."""
    what = step.what
    if not isinstance(what, Recv) or what.is_request != message.is_request:
        return False
    text = message.method if what.is_request else str(message.status)
    if not (what.pattern.matches(text) if what.pattern is not None else text == what.name):
        return False
    if what.is_request or index == 0:
        return True
    if what.response_txn:
        return transactions.get(what.response_txn) == branch(message)
    return message.method in what.methods


def branch(message: Message) -> str:
    """The branch in the top Via; empty if it cannot be read."""
    try:
        return message.top_via.branch or ""
    except SipError:
        return ""


def wanted(steps: tuple[Step, ...], at: int) -> str:
    """What a call that is at a step waits for, in words."""
    names: list[str] = []
    for step in steps[at:]:
        if not isinstance(step.what, Recv):
            break
        names.append(step.what.name)
        if step.what.is_mandatory:
            break
    if names:
        return " or ".join(names)
    what = steps[at].what
    if isinstance(what, Send):
        return f"an answer before {what.method or 'the next response'} is sent"
    return "nothing, in a pause" if isinstance(what, Pause) else "nothing"
