"""Indexes behind variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Value
from relayscript.interpreter.variables.indexing import Index, pick, position


@pytest.mark.parametrize(
    ("index", "value"),
    [(None, "a"), (0, "a"), (2, 3), (-1, 3), (-3, "a"), (3, None), (-4, None), ("*", "a, <null>, 3"), ("append", None)],
)
def test_picking(index: Index, value: Value) -> None:
    assert pick(("a", None, 3), index) == value


def test_nothing_joined_is_null() -> None:
    assert pick((), "*") is None


def test_too_much_joined_is_null() -> None:
    assert pick(("x" * 511,), "*") == "x" * 511
    assert pick(("x" * 512,), "*") is None


def test_a_word_is_no_position() -> None:
    assert position("append", 3) is None
    assert position(None, 3, default=-1) == 2
