"""Dialogs: every row of the table, legs learnt from messages, direction, requests of our own."""

from __future__ import annotations

import pytest

from relayscript.sip import dialog as d
from relayscript.sip.dialog import Dialog, Direction
from relayscript.sip.message import Message


def invite() -> Message:
    return Message(
        "INVITE sip:b@example.com SIP/2.0",
        ["Via: SIP/2.0/UDP h", "From: <sip:a@example.com>;tag=a", "To: <sip:b@example.com>", "Call-ID: c",
         "CSeq: 7 INVITE", "Contact: <sip:a@192.0.2.1>", "Record-Route: <sip:near-a;lr>",
         "Content-Type: application/sdp"],
        "v=0 offer",
    )  # fmt: skip


def reply(status: int, tag: str = "b", *more: str) -> Message:
    to = f";tag={tag}" if tag else ""
    routes = "Record-Route: <sip:near-b;lr>, <sip:us;lr>, <sip:near-a;lr>"
    return Message(
        f"SIP/2.0 {status} X",
        ["From: <sip:a@example.com>;tag=a", f"To: <sip:b@example.com>{to}", "Call-ID: c", "CSeq: 7 INVITE",
         routes, f"Contact: <sip:{tag}@192.0.2.2>", *more],
    )  # fmt: skip


def request(
    method: str, sender: str, receiver: str, number: int = 8, call_id: str = "c", body: str = ""
) -> Message:
    return Message(
        f"{method} sip:x SIP/2.0",
        [f"From: <sip:x>;tag={sender}", f"To: <sip:y>;tag={receiver}", f"Call-ID: {call_id}",
         f"CSeq: {number} {method}", "Contact: <sip:new@192.0.2.9>", "Content-Type: application/sdp"],
        body,
    )  # fmt: skip


def answered() -> Dialog:
    made = Dialog(invite())
    made.recorded = 1
    made.receive_reply(reply(180))
    made.receive_reply(reply(200))
    return made


@pytest.mark.parametrize(("state", "event"), [(s, e) for s, events in d.TABLE.items() for e in events])
def test_every_row(state: int, event: str) -> None:
    made = Dialog(invite())
    made.state = state
    assert made.handle(event) is (d.TABLE[state][event] != state)
    assert made.state == d.TABLE[state][event]


@pytest.mark.parametrize("state", d.TABLE)
def test_an_event_without_a_row_changes_nothing(state: int) -> None:
    made = Dialog(invite())
    made.state = state
    for event in {d.PROVISIONAL, d.SUCCESS, d.FAILURE, d.ACK, d.REQUEST, d.BYE, d.LIFETIME} - set(
        d.TABLE[state]
    ):
        assert not made.handle(event)
    assert made.state == state


def test_a_call_from_invite_to_bye() -> None:
    made = Dialog(invite())
    made.recorded = 1
    assert (made.state, made.callee) == (d.UNCONFIRMED, None)
    assert not made.receive_reply(reply(100, ""))
    assert made.receive_reply(reply(180))
    assert not made.receive_reply(reply(183))
    assert made.receive_reply(reply(200))
    assert made.state == d.CONFIRMED_NO_ACK
    assert not made.receive_request(request("ACK", "a", "b", 6))
    assert made.receive_request(request("ACK", "a", "b", 7))
    assert made.receive_request(request("BYE", "b", "a", 1))
    assert made.state == d.DELETED


def test_what_is_known_of_the_legs() -> None:
    made = answered()
    assert (made.caller.tag, made.caller.cseq, made.caller.contact) == ("a", 7, "sip:a@192.0.2.1")
    assert (made.caller.routes, made.caller.sdp) == (("<sip:near-a;lr>",), "v=0 offer")
    assert made.callee is not None
    assert (made.callee.tag, made.callee.contact) == ("b", "sip:b@192.0.2.2")
    assert made.callee.routes == ("<sip:near-b;lr>",)


def test_the_first_2xx_wins_among_several_branches() -> None:
    made = Dialog(invite())
    for status, tag in ((180, "x"), (183, "y"), (200, "y"), (200, "z"), (487, "x")):
        made.receive_reply(reply(status, tag))
    assert (made.state, made.winner, list(made.callees)) == (d.CONFIRMED_NO_ACK, "y", ["x", "y", "z"])


def test_a_refused_call_is_over() -> None:
    made = Dialog(invite())
    assert made.receive_reply(reply(486))
    assert (made.state, made.callees) == (d.DELETED, {})


@pytest.mark.parametrize(
    ("sender", "receiver", "call_id", "expected"),
    [
        ("a", "b", "c", Direction.DOWNSTREAM),
        ("b", "a", "c", Direction.UPSTREAM),
        ("a", "b", "other", None),
        ("a", "x", "c", None),
        ("x", "a", "c", None),
    ],
)
def test_which_way_a_request_goes(
    sender: str, receiver: str, call_id: str, expected: Direction | None
) -> None:
    stray = request("INFO", sender, receiver, call_id=call_id)
    made = answered()
    assert made.direction(stray) is expected
    if expected is None:
        assert not made.receive_request(stray)


def test_requests_move_cseq_and_target_on() -> None:
    made = answered()
    made.receive_request(request("INFO", "a", "b", 9))
    assert (made.caller.cseq, made.caller.contact) == (9, "sip:a@192.0.2.1")
    made.receive_request(request("UPDATE", "b", "a", 3))
    assert made.callee is not None
    assert (made.callee.cseq, made.callee.contact) == (3, "sip:new@192.0.2.9")


def test_session_descriptions_of_both_sides_are_the_latest() -> None:
    made = answered()
    made.receive_request(request("INVITE", "b", "a", 3, body="v=0 second"))
    assert made.callee is not None
    assert (made.callee.sdp, made.caller.sdp) == ("v=0 second", "v=0 offer")
    taken = Message(
        "SIP/2.0 200 OK",
        ["To: <sip:x>;tag=a", "Contact: <sip:moved@h>", "Content-Type: application/sdp", "CSeq: 3 INVITE"],
        "v=0 answer",
    )
    made.receive_answer(request("INFO", "b", "a"), taken)
    assert made.caller.sdp == "v=0 offer"
    made.receive_answer(request("INVITE", "b", "a"), taken)
    assert (made.caller.sdp, made.caller.contact) == ("v=0 answer", "sip:moved@h")
    by_callee = Message("SIP/2.0 200 OK", ["To: <sip:y>;tag=b", "CSeq: 9 INVITE", "Contact: <sip:b2@h>"])
    made.receive_answer(request("INVITE", "a", "b"), by_callee)
    assert made.callees["b"].contact == "sip:b2@h"
    made.receive_request(request("ACK", "b", "a", 3, body="v=0 late"))
    late = made.speaker(Direction.UPSTREAM, "b")
    assert late is not None
    assert (late.sdp, late.cseq) == ("v=0 late", 3)


def test_requests_of_ours_move_those_of_the_party_on() -> None:
    made = answered()
    made.receive_request(request("INVITE", "a", "b", 8))
    made.build_request(Direction.DOWNSTREAM, "OPTIONS")
    assert (made.caller.cseq, made.caller.shift, made.caller.invite_shift) == (9, 1, 0)
    made.receive_request(request("INVITE", "a", "b", 9))
    assert (made.caller.cseq, made.caller.invite_shift) == (10, 1)
    unanswered = Dialog(invite())
    unanswered.advance(Direction.UPSTREAM, 1)
    assert unanswered.callees == {}


def test_a_request_of_ours_to_either_side() -> None:
    made = answered()
    assert made.build_request(Direction.DOWNSTREAM, "BYE", "Reason: x\r\n").split("\r\n") == [
        "BYE sip:b@192.0.2.2 SIP/2.0", "Route: <sip:near-b;lr>", "Max-Forwards: 70",
        "From: <sip:a@example.com>;tag=a", "To: <sip:b@example.com>;tag=b", "Call-ID: c", "CSeq: 8 BYE",
        "Reason: x", "Content-Length: 0", "", "",
    ]  # fmt: skip
    upstream = Message.from_text(made.build_request(Direction.UPSTREAM, "BYE", body="x"))
    assert (upstream.uri, upstream.from_tag, upstream.to_tag) == ("sip:a@192.0.2.1", "b", "a")
    assert (upstream.cseq, upstream.header("route"), upstream.body) == ((1, "BYE"), "<sip:near-a;lr>", "x")


def test_no_request_before_there_is_a_callee() -> None:
    with pytest.raises(LookupError):
        Dialog(invite()).build_request(Direction.DOWNSTREAM, "BYE")
