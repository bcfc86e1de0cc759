"""Overload: who is refused, how, and who is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from relayscript.interpreter.observer import Observer
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener
from tests.interpreter.modules.stage import BOB, Proxy, reply, request

RELAY = """
route {
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	t_check_trans();
	if (has_totag())
		loose_route();
	$du = "sip:192.0.2.2:5060";
	t_relay();
}
"""


def proxy(limits: str, script: str = RELAY) -> Proxy:
    return Proxy(limits + script)


def busy(limits: str = "max_transactions=1\n") -> Proxy:
    """A proxy at its limit: one call rings."""
    made = proxy(limits)
    made.send(request("INVITE"))
    assert made.take("alice").status == 100
    return made


def statuses(made: Proxy) -> list[int]:
    """The answers that alice got since."""
    found = [message.status for message in made.got["alice"]]
    made.got["alice"].clear()
    return found


def test_a_new_request_beyond_the_limit_gets_a_valid_503() -> None:
    made = busy("max_transactions=1\nshed_retry_after=17\n")
    made.send(request("INVITE", call_id="second"))
    refusal = made.take("alice")
    assert (refusal.first_line, refusal.header("retry-after")) == ("SIP/2.0 503 Service Unavailable", "17")
    assert (refusal.call_id, refusal.cseq, refusal.from_tag) == ("second", (1, "INVITE"), "alice")
    assert refusal.to_tag
    assert [via.sent_by for via in refusal.vias()] == ["192.0.2.1:5060"]
    assert refusal.content_length == 0
    assert len(made.got["bob"]) == 1
    assert made.runtime.statistics["overload:requests"] == made.runtime.statistics["overload:transactions"] == 1


def test_the_ack_to_a_503_ends_here_and_a_retransmission_is_answered_alike() -> None:
    made = busy()
    made.send(request("INVITE", call_id="second"))
    refusal = made.take("alice")
    ack = request("INVITE", call_id="second", to_tag=refusal.to_tag)
    made.send(ack.replace("INVITE sip", "ACK sip").replace("1 INVITE", "1 ACK"))
    made.send(request("INVITE", call_id="second"))
    assert made.take("alice").to_tag == refusal.to_tag
    assert len(made.got["bob"]) == 1


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE"])
def test_whatever_begins_something_is_refused(method: str) -> None:
    made = busy()
    made.send(request(method, call_id="second"))
    assert statuses(made) == [503]


@pytest.mark.parametrize(("method", "tag"), [("BYE", "bob"), ("INVITE", "bob"), ("UPDATE", "bob"), ("BYE", "")])
def test_what_belongs_to_a_call_is_served(method: str, tag: str) -> None:
    made = busy()
    made.send(request(method, to_tag=tag, cseq=2))
    assert 503 not in statuses(made)
    assert made.got["bob"][-1].method == method


def test_a_call_goes_on_through_the_storm_to_its_end() -> None:
    made = busy()
    ringing = made.take("bob")
    made.send(reply(ringing, 180, "Ringing"), BOB)
    made.send(request("INVITE"))
    made.send(reply(ringing, 200), BOB)
    made.send(request("ACK", to_tag="bob"))
    assert statuses(made) == [180, 180, 200]
    assert made.take("bob").method == "ACK"


def test_a_cancel_is_served() -> None:
    made = busy()
    made.send(reply(made.take("bob"), 180, "Ringing"), BOB)
    cancel = request("INVITE").replace("INVITE sip", "CANCEL sip").replace("1 INVITE", "1 CANCEL")
    made.send(cancel)
    assert statuses(made) == [180, 200]
    assert made.take("bob").method == "CANCEL"


def test_at_twice_the_limit_only_what_ends_or_answers_is_served() -> None:
    made = busy()
    made.send(request("INVITE", to_tag="bob", call_id="other"))
    statuses(made)
    for method, expected in (("BYE", [503]), ("INFO", [503]), ("ACK", [])):
        made.send(request(method, to_tag="bob", call_id="third"))
        assert statuses(made) == expected
    assert made.got["bob"][-1].method == "ACK"


def test_below_the_limit_again_everything_is_served() -> None:
    made = busy()
    made.host.pass_time(60)
    statuses(made)
    assert len(made.runtime.modules["tm"].table) == 0  # type: ignore[attr-defined]
    made.send(request("INVITE", call_id="second"))
    assert statuses(made) == [100]


@pytest.mark.parametrize(
    ("limits", "lag", "resident", "reason"),
    [
        ("max_queue_delay=100\n", 0.101, 0, "delay"),
        ("max_memory=10\n", 0.0, 11 << 20, "memory"),
    ],
)
def test_delay_and_memory(limits: str, lag: float, resident: int, reason: str) -> None:
    made = proxy(limits)
    made.host.lag, made.host.resident = lag, resident
    made.send(request("INVITE"))
    assert statuses(made) == [503]
    assert made.runtime.statistics[f"overload:{reason}"] == 1
    made.send(request("BYE", to_tag="bob"))
    made.host.lag = made.host.resident = 0
    made.send(request("OPTIONS"))
    assert [message.method for message in made.got["bob"]] == ["BYE", "OPTIONS"]


def test_waiting_runs_count() -> None:
    made = Proxy("max_pending=3\nroute { async(sleep(5), later); }\nroute[later] { exit; }", "tm sl cfgutils")
    for number in range(5):
        made.send(request("OPTIONS", call_id=f"call-{number}"))
    assert statuses(made) == [503, 503]
    made.host.pass_time(6)
    assert made.runtime.pending == 0


def test_no_limit_is_no_limit() -> None:
    made = proxy("max_transactions=0\nmax_pending=0\nmax_queue_delay=0\nmax_memory=0\n")
    made.host.lag, made.host.resident = 1e9, 1 << 60
    made.send(request("INVITE"))
    assert statuses(made) == [100]


def test_the_log_has_one_line_per_second() -> None:
    made = busy()
    for number in range(100):
        made.send(request("OPTIONS", call_id=f"call-{number}"))
    lines = [text for text in made.log if "overload" in text]
    assert lines == ["overload (transactions): refused OPTIONS from 192.0.2.1:5060"]
    made.host.pass_time(1.0)
    made.send(request("OPTIONS", call_id="last"))
    assert made.log[-1].endswith("(99 more like this since)")


@pytest.mark.parametrize("junk", [b"junk", b"INVITE sip:x SIP/2.0\r\n\r\n", b"\0" * 100, b"\r\n\r\n"])
def test_junk_is_dropped_in_silence(junk: bytes) -> None:
    made = busy()
    made.runtime.receive(junk, BOB, made.runtime.listeners[0])
    made.host.settle()
    assert statuses(made) == []
    assert made.runtime.statistics.get("core:internal_errors", 0) == 0


def test_what_is_refused_is_shown_to_observers() -> None:
    made, seen = busy(), list[bool]()

    def note(sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        seen.append(sent)

    made.runtime.observers.append(cast(Observer, SimpleNamespace(message=note, log=lambda *event: None)))
    made.send(request("OPTIONS", call_id="second"))
    assert seen == [False, True]
    assert isinstance(made.take("alice"), Message)
