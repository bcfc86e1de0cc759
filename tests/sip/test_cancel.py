"""ACK and CANCEL: made from the request as it went out, with its top Via and Route alone."""

from __future__ import annotations

from relayscript.sip.cancel import build_ack, build_cancel
from relayscript.sip.message import Message

SENT = (
    "INVITE sip:callee@192.0.2.2 SIP/2.0\r\n"
    "Record-Route: <sip:p;lr>\r\n"
    "Via: SIP/2.0/UDP p;branch=z9hG4bKx.0, SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
    "Via: SIP/2.0/UDP g\r\n"
    "Route: <sip:r1;lr>\r\n"
    "f: <sip:a@h>;tag=a\r\n"
    "To: <sip:b@h>\r\n"
    "Route: <sip:r2;lr>\r\n"
    "Call-ID: c1\r\n"
    "CSeq: 7 INVITE\r\n"
    "Contact: <sip:a@h>\r\n"
    "Max-Forwards: 12\r\n"
    "X-Extra: 1\r\n"
    "Content-Length: 5\r\n\r\nhello"
)
COMMON = ["Via: SIP/2.0/UDP p;branch=z9hG4bKx.0", "f: <sip:a@h>;tag=a"]


def test_an_ack_takes_to_from_the_response() -> None:
    refusal = Message("SIP/2.0 486 Busy Here", ["t: <sip:b@h>;tag=b", "CSeq: 7 INVITE"])
    assert build_ack(SENT, refusal).split("\r\n") == [
        "ACK sip:callee@192.0.2.2 SIP/2.0", *COMMON, "t: <sip:b@h>;tag=b", "Call-ID: c1", "CSeq: 7 ACK",
        "Max-Forwards: 70", "Route: <sip:r1;lr>", "Route: <sip:r2;lr>", "Content-Length: 0", "", "",
    ]  # fmt: skip


def test_an_ack_to_a_response_without_to() -> None:
    assert "\r\nTo: <sip:b@h>\r\n" in build_ack(SENT, Message("SIP/2.0 486 Busy Here", []))


def test_a_cancel_is_for_the_request_alone() -> None:
    assert build_cancel(Message.from_text(SENT), "Reason: SIP;cause=480\r\n").split("\r\n") == [
        "CANCEL sip:callee@192.0.2.2 SIP/2.0", *COMMON, "To: <sip:b@h>", "Call-ID: c1", "CSeq: 7 CANCEL",
        "Max-Forwards: 70", "Route: <sip:r1;lr>", "Route: <sip:r2;lr>", "Reason: SIP;cause=480",
        "Content-Length: 0", "", "",
    ]  # fmt: skip


def test_a_request_without_via_or_to_gets_none() -> None:
    bare = Message("INVITE sip:h SIP/2.0", ["CSeq: 1 INVITE"])
    assert build_cancel(bare).split("\r\n")[1:3] == ["CSeq: 1 CANCEL", "Max-Forwards: 70"]
