"""How recorded events are written."""

from __future__ import annotations

import pytest

from relayscript.apps.testing.naming import Namer
from relayscript.apps.testing.recorder import Recorder
from relayscript.apps.testing.transcript import Transcript, ranges
from relayscript.sip.transport import Address, Listener

LISTENER = Listener("udp", "127.0.0.1", 5060)
ALICE, BOB = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
REQUEST = (
    "{method} sip:bob@192.0.2.2 SIP/2.0\r\n{top}Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\n"
    "Max-Forwards: {hops}\r\nFrom: <sip:alice@192.0.2.1>;tag=alice\r\nTo: <sip:bob@192.0.2.2>\r\n"
    "Call-ID: 1\r\nCSeq: 1 {method}\r\n\r\n"
)


def name_of(address: Address) -> str:
    return {ALICE: "alice", BOB: "bob"}.get(address, "stranger")


def write(recorder: Recorder) -> list[str]:
    return Transcript(name_of, frozenset({"alice"})).text(recorder.events).splitlines()


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([4], "4"), ([4, 5, 6], "4-6"), ([4, 4, 5, 9, 3, 4], "4-5 9 3-4"), ([7, 8, 7, 8], "7-8 7-8")],
)
def test_ranges(numbers: list[int], text: str) -> None:
    assert ranges(numbers) == text


def test_a_message_and_what_was_changed_in_it() -> None:
    recorder = Recorder(lambda: 1.5)
    before = REQUEST.format(method="OPTIONS", top="", hops=70)
    after = REQUEST.format(method="OPTIONS", top="Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKabc\r\n", hops=69)
    recorder.message(False, LISTENER, ALICE, before.encode())
    recorder.message(True, LISTENER, BOB, after.encode())
    recorder.message(False, LISTENER, ("198.51.100.1", 9), b"\0\1")
    assert write(recorder) == [
        "   1.500  alice -> OPTIONS sip:bob@192.0.2.2",
        "   1.500  bob <- OPTIONS sip:bob@192.0.2.2",
        "          |   - Max-Forwards: 70",
        "          |   + Via: SIP/2.0/UDP 127.0.0.1;branch=<branch 1>",
        "          |   + Max-Forwards: 69",
        "   1.500  | stranger -> 2 bytes that are not SIP",
    ]


def test_requests_of_the_two_sides_of_a_call_are_told_apart() -> None:
    recorder = Recorder(lambda: 0.0)
    ours = REQUEST.format(method="INFO", top="", hops=70)
    theirs = ours.replace("tag=alice", "tag=bob").replace("<sip:bob@192.0.2.2>\r", "<sip:bob@192.0.2.2>;tag=alice\r")
    recorder.message(False, LISTENER, ALICE, ours.encode())
    recorder.message(False, LISTENER, BOB, theirs.encode())
    recorder.message(True, LISTENER, ALICE, theirs.replace("Max-Forwards: 70", "Max-Forwards: 69").encode())
    assert write(recorder)[-2:] == ["          |   - Max-Forwards: 70", "          |   + Max-Forwards: 69"]


def test_a_message_of_the_server_is_shown_with_what_is_special_in_it() -> None:
    recorder = Recorder(lambda: 0.0)
    reply = (
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\n"
        "To: <sip:bob@192.0.2.2>;tag=made\r\nCSeq: 1 OPTIONS\r\nX-Why: because\r\nContent-Length: 0\r\n\r\n"
    )
    recorder.message(True, LISTENER, ALICE, reply.encode())
    assert write(recorder) == ["   0.000  alice <- 200 OPTIONS", "          |   + X-Why: because"]


def test_what_the_script_did() -> None:
    recorder = Recorder(lambda: 0.25)
    for line in (3, 4, 5, 9):
        recorder.line("/etc/a.cfg", line)
    recorder.log(2, "engaging\n")
    recorder.relay("udp:10.0.0.9:1", True, "12_34_5 U call 192.0.2.1 4000 z9hG4bKabc;1")
    recorder.relay("udp:10.0.0.9:1", False, "40000 10.0.0.9\n")
    recorder.said("wait 2s")
    recorder.result("[]")
    assert write(recorder) == [
        "   0.250  |   a.cfg: 3-5 9",
        "          |   notice: engaging",
        "          |   udp:10.0.0.9:1 < <cookie 1> U call 192.0.2.1 4000 z9hG4bKabc;1",
        "          |   udp:10.0.0.9:1 > 40000 10.0.0.9",
        "   0.250  wait 2s",
        "          |   = []",
    ]


def test_questions_what_a_node_can_do_are_left_out() -> None:
    recorder = Recorder(lambda: 0.0)
    for sent, text in (
        (True, "V"),
        (False, "20040107"),
        (True, "VF 1"),
        (True, "1_2_3 VF 2"),
        (False, "1\n"),
    ):
        recorder.relay("rtp.io:auto", sent, text)
    for sent, text in ((False, "1_2_3 0"), (True, "D call a"), (False, "0")):
        recorder.relay("rtp.io:auto", sent, text)
    assert [row.partition("|   ")[2] for row in write(recorder)] == [
        "rtp.io:auto < V",
        "rtp.io:auto > 20040107",
        "rtp.io:auto < D call a",
        "rtp.io:auto > 0",
    ]


def test_names_are_numbered_as_they_appear_and_kept() -> None:
    namer = Namer(frozenset({"alice"}))
    assert namer.text("<sip:a>;tag=alice") == "<sip:a>;tag=alice"
    assert namer.text("Via: x;branch=z9hG4bKfoo;rport") == "Via: x;branch=<branch 1>;rport"
    assert namer.text("branch=z9hG4bK-own") == "branch=z9hG4bK-own"
    assert namer.text("To: <x>;tag=f00") == "To: <x>;tag=<tag 1>"
    assert namer.text("D call alice f00;1 z9hG4bKfoo") == "D call alice <tag 1>;1 <branch 1>"
    assert namer.text("<sip:p;lr;did=1a.2b>") == "<sip:p;lr;did=<did 1>>"


def test_the_folder_of_a_script_is_left_out() -> None:
    namer = Namer()
    assert namer.text("/srv/calls/x.cfg:12: no address") == "x.cfg:12: no address"
    assert namer.text("sip:a/b@192.0.2.1:5060: kept") == "sip:a/b@192.0.2.1:5060: kept"
