"""Key-value stores that scripts use through `cache_*`: the contract of an engine, and one in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import Protocol

from relayscript.interpreter.values import wrap


class CacheError(Exception):
    """An engine that cannot do what it is asked, such as counting with a text."""


class CacheEngine(Protocol):
    """A store of texts by key. `ttl` is in seconds, 0 for ever. It may wait."""

    def store(self, key: str, value: str, ttl: int) -> None:
        """Set a value."""

    def fetch(self, key: str) -> str | None:
        """A value; None if there is none."""

    def remove(self, key: str) -> bool:
        """Remove a value; False if there was none."""

    def add(self, key: str, by: int, ttl: int) -> int:
        """Add to a counter, 0 before its first use, and return it. Raises CacheError if it is a text."""


class MemoryCache:
    """A store in memory. `now` tells the time in seconds; what expired is dropped when it is met."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: dict[str, tuple[str, float]] = {}

    def store(self, key: str, value: str, ttl: int) -> None:
        """Set a value."""
        self._entries[key] = (value, self._now() + ttl if ttl else 0.0)

    def fetch(self, key: str) -> str | None:
        """A value; None if there is none, or no longer."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] and entry[1] <= self._now():
            del self._entries[key]
            return None
        return entry[0]

    def remove(self, key: str) -> bool:
        """Remove a value."""
        return self._entries.pop(key, None) is not None

    def add(self, key: str, by: int, ttl: int) -> int:
        """Add to a counter; its lifetime starts again if `ttl` is given, else it stays."""
        known = self.fetch(key)
        try:
            value = wrap(int(known or "0") + by)
        except ValueError:
            raise CacheError(f"{key!r} is not a number") from None
        expires = self._now() + ttl if ttl else self._entries[key][1] if known is not None else 0.0
        self._entries[key] = (str(value), expires)
        return value

    def matching(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Keys and values whose key matches a glob (`*`, `?`, `[..]`)."""
        wanted = re.compile(translate(pattern))
        for key in [key for key in self._entries if wanted.match(key)]:
            value = self.fetch(key)
            if value is not None:
                yield key, value

    def sweep(self) -> None:
        """Drop all that expired."""
        now = self._now()
        self._entries = {key: entry for key, entry in self._entries.items() if not 0 < entry[1] <= now}
