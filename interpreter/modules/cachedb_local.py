"""Module cachedb_local: key-value stores in memory, in named collections (cachedb_local manual)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.caches import MemoryCache
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, command, function
from relayscript.interpreter.management import CommandError

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

DEFAULT = "default"
_URL = re.compile(r"local(?::(?P<group>[^:/]*))?:(?://)?(?:[^/]*)(?:/(?P<collection>.*))?")


class CachedbLocal(Module):
    """Each `cachedb_url` (`local:group:///collection`) puts up an engine `local:group` on a collection.

    The engine `local` on the collection `default` is always there. Two URLs of one collection share it.
    """

    name = "cachedb_local"
    parameters = (
        Parameter("cachedb_url", repeatable=True),
        Parameter("cache_collections"),
        Parameter("cache_clean_period", 600),
        Parameter("cluster_id", 0),
        Parameter("cluster_persistency"),
        Parameter("enable_restart_persistency", 0),
        Parameter("exec_threshold", 0),
    )

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        names = (each.partition("=")[0].strip() for each in (settings["cache_collections"] or "").split(";"))
        self.collections = {name: MemoryCache(self._now) for name in (DEFAULT, *names) if name}
        runtime.caches["local"] = self.collections[DEFAULT]
        for url in settings["cachedb_url"]:
            self._put_up(url)

    def _now(self) -> float:
        return self.runtime.timers.now

    def _put_up(self, url: str) -> None:
        found = _URL.fullmatch(url)
        collection = (found["collection"] or DEFAULT) if found is not None else ""
        if found is None or collection not in self.collections:
            raise ValueError(f"cachedb_url {url!r} names no collection")
        name = f"local:{found['group']}" if found["group"] else "local"
        self.runtime.caches[name] = self.collections[collection]

    def start(self) -> None:
        """Begin to drop what has expired, now and then."""
        seconds = self.settings["cache_clean_period"]
        if seconds > 0:
            self.runtime.timers.start(seconds, self._clean)

    def _clean(self) -> None:
        for collection in self.collections.values():
            collection.sweep()
        self.start()

    # ---- by pattern

    @function()
    def cache_remove_chunk(self, context: Context, collection: str | None, glob: str) -> int:
        """Remove all keys that match a glob; -1 if there is no such collection."""
        store = self.collections.get(collection or DEFAULT)
        if store is None:
            context.log(-1, f"there is no collection {collection!r}")
            return -1
        _remove(store, glob)
        return 1

    @command("cachedb_local:remove_chunk", "cache_remove_chunk")
    def remove_chunk(self, glob: str, collection: str | None = None) -> str:
        """Remove all keys that match a glob."""
        _remove(self._collection(collection), glob)
        return "OK"

    @command("cachedb_local:fetch_chunk", "cache_fetch_chunk")
    def fetch_chunk(self, glob: str, collection: str | None = None) -> dict[str, list[dict[str, str]]]:
        """Keys that match a glob, with their values."""
        found = self._collection(collection).matching(glob)
        return {"keys": [{"name": key, "value": value} for key, value in found]}

    def _collection(self, name: str | None) -> MemoryCache:
        found = self.collections.get(name or DEFAULT)
        if found is None:
            raise CommandError(404, "Collection not found")
        return found


def _remove(store: MemoryCache, glob: str) -> None:
    for key, _ in list(store.matching(glob)):
        store.remove(key)
