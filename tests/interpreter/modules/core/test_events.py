"""Raising events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]


def test_an_event_without_parameters(stage: Set) -> None:
    on = stage()
    assert on.call("raise_event", "E_TEST") == 1
    assert on.events == [("E_TEST", {})]


def test_names_and_values_are_taken_newest_first(stage: Set) -> None:
    on = stage()
    for name, value in (("a", 1), ("b", "x")):
        on.write("$avp(names)", name)
        on.write("$avp(values)", value)
    assert on.call("raise_event", "E_TEST", "$avp(names)", "$avp(values)") == 1
    assert [list(params.items()) for _, params in on.events] == [[("b", "x"), ("a", 1)]]


def test_values_without_names_are_numbered(stage: Set) -> None:
    on = stage()
    on.write("$avp(values)", "x")
    assert on.call("raise_event", "E_TEST", "$avp(values)") == 1
    assert on.events == [("E_TEST", {"1": "x"})]


def test_a_name_without_a_value_is_an_error(stage: Set) -> None:
    on = stage()
    on.write("$avp(names)", "a")
    assert on.call("raise_event", "E_TEST", "$avp(names)", "$avp(values)") == -1
    assert on.events == []


@pytest.mark.parametrize(
    ("args", "result"), [(("core",), 1), (("core", "all"), 1), (("core", "x"), -1), (("drouting",), -1)]
)
def test_the_status_of_subsystems(stage: Set, args: tuple[str, ...], result: int) -> None:
    assert stage().call("sr_check_status", *args) == result
