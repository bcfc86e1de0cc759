"""Stateless replies, and the ACK to a refusal that never reaches the script."""

from __future__ import annotations

from .stage import Proxy, request

SCRIPT = """
route {
    xlog("saw $rm");
    if (is_method("OPTIONS")) { sl_reply_error(); exit; }
    if (is_method("INFO")) { sl_send_reply(99, "Too low"); xlog("rc=$rc"); exit; }
    append_to_reply("X-Reason: none\\r\\n");
    sl_send_reply(404, "Not Here");
}
"""


def test_a_retransmission_gets_the_same_answer() -> None:
    proxy = Proxy(SCRIPT, "sl sipmsgops")
    proxy.send(request("INVITE"))
    proxy.send(request("INVITE"))
    first, second = proxy.take("alice"), proxy.take("alice")
    assert first.first_line == "SIP/2.0 404 Not Here"
    assert first.header("x-reason") == "none"
    assert first.to_tag
    assert first.data == second.data


def test_the_ack_to_a_refusal_is_absorbed_and_others_are_not() -> None:
    proxy = Proxy(SCRIPT, "sl sipmsgops")
    proxy.send(request("INVITE"))
    tag = proxy.take("alice").to_tag
    ack = request("ACK", to_tag=tag).replace("z9hG4bKaliceACK", "z9hG4bKaliceINVITE")
    proxy.send(ack)
    assert proxy.log == ["saw INVITE"]
    assert proxy.runtime.statistics["sl:received_ACKs"] == 1
    proxy.send(request("ACK", to_tag="other"))
    assert "saw ACK" in proxy.log


def test_an_ack_gets_no_answer() -> None:
    proxy = Proxy(SCRIPT, "sl sipmsgops")
    proxy.send(request("ACK", to_tag="x"))
    assert proxy.got["alice"] == []


def test_an_error_reply_is_500() -> None:
    proxy = Proxy(SCRIPT, "sl sipmsgops")
    proxy.send(request("OPTIONS"))
    assert proxy.take("alice").first_line == "SIP/2.0 500 Server error occurred (1/SL)"
    assert proxy.runtime.statistics["sl:sent_err_replies"] == 1
    assert proxy.runtime.statistics["sl:5xx_replies"] == 1


def test_a_code_that_is_none_is_refused() -> None:
    proxy = Proxy(SCRIPT, "sl sipmsgops")
    proxy.send(request("INFO"))
    assert proxy.log[-1] == "rc=-1"
    assert proxy.got["alice"] == []


def test_nothing_is_counted_if_not_wanted() -> None:
    for setting, counted in ((1, 1), (0, 0)):
        proxy = Proxy(f'modparam("sl", "enable_stats", {setting})\n{SCRIPT}', "sl sipmsgops")
        proxy.send(request("INVITE"))
        assert proxy.runtime.statistics["sl:sent_replies"] == counted
