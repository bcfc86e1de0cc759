"""What is found out about a script is found out once: a tree does not change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from relayscript.dsl.nodes import Script

T = TypeVar("T")


def once(ask: Callable[[Script], T]) -> Callable[[Script], T]:
    """The same function, asked once for each tree. Its answers are shared, so nobody may change them."""

    @wraps(ask)
    def answered(script: Script) -> T:
        return kept(script, ask, lambda: ask(script))

    return answered


def kept(script: Script, key: object, make: Callable[[], T]) -> T:
    """What was made for this tree under a key before, or else what `make` makes now."""
    if key not in script.answers:
        script.answers[key] = make()
    return cast("T", script.answers[key])
