"""What a proxy made up: where it stands, and how it is replaced in later messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.testing.capture.values import Heard, Pairs, kind_at, separators_in, values_in
from relayscript.sip.message import Message

BYE = (
    "BYE sip:bob@192.0.2.2;thinfo=abc= SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-alice\r\n"
    "Route: <sip:127.0.0.1;lr;did=1c9.1>\r\nTo: <sip:bob@x>;tag=t1\r\nFrom: t1 <sip:a@x>;tag=alice\r\n"
    "Call-ID: made-up-by-us@x\r\nReplaces: made-up-by-us@x;to-tag=t1\r\nCSeq: 2 BYE\r\n\r\nt1"
)


@pytest.mark.parametrize(
    ("key", "line", "expected"),
    [
        ("via", "SIP/2.0/UDP h:1;branch=z9.1;rport", {"z9.1": "branch"}),
        ("to", "<sip:bob@x;p=1>;tag=abc", {"abc": "tag"}),
        ("record-route", "<sip:h;lr;did=1c9.1;r2=on>", {"1c9.1": "parameter", "on": "parameter"}),
        ("contact", "<sip:h;thinfo=a+b/c==>", {"a+b/c==": "parameter"}),
        ("call-id", "abc@def", {"abc": "call-id", "def": "call-id"}),
        ("www-authenticate", 'Digest realm="r", nonce="n1"', {"n1": "nonce"}),
        ("body", "m=audio 40000 RTP/AVP 0 8", {"40000": "media"}),
        ("body", "c=IN IP4 127.0.0.1", {"IN": "media", "IP4": "media", "127.0.0.1": "media"}),
        ("body", "a=rtpmap:0 PCMU/8000", {}),
        ("subject", "branch of a tag", {}),
    ],
)
def test_where_made_up_values_stand(key: str, line: str, expected: dict[str, str]) -> None:
    assert {value.text: value.kind for value in values_in(key, line) if value.kind} == expected


def test_values_of_a_message_are_replaced_where_they_stand() -> None:
    pairs = Pairs()
    for kind, then, now in (
        ("parameter", "1c9.1", "2d.7"), ("tag", "t1", "t77"), ("call-id", "made-up-by-us", "other"),
        ("parameter", "abc=", "xyz=="),
    ):  # fmt: skip
        assert pairs.join(kind, then, now)
    assert pairs.translate(Message.parse(BYE.encode()), b"").decode() == (
        "BYE sip:bob@192.0.2.2;thinfo=xyz== SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-alice\r\n"
        "Route: <sip:127.0.0.1;lr;did=2d.7>\r\nTo: <sip:bob@x>;tag=t77\r\nFrom: t1 <sip:a@x>;tag=alice\r\n"
        "Call-ID: other@x\r\nReplaces: other@x;to-tag=t77\r\nCSeq: 2 BYE\r\n\r\nt1"
    )


def test_one_value_stands_for_one_other() -> None:
    pairs = Pairs()
    assert pairs.join("tag", "a", "1")
    assert pairs.join("tag", "a", "1")
    assert not pairs.join("tag", "a", "2")
    assert not pairs.join("tag", "b", "1")
    assert pairs.join("tag", "b", "2")
    assert pairs.named("x;tag=a y;tag=2") == "x;tag=<tag 1> y;tag=<tag 2>"


def test_whole_routes_are_replaced() -> None:
    pairs = Pairs()
    pairs.join_routes("<sip:a;lr>, <sip:b;r2=on;lr>", "<sip:c;lr;did=1>,<sip:d;lr>")
    message = Message.parse(b"BYE sip:x SIP/2.0\r\nRoute: <sip:b;r2=on;lr>,<sip:a;lr>\r\nCSeq: 1 BYE\r\n\r\n")
    assert b"Route: <sip:d;lr>,<sip:c;lr;did=1>\r\n" in pairs.translate(message, b"")


def test_heard_values_and_when() -> None:
    heard = Heard()
    heard.add(Message.parse(b"OPTIONS sip:one SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"))
    heard.add(Message.parse(b"OPTIONS sip:two SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\nbody"))
    assert heard.has("one")
    assert heard.has("body")
    assert heard.has("one", 1)
    assert not heard.has("two", 1)
    assert not heard.has("three")


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.sampled_from(["via", "contact", "body", "call-id"]))
def test_values_and_separators_are_all_of_a_line(line: str, key: str) -> None:
    values = [value.text for value in values_in(key, line)]
    between = separators_in(line)
    assert between[0] + "".join(value + rest for value, rest in zip(values, between[1:], strict=True)) == line
    assert kind_at(key, "") in ("", "call-id")


@given(st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=40))
def test_without_pairs_nothing_changes(value: str) -> None:
    text = f"MESSAGE sip:x SIP/2.0\nContact: {value}x\r\nX: {value}x\r\n folded\r\nCSeq: 1 MESSAGE\r\n\r\n{value}"
    data = text.encode("latin-1")
    assert Pairs().translate(Message.parse(data), data) == data
