"""Variables of calls, and what their values are as text and numbers."""

from __future__ import annotations

import pytest

from relayscript.apps.testing.sipp.variables import Value, Variables


@pytest.mark.parametrize(
    ("value", "is_set", "text", "number"),
    [
        (None, False, "", 0.0),
        (0.0, False, "", 0.0),
        (2.5, True, "2.500000", 2.5),
        ("", True, "", 0.0),
        (" -1.5e2x", True, " -1.5e2x", -150.0),
        ("x1", True, "x1", 0.0),
        (True, True, "true", 1.0),
        (False, False, "false", 0.0),
    ],
)
def test_a_value(value: Value | None, is_set: bool, text: str, number: float) -> None:
    variables = Variables({})
    if value is not None:
        variables["a"] = value
    assert (variables.is_set("a"), variables.text("a"), variables.number("a")) == (is_set, text, number)


def test_those_that_are_shared_belong_to_all_calls() -> None:
    shared: dict[str, Value | None] = {"all": None}
    one, other = Variables(shared), Variables(shared)
    one["all"] = one["own"] = 1.0
    assert (other["all"], other["own"]) == (1.0, None)
