"""Listeners: what they are bound to and what they advertise."""

from __future__ import annotations

import pytest

from relayscript.sip.transport import Listener, bracketed


def test_a_listener() -> None:
    listener = Listener("udp", "::1", 5060)
    assert (str(listener), listener.address, listener.sent_by) == (
        "udp:[::1]:5060",
        ("::1", 5060),
        "[::1]:5060",
    )
    assert Listener("udp", "10.0.0.1", 5060, "sip.example.com", 5080).sent_by == "sip.example.com:5080"


@pytest.mark.parametrize(("host", "expected"), [("::1", "[::1]"), ("[::1]", "[::1]"), ("h", "h")])
def test_brackets(host: str, expected: str) -> None:
    assert bracketed(host) == expected
