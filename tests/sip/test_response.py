"""Responses: which headers they copy, the To tag, and where they go."""

from __future__ import annotations

import pytest

from relayscript.sip.message import Message
from relayscript.sip.response import (
    build_response,
    is_stateless_ack,
    relay_destination,
    response_destination,
    stateless_tag,
)
from relayscript.sip.via import parse_via

HERE = ("192.0.2.9", 5071)


def request(*lines: str, method: str = "INVITE") -> Message:
    made = Message(
        f"{method} sip:bob@example.com SIP/2.0",
        ["Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bK1, SIP/2.0/UDP b", "v: SIP/2.0/UDP c",
         "f: <sip:a@h>;tag=a", "To : <sip:b@h>  ", "Call-ID: c1", "CSeq: 1 INVITE",
         "Record-Route: <sip:r;lr>", "Timestamp: 54", "Subject: x", *lines],
    )  # fmt: skip
    made.source = HERE
    return made


def lines_of(text: str) -> list[str]:
    return text.split("\r\n")


def test_what_it_copies() -> None:
    assert lines_of(build_response(request(), 486, "Busy Here", "t1")) == [
        "SIP/2.0 486 Busy Here",
        "Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bK1, SIP/2.0/UDP b",
        "v: SIP/2.0/UDP c",
        "f: <sip:a@h>;tag=a",
        "To : <sip:b@h>;tag=t1",
        "Call-ID: c1",
        "CSeq: 1 INVITE",
        "Content-Length: 0",
        "",
        "",
    ]


def test_100_has_no_tag_and_copies_timestamp() -> None:
    text = build_response(request(), 100, "Trying", "t1")
    assert ";tag=t1" not in text
    assert "\r\nTimestamp: 54\r\n" in text


@pytest.mark.parametrize(
    ("method", "status", "copied"),
    [
        ("INVITE", 180, True),
        ("INVITE", 200, True),
        ("INVITE", 100, False),
        ("INVITE", 300, False),
        ("INFO", 200, False),
    ],
)
def test_record_route_where_a_dialog_may_begin(method: str, status: int, copied: bool) -> None:
    assert ("Record-Route: <sip:r;lr>" in build_response(request(method=method), status, "X")) is copied


def test_a_tag_that_is_there_stays() -> None:
    known = Message("BYE sip:h SIP/2.0", ["Via: SIP/2.0/UDP h", "To: <sip:b@h>;tag=theirs"])
    assert "\r\nTo: <sip:b@h>;tag=theirs\r\n" in build_response(known, 200, "OK", "ours")


def test_a_malformed_to_is_copied_as_it_is() -> None:
    odd = Message("BYE sip:h SIP/2.0", ["Via: junk", "To: <sip:b@h"])
    assert lines_of(build_response(odd, 400, "Bad To", "t"))[1:3] == ["Via: junk", "To: <sip:b@h"]


def test_the_via_says_where_it_came_from() -> None:
    asked = request()
    asked.source = ("198.51.100.1", 9)
    assert lines_of(build_response(asked, 200, "OK", force_rport=True))[1] == (
        "Via: SIP/2.0/UDP 192.0.2.9:5071;received=198.51.100.1;rport=9;branch=z9hG4bK1, SIP/2.0/UDP b"
    )


def test_more_headers_and_a_body() -> None:
    text = build_response(request(), 200, "OK", "t", "Contact: <sip:x>\r\n", "hello", "text/plain")
    assert text.endswith("\r\nContent-Type: text/plain\r\nContact: <sip:x>\r\nContent-Length: 5\r\n\r\nhello")


@pytest.mark.parametrize("missing", range(7))
def test_what_is_missing_stays_missing(missing: int) -> None:
    whole = request()
    lines = [line for index, line in enumerate(whole.lines) if index != missing]
    text = build_response(Message(whole.first_line, lines), 200, "OK", "t1")
    assert len(lines_of(text)) == len(lines_of(build_response(whole, 200, "OK", "t1"))) - 1


@pytest.mark.parametrize(
    ("via", "force", "expected"),
    [
        ("SIP/2.0/UDP 10.0.0.1:5062", False, ("192.0.2.9", 5062)),
        ("SIP/2.0/UDP 10.0.0.1", False, ("192.0.2.9", 5060)),
        ("SIP/2.0/TLS 10.0.0.1", False, HERE),
        ("SIP/2.0/UDP 10.0.0.1:5062;rport", False, HERE),
        ("SIP/2.0/UDP 10.0.0.1:5062", True, HERE),
        ("SIP/2.0/UDP 10.0.0.1;maddr=224.0.1.75", False, ("224.0.1.75", 5060)),
    ],
)
def test_where_it_goes(via: str, force: bool, expected: tuple[str, int]) -> None:
    assert response_destination(parse_via(via), HERE, force_rport=force) == expected


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("SIP/2.0/UDP h.invalid", ("h.invalid", 5060)),
        ("SIP/2.0/UDP h:5062;received=192.0.2.1;rport=99", ("192.0.2.1", 99)),
        ("SIP/2.0/UDP [2001:db8::1]:5062;rport", ("2001:db8::1", 5062)),
        ("SIP/2.0/UDP h:5062;rport=99999", ("h", 5062)),
        ("SIP/2.0/UDP h:5062;rport=\u00b2", ("h", 5062)),
        ("SIP/2.0/UDP h;maddr=m", ("m", 5060)),
    ],
)
def test_where_one_passed_on_goes(via: str, expected: tuple[str, int]) -> None:
    assert relay_destination(parse_via(via)) == expected


# ---- stateless tags


def ack(tag: str, number: int = 1) -> Message:
    return Message(
        "ACK sip:bob@example.com SIP/2.0",
        ["Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bK1", "f: <sip:a@h>;tag=a", f"To: <sip:b@h>;tag={tag}",
         "Call-ID: c1", f"CSeq: {number} ACK"],
    )  # fmt: skip


def test_the_ack_to_a_stateless_refusal_is_known() -> None:
    tag = stateless_tag(request(), "s")
    assert tag == stateless_tag(request(), "s")
    assert is_stateless_ack(ack(tag), "s")


def test_other_acks_are_not() -> None:
    tag = stateless_tag(request(), "s")
    assert not is_stateless_ack(ack("other"), "s")
    assert not is_stateless_ack(ack(tag, 2), "s")
    assert not is_stateless_ack(ack(tag), "another secret")
    assert not is_stateless_ack(request(method="BYE"), "s")
