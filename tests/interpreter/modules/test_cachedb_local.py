"""Module cachedb_local."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.cachedb_local import CachedbLocal

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]


def loaded(on: Stage, *urls: str, collections: str | None = None) -> CachedbLocal:
    """The module with some parameters."""
    settings = {"cachedb_url": list(urls), "cache_collections": collections, "cache_clean_period": 600}
    return CachedbLocal(on.runtime, settings)


def test_one_engine_is_always_there(stage: Set) -> None:
    on = stage()
    module = loaded(on)
    assert on.runtime.caches == {"local": module.collections["default"]}


def test_urls_name_engines_and_their_collections(stage: Set) -> None:
    on = stage()
    module = loaded(on, "local://", "local:second:///other", "local:third:///other", collections="other = 4; more")
    assert list(module.collections) == ["default", "other", "more"]
    caches = on.runtime.caches
    assert caches["local:second"] is caches["local:third"] is module.collections["other"]
    assert caches["local"] is module.collections["default"]


@pytest.mark.parametrize("url", ["redis://host", "local:second:///none"])
def test_a_url_that_means_nothing(stage: Set, url: str) -> None:
    with pytest.raises(ValueError, match="names no collection"):
        loaded(stage(), url)


def test_removing_by_pattern(stage: Set) -> None:
    on = stage()
    module = loaded(on, collections="other")
    for key in ("counter_a", "counter_b", "name"):
        on.call("cache_store", "local", key, key)
    assert module.cache_remove_chunk(on.context, None, "coun*") == 1
    assert module.fetch_chunk("*") == {"keys": [{"name": "name", "value": "name"}]}
    assert module.remove_chunk("*", "other") == "OK"
    assert module.remove_chunk("n?me") == "OK"
    assert module.fetch_chunk("*") == {"keys": []}
    assert module.cache_remove_chunk(on.context, "none", "*") == -1
    with pytest.raises(CommandError):
        module.fetch_chunk("*", "none")


def test_what_expired_is_dropped_now_and_then(stage: Set) -> None:
    on = stage()
    module = loaded(on)
    module.start()
    on.call("cache_store", "local", "short", "1", 5)
    on.runtime.timers.fire(600.0)
    assert module.fetch_chunk("*") == {"keys": []}
    assert on.runtime.timers.pending() == 1
