"""The key-value functions and commands `cache_*`, on whatever engines modules have put up (language.md 6)."""

from __future__ import annotations

from relayscript.interpreter.caches import CacheEngine, CacheError
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, command, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.values import wrap

ABSENT = -2
"""The result for a key that is not there."""


class CacheFunctions(Module):
    """`id` names an engine: `local`, or `local:group`. All return -1 if there is none, or if it fails."""

    name = "core"

    @function(waits=True)
    def cache_store(self, context: Context, engine: str, key: str, value: str, ttl: int | None = None) -> int:
        """Store a value, for some seconds or (0) for ever."""
        found = self._engine(context, engine)
        if found is None:
            return -1
        found.store(key, value, max(ttl or 0, 0))
        return 1

    @function(waits=True)
    def cache_remove(self, context: Context, engine: str, key: str) -> int:
        """Remove a key; removing nothing is no failure."""
        found = self._engine(context, engine)
        if found is None:
            return -1
        found.remove(key)
        return 1

    @function(waits=True)
    def cache_fetch(self, context: Context, engine: str, key: str, target: Reference) -> int:
        """Read a value into a variable; -2 if there is none."""
        found = self._engine(context, engine)
        if found is None:
            return -1
        value = found.fetch(key)
        if value is None:
            return ABSENT
        return 1 if target.set(value) else -1

    @function(waits=True)
    def cache_counter_fetch(self, context: Context, engine: str, key: str, target: Reference) -> int:
        """Read a counter into a variable; -2 if there is none."""
        found = self._engine(context, engine)
        if found is None:
            return -1
        value = found.fetch(key)
        if value is None:
            return ABSENT
        try:
            return 1 if target.set(wrap(int(value))) else -1
        except ValueError:
            return -1

    @function(waits=True)
    def cache_add(
        self, context: Context, engine: str, key: str, by: int, ttl: int, target: Reference | None = None
    ) -> int:
        """Add to a counter, which starts at 0, and read the new value."""
        found = self._engine(context, engine)
        if found is None:
            return -1
        try:
            value = found.add(key, by, max(ttl, 0))
        except CacheError as error:
            context.log(-1, f"{engine}: {error}")
            return -1
        return 1 if target is None or target.set(value) else -1

    @function(waits=True)
    def cache_sub(
        self, context: Context, engine: str, key: str, by: int, ttl: int, target: Reference | None = None
    ) -> int:
        """Subtract from a counter."""
        return self.cache_add(context, engine, key, -by, ttl, target)

    @function(waits=True)
    def cache_raw_query(self, context: Context, engine: str, query: str, targets: str | None = None) -> int:
        """A query in the engine's own language; -1, no engine here has one."""
        context.log(-1, f"cache_raw_query: {engine} takes no queries of its own")
        return -1

    # ---- commands

    @command("cache:store", "cache_store")
    def store(self, system: str, attr: str, value: str, expire: int | None = None) -> str:
        """Store a value, for some seconds or for ever."""
        self._named(system, "store").store(attr, value, max(expire or 0, 0))
        return "OK"

    @command("cache:remove", "cache_remove")
    def remove(self, system: str, attr: str) -> str:
        """Remove a key, whether or not it is there."""
        self._named(system, "remove").remove(attr)
        return "OK"

    @command("cache:fetch", "cache_fetch")
    def fetch(self, system: str, attr: str) -> dict[str, str]:
        """A value."""
        value = self._named(system, "fetch").fetch(attr)
        if value is None:
            raise CommandError(400, "Value not found")
        return {"key": attr, "value": value}

    # ---- engines

    def _named(self, name: str, what: str) -> CacheEngine:
        found: CacheEngine | None = self.runtime.caches.get(name)
        if found is None:
            raise CommandError(500, f"Cache {what} command failed")
        return found

    def _engine(self, context: Context, name: str) -> CacheEngine | None:
        found: CacheEngine | None = self.runtime.caches.get(name)
        if found is None:
            context.log(-1, f"there is no cache {name!r}")
        return found
