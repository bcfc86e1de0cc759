"""Identifiers that must not be guessed or must not repeat: branches, tags, Call-IDs, cookies."""

from __future__ import annotations

import secrets


class Ids:
    """Random identifiers. Tests and the simulator use `CountingIds`."""

    def token(self, kind: str) -> str:
        """A fresh token of letters and digits; `kind` says for what: `branch`, `tag`, `call-id`, `cookie`."""
        return secrets.token_hex(8)

    def number(self, kind: str, limit: int) -> int:
        """A number from 0 up to, not including, limit."""
        return secrets.randbelow(limit)


class CountingIds(Ids):
    """The same identifiers in every run: `branch1`, `tag1`, `tag2` ..."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def _next(self, kind: str) -> int:
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        return count

    def token(self, kind: str) -> str:
        return f"{kind}{self._next(kind)}"

    def number(self, kind: str, limit: int) -> int:
        return self._next(kind) % limit
