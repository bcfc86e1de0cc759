"""IP addresses as text and as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("192.0.2.1", "ip.isip", 1),
    ("2001:db8::1", "ip.isip", 1),
    ("example.com", "ip.isip", 0),
    ("1.2.3.256", "ip.isip", 0),
    ("", "ip.isip", None),
    ("192.0.2.1", "ip.isip4", 1),
    ("::1", "ip.isip4", 0),
    ("[::1]", "ip.isip6", 1),
    ("192.0.2.1", "ip.isip6", 0),
    ("fe80::1%eth0", "ip.isip6", 0),
    ("192.0.2.1", "ip.pton", "\xc0\x00\x02\x01"),
    ("nope", "ip.pton", None),
    ("\xc0\x00\x02\x01", "ip.ntop", "192.0.2.1"),
    ("2001:0db8:0:0:0:0:0:1", "ip.pton}{ip.ntop", "2001:DB8:0:0:0:0:0:1"),
    ("abc", "ip.ntop", None),
    ("\xc0\x00\x02\x01", "ip.family", "INET"),
    ("::1", "ip.pton}{ip.family", "INET6"),
    ("abcde", "ip.family", None),
    ("10.2.3.4", "ip.isprivate", 1),
    ("172.32.0.1", "ip.isprivate", 0),
    ("100.64.0.1", "ip.isprivate", 1),
    ("127.0.0.1", "ip.isprivate", 1),
    ("8.8.8.8", "ip.isprivate", 0),
    ("::1", "ip.isprivate", 0),
    ("localhost", "ip.isprivate", 0),
    ("10.9.8.7", "ip.matches,10.0.0.0/8", 1),
    ("11.9.8.7", "ip.matches,10.0.0.0/8", 0),
    ("192.0.2.200", "ip.matches,192.0.2.1/24", 1),
    ("10.1.1.1", "ip.matches,$var(net)", 1),
    ("10.1.1.1", "ip.matches,10.1.1.1", None),
    ("10.1.1.1", "ip.matches,10.0.0.0/33", None),
    ("10.1.1.1", "ip.matches,10.0.0.0/255.0.0.0", None),
    ("10.1.1.1", "ip.matches,2001:db8::/32", None),
    ("2001:db8::5", "ip.matches,[2001:db8::]/32", 1),
    ("host", "ip.matches,10.0.0.0/8", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(net)", "10.0.0.0/8")
    assert on.read(f"$(var(s){{{operation}}})") == result
