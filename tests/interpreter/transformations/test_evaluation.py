"""Transformations that need the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("hello $var(name)!", "s.eval", "hello alice!"),
    ("$(var(name){s.toupper})", "s.eval", "ALICE"),
    ("no variables", "s.eval", "no variables"),
    ("$nothing", "s.eval", None),
    ("192.0.2.7", "ip.resolve", "192.0.2.7"),
    ("host.example.com", "ip.resolve", "192.0.2.77"),
    ("other.example.com", "ip.resolve", None),
    ("", "ip.resolve", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(name)", "alice")
    assert on.read(f"$(var(s){{{operation}}})") == result
