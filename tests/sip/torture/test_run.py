"""Torture messages through a whole script: what goes on does so intact, what does not is answered or dropped."""

from __future__ import annotations

import re

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.sanity import check
from relayscript.sip.sdp import Description
from relayscript.sip.stream import Framer
from tests.sip.torture.messages import TortureMessage, messages

SCRIPT = """
socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
error_route {
	sl_send_reply($err.rcode, $err.rreason);
	exit;
}
route {
	if (!mf_process_maxfwd_header(70)) {
		sl_send_reply(483, "Too Many Hops");
		exit;
	}
	loose_route();
	record_route();
	$du = "sip:192.0.2.99:5060";
	if (!t_relay())
		sl_send_reply(500, "Not Relayed");
}
"""
SENDER = "192.0.2.77"
NEXT = ("192.0.2.99", 5060)
OURS = {"Via", "Record-Route"}
TOUCHED = re.compile(r"(?:via|v|max-forwards|l|content-length)[ \t]*:", re.IGNORECASE)


class Lab:
    """A proxy of that script; `forwarded` is what it sent on, `answered` what it sent back."""

    def __init__(self) -> None:
        parsed = parse_text(SCRIPT)
        assert parsed.script is not None, parsed.diagnostics
        self.host = VirtualHost()
        self.forwarded: list[bytes] = []
        self.answered: list[bytes] = []
        self.runtime = Runtime(parsed.script, self.host, target="4.0")
        self.host.endpoints[NEXT] = self.forwarded.append
        self.runtime.start()
        self.host.settle()

    def play(self, data: bytes) -> None:
        """A message comes in, from where its sender would hear an answer."""
        for port in {5060, _port(data)}:
            self.host.endpoints[SENDER, port] = self.answered.append
        self.runtime.receive(data, (SENDER, 5060), self.runtime.listeners[0])
        self.host.settle()

    @property
    def outcome(self) -> str:
        """What became of the message."""
        statuses = [Message.parse(data).status for data in self.answered]
        if self.forwarded:
            return "forwarded"
        return f"answered {statuses[-1]}" if statuses else "dropped"


def _port(data: bytes) -> int:
    try:
        return Message.parse(data).top_via.port or 5060
    except SipError:
        return 5060


def named(name: str) -> TortureMessage:
    """The message of that name."""
    return next(each for each in messages() if each.name == name)


every = pytest.mark.parametrize("message", messages(), ids=lambda each: f"{each.section}-{each.name}")


@every
def test_what_becomes_of_it(message: TortureMessage) -> None:
    lab = Lab()
    lab.play(message.data)
    assert lab.outcome == message.here, "\n".join(text for _, text in lab.host.logged)


@every
def test_what_is_forwarded_is_intact(message: TortureMessage) -> None:
    lab = Lab()
    lab.play(message.data)
    for data in lab.forwarded:
        sent, came = Message.parse(data), Message.parse(message.data)
        assert sent.first_line == came.first_line
        assert (sent.body, sent.trailer) == (came.body, came.trailer)
        kept = [line for line in sent.lines if not TOUCHED.match(line) and line.partition(":")[0] not in OURS]
        assert kept == [line for line in came.lines if not TOUCHED.match(line) and line.partition(":")[0] not in OURS]
        assert len(sent.headers("via")) == len(came.headers("via")) + 1


def test_the_tortuous_invite_goes_on_intact_once_its_cseq_is_on_one_line() -> None:
    lab = Lab()
    lab.play(named("wsinv").data.replace(b"cseq: 0009\r\n  INVITE", b"cseq: 0009 INVITE"))
    (data,) = lab.forwarded
    assert b"\r\ns :\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n" in data
    assert b"\r\nUnknownHeaderWithUnusualValue: ;;,,;;,;\r\n" in data
    assert b"\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=" in data
    assert data.endswith(b"a=rtpmap:31 LPC\r\n")


def test_a_branch_that_is_the_cookie_alone_tells_no_requests_apart() -> None:
    lab = Lab()
    data = named("badbranch").data
    lab.play(data)
    lab.play(data)
    lab.play(data.replace(b"CSeq: 8", b"CSeq: 9"))
    assert [Message.parse(sent).cseq[0] for sent in lab.forwarded] == [8, 9]


@every
def test_nothing_of_it_is_left(message: TortureMessage) -> None:
    lab = Lab()
    lab.play(message.data)
    lab.play(message.data)
    lab.host.pass_time(300)
    assert len(lab.runtime.modules["tm"].table) == 0  # type: ignore[attr-defined]
    assert lab.runtime.statistics.get("core:internal_errors", 0) == 0
    assert lab.runtime.pending == 0


@every
def test_an_answer_is_a_response_to_it(message: TortureMessage) -> None:
    lab = Lab()
    lab.play(message.data)
    for data in lab.answered:
        reply, came = Message.parse(data), Message.parse(message.data)
        if message.name not in ("wsinv", "quotbal"):  # what is malformed in them is copied
            check(reply)
            assert reply.to_tag or reply.status == 100 or came.header("to") is None
        assert reply.header("call-id") == came.header("call-id")
        assert reply.header("cseq") == came.header("cseq")
        assert len(reply.headers("via")) == len(came.headers("via"))


@every
def test_a_stream_gives_it_whole_or_ends(message: TortureMessage) -> None:
    framer = Framer()
    found = framer.receive(message.data)
    if framer.fault is None and found:
        assert message.data.startswith(found[0])
        assert framer.receive(b"OPTIONS sip:h SIP/2.0\r\nl: 0\r\n\r\n")[-1:] != []
    elif framer.fault is not None:
        assert message.name in ("clerr", "ncl", "mcl01", "inv2543", "dblreq")
    else:
        assert framer.is_partial


@pytest.mark.parametrize("message", [each for each in messages() if each.section in ("4.6", "4.8", "4.9")])
def test_both_families_in_a_session_description(message: TortureMessage) -> None:
    body = Message.parse(message.data).body
    description = Description(body)
    assert str(description) == body
    addresses = [description.address(line) for line, text in enumerate(description.lines) if text.startswith("c=")]
    assert {each.family for each in addresses if each} <= {"IP4", "IP6"}
    assert [stream.media for stream in description.streams] == ["audio", "video"]


def test_there_are_all_of_them() -> None:
    sections = [each.section for each in messages() if each.section.startswith("3.")]
    assert len(sections) == 49
    assert len(messages()) == 61
    assert all(each.data.count(b"\r\n\r\n") for each in messages())
    assert named("esc01").data.endswith(b"LPC\r\n")


@every
def test_the_length_is_right_where_it_should_be(message: TortureMessage) -> None:
    head, _, body = message.data.partition(b"\r\n\r\n")
    found = re.findall(rb"\r\n(?:content-length|l)\s*:\s*(-?\d+)", head, re.IGNORECASE)
    if found and message.name not in ("clerr", "ncl", "mcl01", "dblreq"):
        assert len(body) == int(found[0])
