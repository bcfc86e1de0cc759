"""The message itself and its flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Dual, Named, Value

REPLY = "SIP/2.0 183 Session Progress\nVia: SIP/2.0/UDP h\nCSeq: 1 INVITE\n"
SCRIPT = 'route { setflag("A"); if (isflagset("B")) exit; $msg.flag(C) = 1; xlog("$msg.flag(D)\\n"); setbflag("E"); }'


def test_a_request(stage: Set) -> None:
    assert stage().show("$rm|$rs|$rr|$msg.type|$msg.is_request") == "INVITE|<null>|<null>|request|true"


def test_a_reply(stage: Set) -> None:
    assert stage(REPLY).show("$rm|$rs|$rr|$msg.type|$msg.is_request") == "INVITE|183|Session Progress|reply|false"


def test_methods_have_numbers(stage: Set) -> None:
    method = stage().read("$rm")
    assert isinstance(method, Dual)
    assert method.number == 1


def test_the_bytes(stage: Set) -> None:
    on = stage()
    data = on.message.data.decode("latin-1")
    assert on.read("$mb") == data
    assert on.read("$ml") == len(data)


def test_the_number_stays(stage: Set) -> None:
    on = stage()
    on.runtime.statistics |= {"core:rcv_requests": 3, "core:rcv_replies": 4}
    assert on.read("$mi") == 7
    on.runtime.statistics["core:rcv_requests"] = 9
    assert on.read("$mi") == 7


def test_flags_are_listed_newest_name_first(stage: Set) -> None:
    on = stage(script=SCRIPT)
    assert on.show("[$mf] [$bf]") == "[] []"
    on.context.flags |= {"A", "B", "C", "D"}
    on.context.branch.flags.add("E")
    assert on.show("[$mf] [$bf]") == "[D C B A] [E]"


@pytest.mark.parametrize(
    ("value", "succeeds", "shown"),
    [(1, True, "true"), (0, True, "false"), (-3, True, "true"), ("1", False, "false"), (None, False, "false"),
     (Named(1, "true"), True, "true")],
)  # fmt: skip
def test_writing_a_flag(stage: Set, value: Value, succeeds: bool, shown: str) -> None:
    on = stage()
    assert on.write("$msg.flag(X)", value) is succeeds
    assert on.show("$msg.flag(X)") == shown


def test_a_message_made_here_shows_as_it_would_be_sent(stage: Set) -> None:
    on = stage()
    on.message.data = b""
    assert str(on.read("$mb")).startswith("INVITE sip:bob@example.com:5070;user=phone SIP/2.0\r\nVia: ")
