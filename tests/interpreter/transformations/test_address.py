"""Parts of URIs and of Via values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

FULL = (
    "sip:alice:secret@example.com:5070;transport=tcp;x=1;flag;ttl=15;user=phone;maddr=192.0.2.1;method=INVITE;lr"
    "?Subject=hi&Priority=urgent"
)
VIA = "SIP / 2.0 / UDP first.example.com : 4000 ; x = 1 ; branch = z9hG4bK-4, SIP/2.0/TCP b"
CASES: list[tuple[Value, str, Value]] = [
    (FULL, "uri.schema", "sip"),
    (FULL, "uri.user", "alice"),
    (FULL, "uri.passwd", "secret"),
    (FULL, "uri.host", "example.com"),
    (FULL, "uri.domain", "example.com"),
    (FULL, "uri.port", 5070),
    (FULL, "uri.headers", "Subject=hi&Priority=urgent"),
    (FULL, "uri.transport", "tcp"),
    (FULL, "uri.ttl", "15"),
    (FULL, "uri.uparam", "phone"),
    (FULL, "uri.maddr", "192.0.2.1"),
    (FULL, "uri.method", "INVITE"),
    (FULL, "uri.lr", None),
    (FULL, "uri.r2", None),
    (FULL, "uri.param,X", "1"),
    (FULL, "uri.param,flag", ""),
    (FULL, "uri.param,zz", None),
    (FULL, "uri.param,$var(name)", "15"),
    ("sips:bob@sec.example.com;lr=on;r2=on", "uri.lr", "on"),
    ("sip:example.org", "uri.user", None),
    ("sip:example.org", "uri.port", None),
    ("sip:example.org", "uri.params", None),
    ("tel:+1-201;x=2", "uri.user", "+1-201"),
    ("tel:+1-201;x=2", "uri.host", None),
    ("mailto:alice@example.com", "uri.schema", None),
    ("", "uri.host", None),
    ("SIP/2.0/UDP h;branch=b (a proxy)", "via.comment", "a proxy"),
    ("SIP/2.0/UDP h;branch=b (a proxy)", "via.params", "branch=b"),
    ("SIP/2.0/UDP h (a proxy)", "via.host", "h"),
    (VIA, "via.name", "SIP"),
    (VIA, "via.version", "2.0"),
    (VIA, "via.transport", "UDP"),
    (VIA, "via.host", "first.example.com"),
    (VIA, "via.domain", "first.example.com"),
    (VIA, "via.port", 4000),
    (VIA, "via.params", " x = 1 ; branch = z9hG4bK-4"),
    (VIA, "via.branch", "z9hG4bK-4"),
    (VIA, "via.received", None),
    (VIA, "via.rport", None),
    (VIA, "via.comment", None),
    (VIA, "via.param,X", "1"),
    (VIA, "via.param,zz", None),
    ("SIP/2.0/TLS h;rport;received=192.0.2.2", "via.rport", None),
    ("SIP/2.0/TLS h;rport;received=192.0.2.2", "via.received", "192.0.2.2"),
    ("SIP/2.0/TLS h", "via.port", None),
    ("no via", "via.host", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(name)", "ttl")
    assert on.read(f"$(var(s){{{operation}}})") == result
