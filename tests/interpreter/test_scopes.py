"""Variables read from the other message of a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.sip.message import Message

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

REPLY = "SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP h\nFrom: <sip:a@b>\nTo: <sip:a@b>;tag=t\nCSeq: 1 INVITE\n"


def test_the_request_of_a_reply(stage: Set) -> None:
    on = stage(REPLY)
    assert on.show("$(<request>rm) $(<request>ru) $(<reply>rs)") == "<null> <null> 180"
    on.context.request = stage().message
    assert on.show("$(<request>rm) $(<request>fU) $(<request>ru{uri.user})") == "INVITE alice bob"
    assert on.read("$rs") == 180


def test_the_reply_in_a_failure_route(stage: Set) -> None:
    on = stage()
    assert on.show("$(<reply>rs) $(<request>rm)") == "<null> INVITE"
    on.context.reply = Message.parse(b"SIP/2.0 486 Busy\r\nCSeq: 1 INVITE\r\n\r\n")
    assert on.show("$(<reply>rs) $(<reply>rr) $rs") == "486 Busy <null>"
    on.context.reply = Message.parse(b"SIP/2.0 600 No\r\nCSeq: 1 INVITE\r\n\r\n")
    assert on.read("$(<reply>rs)") == 600


def test_avps_and_flags_are_those_of_the_run(stage: Set) -> None:
    on = stage(REPLY)
    on.context.request = stage().message
    on.write("$avp(a)", "x")
    on.context.flags.add("F")
    assert on.show("$(<request>avp(a)) $(<request>msg.flag(F))") == "x true"
