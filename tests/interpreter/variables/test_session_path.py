"""Paths into a session description."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.variables.session_path import Step, parse_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a=", (Step("a=", 0),)),
        ("a=x[2]", (Step("a=x", 2),)),
        ("[3]", (Step("", 3),)),
        ("video/a=[1]/[2]", (Step("video", 0), Step("a=", 1), Step("", 2))),
        ("a=x\\/y", (Step("a=x/y", 0),)),
        ("/a=", (Step("", 0), Step("a=", 0))),
        ("a=[x]", (Step("a=[x]", 0),)),
        ("a=[9999999999]", None),
    ],
)
def test_steps(text: str, steps: tuple[Step, ...] | None) -> None:
    assert parse_path(text) == steps


def test_finding_the_nth() -> None:
    texts = ("a=1", "b=2", "a=3")
    assert Step("a=", 0).find(texts) == 0
    assert Step("a=", 1).find(texts) == 2
    assert Step("a=", 2).find(texts) is None
    assert Step("", 1).find(texts) == 1


@settings(max_examples=100)
@given(st.lists(st.tuples(st.text(alphabet="a=/x ", max_size=4), st.integers(0, 99)), min_size=1, max_size=3))
def test_what_is_written_is_read(steps: list[tuple[str, int]]) -> None:
    text = "/".join(prefix.replace("/", "\\/") + f"[{index}]" for prefix, index in steps)
    assert parse_path(text) == tuple(Step(prefix, index) for prefix, index in steps)
