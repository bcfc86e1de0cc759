"""Identifiers that must not be guessed or must not repeat: branches, tags, Call-IDs, cookies."""

from __future__ import annotations

import secrets

DIGITS = 16
"""Hexadecimal digits of a token: 64 bits."""
STOCK = 256
"""How many tokens are made at once: asking the system for randomness costs more than what it gives."""


class Ids:
    """Random identifiers. Tests and the simulator use `CountingIds`."""

    def __init__(self) -> None:
        self._stock: list[str] = []

    def token(self, kind: str) -> str:
        """A fresh token of letters and digits; `kind` says for what: `branch`, `tag`, `call-id`, `cookie`."""
        if not self._stock:
            digits = secrets.token_hex(STOCK * DIGITS // 2)
            self._stock = [digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS)]
        return self._stock.pop()

    def number(self, kind: str, limit: int) -> int:
        """A number from 0 up to, not including, limit (which is far below 2**64)."""
        return int(self.token(kind), 16) % limit


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
