"""Replies through the transaction if there is one, else stateless."""

from __future__ import annotations

from .stage import Proxy, request


def test_without_a_transaction_sl_answers() -> None:
    proxy = Proxy('route { xlog("$sig_local_totag"); send_reply(404, "No"); }', "sl tm signaling")
    proxy.send(request("MESSAGE"))
    assert proxy.take("alice").to_tag == proxy.log[0]
    assert proxy.runtime.statistics["sl:4xx_replies"] == 1


def test_in_a_transaction_tm_answers() -> None:
    proxy = Proxy('route { t_newtran(); send_reply(404, "No"); xlog("$sig_local_totag"); }', "sl tm signaling")
    proxy.send(request("MESSAGE"))
    assert proxy.take("alice").to_tag == proxy.log[0]
    assert proxy.runtime.statistics["sl:4xx_replies"] == 0


def test_without_sl_a_transaction_is_made() -> None:
    proxy = Proxy('route { send_reply(404, "No"); }', "tm signaling")
    proxy.send(request("MESSAGE"))
    assert proxy.take("alice").status == 404


def test_with_neither_it_fails() -> None:
    proxy = Proxy('route { send_reply(404, "No"); xlog("rc=$rc"); }', "signaling")
    proxy.send(request("MESSAGE"))
    assert proxy.got["alice"] == []
    assert proxy.log[-1] == "rc=-1"
