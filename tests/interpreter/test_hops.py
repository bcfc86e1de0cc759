"""Loops end, spirals pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.sip.message import Message
from tests.interpreter.modules.stage import ALICE, PROXY, Proxy, request

TO_SELF = """
route {
	if (is_method("ACK")) exit;
	$du = "sip:127.0.0.1:5060";
	RELAY;
}
"""
SECOND = ("127.0.0.1", 5080)


def circular(script: str, modules: str = "tm sl rr sipmsgops maxfwd") -> tuple[Proxy, list[Message]]:
    """A proxy that gets what it sends to itself; with all that passed."""
    made, passed = Proxy(script, modules), list[Message]()

    def receive(listener: int, source: tuple[str, int]) -> Callable[[bytes], None]:
        def taken(data: bytes) -> None:
            passed.append(Message.parse(data))
            assert len(passed) < 5000
            made.runtime.receive(data, source, made.runtime.listeners[listener])

        return taken

    made.host.endpoints[PROXY] = receive(0, PROXY)
    made.host.endpoints[SECOND] = receive(1, PROXY)
    return made, passed


def finals(made: Proxy) -> list[int]:
    return [message.status for message in made.got["alice"] if message.status >= 200]


@pytest.mark.parametrize("relay", ["t_relay()", "forward()"])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_a_script_that_relays_to_itself_ends(relay: str, method: str) -> None:
    made, passed = circular(TO_SELF.replace("RELAY", relay))
    made.send(request(method))
    made.host.pass_time(120)
    assert len([message for message in passed if message.is_request and message.method == method]) == 2
    assert finals(made)[:1] == [482]
    assert made.runtime.statistics["core:bad_loop-detected"] == 1
    assert len(made.runtime.modules["tm"].table) == 0  # type: ignore[attr-defined]


def test_a_loop_in_which_the_message_grows_ends_too() -> None:
    script = TO_SELF.replace("RELAY;", 'append_hf("P-Hint: again\\r\\n"); record_route(); t_relay();')
    made, passed = circular(script)
    made.send(request("OPTIONS"))
    made.host.pass_time(60)
    assert finals(made) == [482]
    assert len([message for message in passed if message.is_request]) == 2


def test_a_forking_loop_does_not_explode() -> None:
    script = """
route {
	if (is_method("ACK")) exit;
	$branch = "sip:bob@127.0.0.1:5080";
	$du = "sip:127.0.0.1:5060";
	t_relay();
}
"""
    made, passed = circular(script)
    made.send(request("INVITE"))
    made.host.pass_time(120)
    assert set(finals(made)) == {482}
    assert len([message for message in passed if message.is_request and message.method == "INVITE"]) < 100


def test_a_cancel_into_a_loop_finds_its_way() -> None:
    made, _ = circular(TO_SELF.replace("RELAY", "t_relay()"))
    made.send(request("INVITE"))
    made.send(request("INVITE").replace("INVITE sip", "CANCEL sip").replace("1 INVITE", "1 CANCEL"))
    made.host.pass_time(60)
    assert set(finals(made)) <= {200, 482, 487}
    assert made.runtime.statistics.get("core:internal_errors", 0) == 0


@pytest.mark.parametrize("relay", ["t_relay()", "forward()"])
def test_a_spiral_whose_uri_changes_passes(relay: str) -> None:
    script = f"""
route {{
	if ($rU =~ "^a{{0,5}}$") {{
		$rU = "a" + $rU;
		$du = "sip:127.0.0.1:5060";
	}} else
		$du = "sip:192.0.2.2:5060";
	{relay};
}}
"""
    made, passed = circular(script)
    made.send(request("OPTIONS", "sip:a@example.com"))
    assert [message.uri for message in made.got["bob"]] == ["sip:aaaaaa@example.com"]
    assert len(passed) == 5


def test_a_spiral_to_another_socket_passes() -> None:
    script = """
route {
	if ($socket_in(port) == 5080)
		$du = "sip:192.0.2.2:5060";
	else
		$du = "sip:127.0.0.1:5080";
	t_relay();
}
"""
    made, _ = circular(script)
    made.send(request("OPTIONS"))
    assert len(made.take("bob").vias()) == 3


def test_a_request_that_another_proxy_sends_back_unchanged_passes_once() -> None:
    script = """
route {
	$du = "sip:192.0.2.2:5060";
	if ($si == "192.0.2.2")
		$du = "sip:192.0.2.1:5060";
	t_relay();
}
"""
    made = Proxy(script)

    def bounce(data: bytes) -> None:
        via = b"Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKbob%d\r\n" % len(data)
        made.runtime.receive(data.replace(b"Via:", via + b"Via:", 1), ("192.0.2.2", 5060), made.runtime.listeners[0])

    made.host.endpoints[("192.0.2.2", 5060)] = bounce
    made.send(request("OPTIONS"))
    assert [message.method for message in made.got["alice"]] == ["OPTIONS"]


def test_it_can_be_switched_off_and_maxfwd_ends_it_then() -> None:
    script = """
loop_detection=0
route {
	if (is_method("ACK")) exit;
	if (!mf_process_maxfwd_header(10)) {
		sl_send_reply(483, "Too Many Hops");
		exit;
	}
	$du = "sip:127.0.0.1:5060";
	t_relay();
}
"""
    made, passed = circular(script)
    made.send(request("OPTIONS"))
    made.host.pass_time(60)
    assert finals(made) == [483]
    assert len([message for message in passed if message.is_request]) == 70


@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize(("count", "status"), [(256, 0), (257, 483), (2000, 483)])
def test_too_many_vias(count: int, status: int, comma: bool) -> None:
    made = Proxy('route { $du = "sip:192.0.2.2:5060"; t_relay(); }')
    more = [f"SIP/2.0/UDP h{n}.example.com;branch=z9hG4bK{n}" for n in range(count - 1)]
    vias = "Via: " + ", ".join(more) if comma else "\n".join(f"Via: {via}" for via in more)
    made.send(request("OPTIONS").replace("From:", f"{vias}\nFrom:"), ALICE)
    assert [message.status for message in made.got["alice"]] == ([status] if status else [])
    assert len(made.got["bob"]) == (0 if status else 1)


def test_an_ack_with_too_many_vias_is_dropped() -> None:
    made = Proxy('max_hops=2\nroute { $du = "sip:192.0.2.2:5060"; t_relay(); }')
    vias = "Via: SIP/2.0/UDP h.example.com;branch=z9hG4bK1\n" * 3
    made.send(request("ACK", to_tag="x").replace("From:", f"{vias}From:"))
    assert made.got == {"alice": [], "bob": []}


def test_a_virtual_host_is_neither_late_nor_large() -> None:
    host = VirtualHost()
    assert (host.lag, host.resident) == (0.0, 0)
