"""Releases at the stop of a script: a few at a time, and told once when all are over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.interpreter.releases import AT_ONCE, Releases


@pytest.mark.parametrize("number", [0, 1, 10 * AT_ONCE])
def test_releases_that_end_at_once(number: int) -> None:
    told: list[str] = []
    Releases([lambda done: done()] * number, lambda: told.append("done")).start()
    assert told == ["done"]


def test_only_so_many_are_under_way_and_each_end_starts_another() -> None:
    waiting: list[Callable[[], None]] = []
    told: list[str] = []
    Releases([waiting.append] * (AT_ONCE + 50), lambda: told.append("done")).start()
    ended = 0
    while waiting:
        assert len(waiting) == min(AT_ONCE, AT_ONCE + 50 - ended)
        assert not told
        waiting.pop(0)()
        ended += 1
    assert ended == AT_ONCE + 50
    assert told == ["done"]
