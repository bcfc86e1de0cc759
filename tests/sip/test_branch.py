"""Branches: what tells transactions apart."""

from __future__ import annotations

import pytest

from relayscript.sip.branch import OldMatching, client_key, is_rfc3261, server_key, stateless_branch
from relayscript.sip.message import Message


def request(
    method: str = "INVITE", via: str = "h:5062;branch=z9hG4bK1", cseq: int = 1, to: str = ""
) -> Message:
    return Message(
        f"{method} sip:b@h SIP/2.0",
        [
            f"Via: SIP/2.0/UDP {via}",
            "From: <sip:a@h>;tag=a",
            f"To: <sip:b@h>{to}",
            "Call-ID: c",
            f"CSeq: {cseq} {method}",
        ],
    )


@pytest.mark.parametrize(
    ("branch", "expected"), [("z9hG4bK1", True), ("Z9HG4BK1", True), ("z9hG4b", False), ("", False)]
)
def test_the_magic_cookie(branch: str, expected: bool) -> None:
    assert is_rfc3261(branch) is expected


@pytest.mark.parametrize("via", ["h:5062;branch=z9hG4bK1", "h:5062;branch=old", "h"])
def test_an_ack_and_a_cancel_find_the_invite(via: str) -> None:
    invite = server_key(request(via=via))
    assert server_key(request("ACK", via, to=";tag=b")) == invite
    assert server_key(request("CANCEL", via), "INVITE") == invite
    assert server_key(request("CANCEL", via)) != invite


@pytest.mark.parametrize(
    "via", ["h:5062;branch=z9hG4bK2", "h:5063;branch=z9hG4bK1", "H2:5062;branch=z9hG4bK1"]
)
def test_another_branch_or_sender_is_another_transaction(via: str) -> None:
    assert server_key(request(via=via)) != server_key(request())


def test_without_cookie_the_cseq_number_counts() -> None:
    assert server_key(request(via="h", cseq=2)) != server_key(request(via="h"))


def test_uri_and_via_need_not_count_without_cookie() -> None:
    other = Message("CANCEL sip:other@h SIP/2.0", ["Via: SIP/2.0/UDP h2", *request("CANCEL", "h").lines[1:]])
    for old, found in ((OldMatching(), False), (OldMatching(by_uri=False), False), (OldMatching(False, False), True)):
        assert (server_key(other, "INVITE", old) == server_key(request(via="h"), old=old)) is found


def test_a_response_is_found_by_branch_and_method() -> None:
    response = Message(
        "SIP/2.0 200 OK", ["Via: SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/UDP b", "CSeq: 1 CANCEL"]
    )
    assert client_key(response) == ("z9hG4bK1", "CANCEL")


@pytest.mark.parametrize("via", ["h:5062;branch=z9hG4bK1", "h"])
def test_a_stateless_branch_repeats_for_its_request_only(via: str) -> None:
    branch = stateless_branch(request(via=via), "s")
    assert is_rfc3261(branch)
    assert branch == stateless_branch(request(via=via), "s") == stateless_branch(request("CANCEL", via), "s")
    assert branch != stateless_branch(request(via=f"{via};x" if via == "h" else "h:1;branch=z9hG4bK1"), "s")
    assert branch != stateless_branch(request(via=via), "t")
