"""The key-value functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.caches import MemoryCache
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.core.caches import CacheFunctions


@pytest.fixture
def stored(stage: Set) -> Stage:
    """With a cache named `local`."""
    on = stage()
    on.runtime.caches["local"] = MemoryCache(lambda: on.runtime.timers.now)
    return on


def test_values(stored: Stage) -> None:
    assert stored.call("cache_fetch", "local", "k", "$var(v)") == -2
    assert stored.call("cache_store", "local", "k", "value") == 1
    assert stored.call("cache_fetch", "local", "k", "$var(v)") == 1
    assert stored.read("$var(v)") == "value"
    assert stored.call("cache_remove", "local", "k") == 1
    assert stored.call("cache_remove", "local", "k") == 1
    assert stored.call("cache_fetch", "local", "k", "$var(v)") == -2


def test_values_expire(stored: Stage) -> None:
    stored.call("cache_store", "local", "k", "value", 5)
    stored.runtime.timers.now = 4.9
    assert stored.call("cache_fetch", "local", "k", "$var(v)") == 1
    stored.runtime.timers.now = 5.0
    assert stored.call("cache_fetch", "local", "k", "$var(v)") == -2


def test_counters(stored: Stage) -> None:
    assert stored.call("cache_counter_fetch", "local", "n", "$var(v)") == -2
    assert stored.call("cache_add", "local", "n", 5, 0, "$var(v)") == 1
    assert stored.call("cache_sub", "local", "n", 2, 0) == 1
    assert stored.read("$var(v)") == 5
    assert stored.call("cache_counter_fetch", "local", "n", "$var(v)") == 1
    assert stored.read("$var(v)") == 3


def test_texts_cannot_count(stored: Stage) -> None:
    stored.call("cache_store", "local", "word", "abc")
    assert stored.call("cache_add", "local", "word", 1, 0, "$var(v)") == -1
    assert stored.call("cache_counter_fetch", "local", "word", "$var(v)") == -1


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("cache_store", ("k", "v")),
        ("cache_remove", ("k",)),
        ("cache_fetch", ("k", "$var(v)")),
        ("cache_counter_fetch", ("k", "$var(v)")),
        ("cache_add", ("k", 1, 0)),
        ("cache_raw_query", ("GET k",)),
    ],
)
def test_no_such_cache(stage: Set, function: str, args: tuple[object, ...]) -> None:
    on = stage()
    assert on.call(function, "redis", *args) == -1
    assert on.logged


class TestCommands:
    """The same by management commands."""

    def test_values(self, stored: Stage) -> None:
        module = next(each for each in stored.modules if isinstance(each, CacheFunctions))
        assert module.store("local", "k", "v") == "OK"
        assert module.fetch("local", "k") == {"key": "k", "value": "v"}
        assert module.remove("local", "k") == "OK"
        with pytest.raises(CommandError, match="Value not found"):
            module.fetch("local", "k")
        with pytest.raises(CommandError, match="Cache fetch command failed"):
            module.fetch("nowhere", "k")
