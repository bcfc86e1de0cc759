"""Stateless forwarding, and the Vias of what goes out."""

from __future__ import annotations

import pytest

from relayscript.interpreter.forwarding import as_uri
from tests.interpreter.modules.stage import Proxy, reply, request

ON = 'route { forward("udp:192.0.2.2:5060"); }'


def test_a_request_and_its_retransmission_go_on_alike_and_replies_find_their_way() -> None:
    proxy = Proxy(ON)
    text = request("INVITE")
    proxy.send(text)
    proxy.send(text)
    first, again = proxy.take("bob"), proxy.take("bob")
    assert first.data == again.data
    assert [via.sent_by for via in first.vias()] == ["127.0.0.1:5060", "192.0.2.1:5060"]
    proxy.send(reply(first, 200))
    answer = proxy.take("alice")
    assert [via.sent_by for via in answer.vias()] == ["192.0.2.1:5060"]


def test_a_cancel_and_the_ack_to_a_refusal_get_the_branch_of_their_invite() -> None:
    proxy = Proxy(ON)
    texts = [request("INVITE")]
    for method in ("CANCEL", "ACK"):
        texts.append(
            request("INVITE").replace("INVITE sip", f"{method} sip").replace("1 INVITE", f"1 {method}")
        )
    for text in texts:
        proxy.send(text)
    assert len({proxy.take("bob").top_via.branch for _ in texts}) == 1


def test_requests_of_two_callers_are_told_apart() -> None:
    proxy = Proxy(ON)
    proxy.send(request("OPTIONS"))
    proxy.send(request("OPTIONS", sender="bob"))
    assert proxy.take("bob").top_via.branch != proxy.take("bob").top_via.branch


def test_the_sender_is_noted_in_its_via_once() -> None:
    proxy = Proxy('route { force_rport(); forward("192.0.2.2"); forward("192.0.2.2"); }')
    proxy.send(request("OPTIONS"), ("192.0.2.1", 7777))
    proxy.take("bob")
    below = proxy.take("bob").vias()[1]
    assert (below.received, below.rport) == ("192.0.2.1", "7777")


def test_several_vias_in_one_header_lose_the_first() -> None:
    proxy = Proxy(ON)
    proxy.send(
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=a, SIP/2.0/UDP 192.0.2.1;branch=b\n"
        "From: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: c\nCSeq: 1 OPTIONS\n\n".replace("\\\n", "\n")
    )
    assert proxy.take("alice").headers("via") == ["SIP/2.0/UDP 192.0.2.1;branch=b"]


def test_a_reply_for_us_alone_is_dropped() -> None:
    proxy = Proxy(ON)
    proxy.send(
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=a\n"
        "From: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: c\nCSeq: 1 OPTIONS\n\n"
    )
    assert proxy.got == {"alice": [], "bob": []}
    assert proxy.runtime.statistics["core:bad_stray-reply"] == 1


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("192.0.2.2", "sip:192.0.2.2"), ("192.0.2.2:5070", "sip:192.0.2.2:5070"), ("sip:a@b", "sip:a@b"),
        ("udp:[::1]:5070", "sip:[::1]:5070;transport=udp"), ("tcp:b", "sip:b;transport=tcp"),
    ],
)  # fmt: skip
def test_a_destination_as_uri(text: str, uri: str) -> None:
    assert as_uri(text) == uri
