"""Which messages reach the script, and how RFC 3261 wants the others answered."""

from __future__ import annotations

import pytest

from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.sanity import check, check_transaction

GOOD = {
    "Via": "SIP/2.0/UDP h;branch=z9hG4bK1",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "c",
    "CSeq": "1 OPTIONS",
    "Content-Length": "0",
}


def message(without: str = "", **changed: str) -> Message:
    known = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return Message("OPTIONS sip:h SIP/2.0", [f"{n}: {v}" for n, v in known.items() if n != without])


def test_a_good_request_passes() -> None:
    check(message())
    check_transaction(message())


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_a_missing_header_only_forbids_a_transaction(name: str) -> None:
    check(message(name))
    with pytest.raises(SipError) as caught:
        check_transaction(message(name))
    assert (caught.value.kind, caught.value.status) == (name.lower(), 400)


def test_without_via_there_is_no_answer() -> None:
    with pytest.raises(SipError) as caught:
        check(message("Via"))
    assert (caught.value.kind, caught.value.status) == ("via", 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Via", "SIP/2.0/UDP"),
        ("CSeq", "OPTIONS"),
        ("CSeq", "8 OPTIONS extra"),
        ("To", "<sip:bob@exam ple.com>"),
        ("To", "<sip:b@h"),
        ("Content_Length", "five"),
        ("Content_Length", ""),
    ],
)
def test_a_malformed_header_is_a_bad_request(name: str, value: str) -> None:
    with pytest.raises(SipError) as caught:
        check(message(**{name: value}))
    assert (caught.value.kind, caught.value.status) == (name.lower().replace("_", "-"), 400)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSeq", "x OPTIONS"),
        ("CSeq", "4294967296 OPTIONS"),
        ("CSeq", "5 INVITE"),
        ("CSeq", "6  options"),
        ("To", "isbn:2983792873"),
        ("From", "<sip:a@h"),
        ("Content_Length", "400"),
    ],
)
def test_the_rest_is_for_the_script_to_judge(name: str, value: str) -> None:
    check(message(**{name: value}))
