"""What outlives a restart: tables of typed columns that a module reads at its start and writes behind its work.

A module that keeps something opens a store by its URL (`interpreter.databases.open_store`), a table in it,
reads `rows()` once in its `start()`, and from then on only says `put` and `remove`. Neither waits, neither
raises: what cannot be written is tried again, logged and counted, while calls go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Protocol

Cell = int | float | str | None
"""A value in a row. Texts are byte texts: one character is one byte."""

Row = Mapping[str, Cell]
"""The cells of a row by the names of their columns; a column that is left out is NULL."""

NO_CELLS: Row = MappingProxyType({})
"""What every row has."""

Key = tuple[Cell, ...]
"""The cells of a table's key columns, in their order."""


class StorageError(Exception):
    """A store that cannot be opened or read; the text is one line, and holds no password."""


class Kind(Enum):
    """What a column holds: a 64-bit number, a floating point number, readable text, any bytes, or a moment.

    A moment is a number of seconds since the epoch; what is behind the second may be lost.
    """

    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    BYTES = "bytes"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `size` is the most characters of a text that a new table has room for, 0 for any number."""

    name: str
    kind: Kind = Kind.TEXT
    size: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table, made if it is not there; `key` names the columns (texts with a size) that make a row the one it is.

    `index` are columns by which rows are looked for; a table that is made here gets an index of them.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    index: tuple[str, ...] = ()

    def key_of(self, row: Row) -> Key:
        """Which row this is."""
        return tuple(row.get(name) for name in self.key)


@dataclass(frozen=True, slots=True)
class Options:
    """How to work with a database. `timeout`: seconds to wait for a connection, or with SQLite for a lock of
    somebody else; None for the driver's own. `statements` are run on each new connection."""

    timeout: float | None = None
    statements: tuple[str, ...] = ()


class StoredTable(Protocol):
    """One table of a store."""

    def rows(self) -> list[Row]:
        """All rows, as far as what was said before reached the store. It blocks: for `start()` only.

        Raises StorageError.
        """

    def fetch(self, done: Callable[[list[Row] | StorageError], None], where: Row = NO_CELLS) -> None:
        """The rows that have these cells after everything said before is written; calls back exactly once.

        It does not block.
        """

    def flush(self, done: Callable[[bool], None]) -> None:
        """Calls back exactly once, when everything said before is written, or could not be (False)."""

    def put(self, row: Row) -> None:
        """Insert a row, or replace the one with its key."""

    def remove(self, key: Key) -> None:
        """Delete a row; nothing happens if there is none."""


class Store(Protocol):
    """A database, or what stands for one."""

    def table(self, table: Table) -> StoredTable:
        """A table, made if it is missing. Raises StorageError, also if it lacks one of the columns."""


@dataclass(slots=True)
class MemoryTable:
    """A table in memory. What is said is so at once."""

    table: Table
    kept: dict[Key, Row] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        return list(self.kept.values())

    def fetch(self, done: Callable[[list[Row] | StorageError], None], where: Row = NO_CELLS) -> None:
        done([row for row in self.rows() if all(row[name] == cell for name, cell in where.items())])

    def flush(self, done: Callable[[bool], None]) -> None:
        done(True)

    def put(self, row: Row) -> None:
        self.kept[self.table.key_of(row)] = {each.name: row.get(each.name) for each in self.table.columns}

    def remove(self, key: Key) -> None:
        self.kept.pop(key, None)


class MemoryStore:
    """A store in memory: what one running script puts in, the next one finds."""

    def __init__(self) -> None:
        self.tables: dict[str, MemoryTable] = {}

    def table(self, table: Table) -> MemoryTable:
        """The table of that name, the same for all who ask. Raises StorageError if it lacks a column."""
        found = self.tables.setdefault(table.name, MemoryTable(table))
        lacking = missing(table, (each.name for each in found.table.columns))
        if lacking:
            raise StorageError(f"table {table.name} has no column {lacking[0]}")
        return found


def missing(table: Table, names: Iterable[str]) -> list[str]:
    """The columns of a table that are not among the names."""
    there = set(names)
    return [each.name for each in table.columns if each.name not in there]
