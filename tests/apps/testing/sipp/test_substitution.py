"""Keywords in the messages that a party sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.sip.digest import Credentials, answer, parse_challenge
from tests.apps.testing.sipp.lab import Lab, reply, scenario, send, shows

ROUTES = 'Record-Route: <sip:1.1.1.1;lr>, <sip:2.2.2.2;lr>\nContact: "x" <sip:far@3.3.3.3;x=1>;q=1'
CHALLENGE = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'


def test_addresses_and_numbers(tmp_path: Path) -> None:
    more = (
        "H1: [service] [remote_ip] [remote_port] [local_ip] [local_ip_type] [local_port] [transport] [server_ip]\n"
        "H2: [media_ip] [media_ip_type] [media_port] [media_port+2] [auto_media_port] [rtpstream_audio_port]\n"
        "H3: [call_number] [cseq] [cseq+1] [pid] [msg_index] [branch-1] [callee] [last_cseq_number] [last_message]x\n"
        "H4: [clock_tick] [date] [timestamp] [dynamic_id]"
    )
    message = Lab(tmp_path, scenario(send("OPTIONS", more=more)), callee="bob").last
    assert message.header("h1") == "service 127.0.0.1 5070 192.0.2.1 4 5060 UDP 192.0.2.1"
    assert message.header("h2") == "192.0.2.1 4 4000 4002 4000 4000"
    assert message.header("h3") == "1 1 2 7 0 z9hG4bK-7-1--1 bob 0 x"
    assert message.header("h4") == (
        "0 Thu, 01 Jan 2026 00:00:00 GMT 2026-01-01\t00:00:00.250000\t1767225600.250000 10000"
    )
    assert message.call_id == "1-7@192.0.2.1"
    assert message.header("via") == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-7-1-0"


def test_the_length_is_that_of_the_body(tmp_path: Path) -> None:
    xml = scenario(send("OPTIONS").replace("\n\n]]", "\n\n  one\n  two\n]]"))
    message = Lab(tmp_path, xml).last
    assert (message.body, message.header("content-length")) == ("one\r\ntwo\r\n", "10")
    assert b"Content-Length:    10\r\n" in (message.data or b"")


def test_each_request_counts_but_not_an_ack_or_cancel(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario("".join(send(each) for each in ("INVITE", "ACK", "CANCEL", "BYE"))))
    assert [each.cseq[0] for each in lab.sent] == [1, 1, 1, 2]


def test_routes_and_target_of_the_first_answer(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(
        send("INVITE", more="[routes]\nN: <[next_url]>")
        + '<recv response="180" rrs="true"/><recv response="200" rrs="true"/>'
        + send("ACK", more="[routes]\nN: <[next_url]>")
    ))  # fmt: skip
    assert (lab.last.header("route"), lab.last.header("n")) == (None, "<>")
    lab.answer(180, ROUTES)
    lab.answer(200, "Record-Route: <sip:9.9.9.9;lr>")
    assert (lab.last.header("route"), lab.last.header("n")) == (
        "<sip:2.2.2.2;lr>, <sip:1.1.1.1;lr>", "<sip:far@3.3.3.3;x=1>",
    )  # fmt: skip
    assert lab.last.header("to") == "<sip:b@127.0.0.1>;tag=peer"


def test_the_first_route_is_the_target_if_it_is_a_strict_router(tmp_path: Path) -> None:
    lab = Lab(tmp_path, scenario(
        '<recv request="INVITE" rrs="true"/>' + send("BYE", more="[routes]\nN: <[next_url]>")
    ))  # fmt: skip
    lab.ask("INVITE", more="Record-Route: <sip:1.1.1.1>, <sip:2.2.2.2;lr>\nContact: <sip:x@y>")
    assert (lab.last.header("route"), lab.last.header("n")) == ("<sip:2.2.2.2;lr>, <sip:x@y>", "<sip:1.1.1.1>")


def test_headers_of_the_last_message(tmp_path: Path) -> None:
    more = "[last_Foo:]\n[last_Bar];x\nA: [last_Foo:] rest\n[last_x-b]\nC: [last_cseq_number+1] [last_Request_URI]"
    lab = Lab(tmp_path, scenario('<recv request="OPTIONS"/>' + reply(200, more=more)))
    lab.ask("OPTIONS", 5, more="X-B: 1\nX-B: 2")
    text = (lab.last.data or b"").decode()
    assert "\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKOPTIONS5\r\n" in text
    assert "\r\nTo: <sip:alice@192.0.2.1>;tag=b\r\n" in text
    assert "CSeq: 5 OPTIONS\r\n;x\r\nA:  rest\r\nX-B: 1, 2\r\nC: 6 sip:alice@192.0.2.1\r\n" in text


def test_fields_of_an_injection_file(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("SEQUENTIAL\n# name;age\nann;1\nben;2\n")
    xml = scenario(send("OPTIONS", more='H1: [field0] [field1 file="users.csv"] <[field2]>'))
    lab = Lab(tmp_path, xml, inf="users.csv", calls=3, rate=1)
    lab.pass_time(5)
    assert [each.header("h1") for each in lab.sent] == ["ann 1 <>", "ben 2 <>", "ann 1 <>"]


@pytest.mark.parametrize(("status", "name"), [(401, "Authorization"), (407, "Proxy-Authorization")])
def test_digest(tmp_path: Path, status: int, name: str) -> None:
    more = "[authentication username=joe password=[secret]]"
    xml = scenario(send("REGISTER") + f'<recv response="{status}" auth="true"/>' + send("REGISTER", more=more))
    lab = Lab(tmp_path, xml, secret="pw")
    asked = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    lab.answer(status, f"{asked}: {CHALLENGE}")
    value = lab.last.header(name.lower()) or ""
    challenge, cnonce = parse_challenge(CHALLENGE), value.partition('cnonce="')[2][:8]
    assert challenge is not None
    assert len(cnonce) == 8
    who = Credentials("joe", "pw")
    assert value == answer(challenge, who, "REGISTER", "sip:127.0.0.1:5070", "", cnonce)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("[authentication username=a password=b]", 'needs a 401 or 407 that was received with auth="true"'),
        ("[field0]", "needs an injection file: give the party inf=FILE"),
    ],
)
def test_what_cannot_be_filled_in(tmp_path: Path, more: str, text: str) -> None:
    lab = Lab(tmp_path, scenario(send("OPTIONS", more=more)))
    assert text in lab.party.failure
    assert lab.party.failure.startswith("alice failed: x.xml:9: ")
    assert lab.sent == []


def test_a_variable_without_value_is_empty(tmp_path: Path) -> None:
    assert Lab(tmp_path, scenario(shows("a"))).values() == [""]
