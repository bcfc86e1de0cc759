"""Who asks for our capabilities gets them."""

from __future__ import annotations

import pytest

from .stage import Proxy, request

SCRIPT = """
modparam("options", "support", "path")
route { options_reply(); xlog("$rc"); }
"""


def test_the_server_answers_for_itself() -> None:
    proxy = Proxy(SCRIPT, "sl signaling options")
    proxy.send(request("OPTIONS", "sip:example.com"))
    answer = proxy.take("alice")
    assert answer.status == 200
    found = [answer.header(key) for key in ("accept", "accept-language", "supported", "accept-encoding")]
    assert found == ["*/*", "en", "path", None]
    assert proxy.log == []


@pytest.mark.parametrize(("method", "uri"), [("OPTIONS", "sip:bob@example.com"), ("INFO", "sip:example.com")])
def test_it_does_not_answer_for_others(method: str, uri: str) -> None:
    proxy = Proxy(SCRIPT, "sl signaling options")
    proxy.send(request(method, uri))
    assert proxy.got["alice"] == []
    assert proxy.log == ["-1"]
