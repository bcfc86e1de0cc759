"""Requests to a dispatcher."""

from __future__ import annotations

import pytest

from relayscript.engines.contract import Exchange, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.mediaproxy.requests import (
    AnnouncedStream,
    RelayPorts,
    decimal_dialog_id,
    parse_update_reply,
    remove,
    update,
)

STREAM = AnnouncedStream("audio", "192.0.2.1", 5000, "sendrecv", False)


def test_an_update() -> None:
    exchange = Exchange(
        "", "alice", source="192.0.2.1", cseq="7 INVITE", from_uri="sip:alice@example.com;x=y",
        to_uri="sips:bob@example.com", user_agent="Phone 1", out_iface="10.0.0.1", dialog_id="c21.5",
    )  # fmt: skip
    assert update(Session("call-1"), exchange, [STREAM, STREAM]).decode() == (
        "update\r\ntype: request\r\ndialog_id: 1288490188805\r\ncall_id: call-1\r\ncseq: 7\r\n"
        "from_uri: alice@example.com\r\nto_uri: bob@example.com\r\nfrom_tag: alice\r\nuser_agent: Phone 1\r\n"
        "signaling_ip: 192.0.2.1\r\nmedia_relay: 10.0.0.1\r\n"
        "media: audio:192.0.2.1:5000:sendrecv:ice=no,audio:192.0.2.1:5000:sendrecv:ice=no\r\n\r\n"
    )


def test_an_update_for_a_reply_names_the_tags_of_the_message() -> None:
    text = update(Session("call-1", branch=2), Exchange("", "bob", "alice", in_reply=True), []).decode()
    assert "type: reply\r\n" in text
    assert "call_id: call-1-2\r\n" in text
    assert "from_tag: alice\r\nto_tag: bob\r\nuser_agent: unknown agent\r\n" in text


def test_a_remove() -> None:
    assert remove(Session("c", "a", "b")) == b"remove\r\ncall_id: c\r\nfrom_tag: a\r\nto_tag: b\r\n\r\n"


def test_a_value_that_would_become_another_line() -> None:
    with pytest.raises(EngineError):
        remove(Session("c\r\nx: y", "a"))


@pytest.mark.parametrize(("did", "number"), [("", ""), ("x.y", ""), ("1.2", str((1 << 32) | 2)), ("01.", "")])
def test_dialog_ids(did: str, number: str) -> None:
    assert decimal_dialog_id(did) == number


def test_replies() -> None:
    assert parse_update_reply(b"10.0.0.1 40000 0", 2) == RelayPorts("10.0.0.1", (40000, 0))
    for reply in (b"", b"error", b"10.0.0.1 40000", b"10.0.0.1 x y"):
        with pytest.raises(EngineError):
            parse_update_reply(reply, 2)
