"""The names that senders give themselves in their Via."""

from __future__ import annotations

import pytest

from tests.interpreter.modules.stage import Proxy, request

ZONE = """
own.example. 60 IN A 192.0.2.1
other.example. 60 IN A 192.0.2.9
1.2.0.192.in-addr.arpa. 60 IN PTR Back.example.
"""


@pytest.mark.parametrize(
    ("globals", "name", "received"),
    [
        ("", "own.example", "192.0.2.1"),
        ("dns=yes", "own.example", ""),
        ("dns=yes", "other.example", "192.0.2.1"),
        ("dns=yes", "no.example", "192.0.2.1"),
        ("dns=yes", "192.0.2.5", "192.0.2.1"),
        ("dns=yes", "back.example", "192.0.2.1"),
        ("rev_dns=yes", "back.example", ""),
        ("rev_dns=yes", "own.example", "192.0.2.1"),
    ],
)
def test_a_name_that_is_the_senders_needs_no_received(globals: str, name: str, received: str) -> None:
    proxy = Proxy(f"{globals}\nroute {{ t_relay(); }}")
    proxy.host.zone.read(ZONE)
    proxy.send(request("OPTIONS").replace("UDP 192.0.2.1:5060", f"UDP {name}"))
    assert (proxy.take("bob").vias()[1].received or "") == received
