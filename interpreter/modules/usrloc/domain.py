"""A table of records in memory, which is all there is unless a database stands behind it."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.interpreter.modules.usrloc.binding import Record


class Domain:
    """The records of one location table, by address-of-record.

    `newest_first` is how the contacts of an address are ordered.
    """

    def __init__(self, name: str, *, newest_first: bool = False) -> None:
        self.name = name
        self.newest_first = newest_first
        self._records: dict[str, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def get(self, aor: str) -> Record | None:
        """The record of an address; None if it has no binding."""
        return self._records.get(aor)

    def add(self, aor: str) -> Record:
        """A new record, empty."""
        made = self._records[aor] = Record(aor)
        return made

    def discard(self, record: Record) -> None:
        """Forget a record."""
        self._records.pop(record.aor, None)

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()
