"""Addresses in comma lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

TWO = '"One, A" <sip:one@example.com>;q=1, "Two" <sip:two@example.com;x>;q="2";Q=3 , sip:three@example.com;e'
CASES: list[tuple[Value, str, Value]] = [
    (TWO, "nameaddr.name", '"One, A"'),
    (TWO, "nameaddr.uri", "sip:one@example.com"),
    (TWO, "nameaddr.1.uri", "sip:two@example.com;x"),
    (TWO, "nameaddr.-1.uri", "sip:three@example.com"),
    (TWO, "nameaddr.$var(i).uri", "sip:two@example.com;x"),
    (TWO, "nameaddr.$var(none).uri", None),
    (TWO, "nameaddr.3.uri", None),
    (TWO, "nameaddr.2.name", None),
    (TWO, "nameaddr.1.params", 'q="2";Q=3'),
    (TWO, "nameaddr.1.param,q", "2"),
    (TWO, "nameaddr.1.param,Q", "3"),
    (TWO, "nameaddr.2.param,e", None),
    (TWO, "nameaddr.2.param,zz", None),
    (TWO, "nameaddr.len", 30),
    (TWO, "nameaddr.2.len", 21),
    ("A Name <sip:a@example.com>", "nameaddr.name", "A Name"),
    ("A Name <sip:a@example.com>", "nameaddr.params", None),
    ("A Name <sip:a@example.com>", "nameaddr.len", 26),
    ('"A <sip:a@example.com', "nameaddr.uri", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(i)", -2)
    assert on.read(f"$(var(s){{{operation}}})") == result
