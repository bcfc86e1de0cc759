"""Key-value stores in memory."""

from __future__ import annotations

import pytest

from relayscript.interpreter.caches import CacheError, MemoryCache


class Clock:
    """Seconds that pass when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_counting() -> None:
    cache = MemoryCache(Clock())
    assert cache.add("n", 5, 0) == 5
    assert cache.add("n", -7, 0) == -2
    assert cache.fetch("n") == "-2"
    cache.store("n", "text", 0)
    with pytest.raises(CacheError):
        cache.add("n", 1, 0)


def test_a_counter_keeps_its_lifetime_unless_it_gets_another() -> None:
    clock = Clock()
    cache = MemoryCache(clock)
    cache.add("n", 1, 10)
    clock.now = 105.0
    cache.add("n", 1, 0)
    cache.add("m", 1, 10)
    clock.now = 110.0
    assert cache.fetch("n") is None
    assert cache.add("n", 1, 0) == 1
    cache.add("m", 1, 10)
    clock.now = 119.0
    assert cache.fetch("m") == "2"


def test_keys_by_pattern() -> None:
    cache = MemoryCache(Clock())
    for key in ("counter_a", "counter_b", "name"):
        cache.store(key, key.upper(), 0)
    assert sorted(cache.matching("coun*")) == [("counter_a", "COUNTER_A"), ("counter_b", "COUNTER_B")]
    assert cache.remove("name")
    assert not cache.remove("name")


def test_sweeping() -> None:
    clock = Clock()
    cache = MemoryCache(clock)
    cache.store("short", "1", 1)
    cache.store("long", "2", 0)
    clock.now = 101.0
    assert list(cache.matching("*")) == [("long", "2")]
    cache.sweep()
    assert list(cache.matching("*")) == [("long", "2")]
