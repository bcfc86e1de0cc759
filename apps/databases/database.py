"""Tables in an SQL database (SQLAlchemy Core): `interpreter.storage.Store` for the live host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from relayscript.apps.databases import encoding
from relayscript.apps.databases.url import DRIVERS, database_url, redacted
from relayscript.apps.databases.writer import Group, UnreachableError, Writer
from relayscript.interpreter.storage import (
    NO_CELLS,
    Cell,
    Column,
    Key,
    Kind,
    Options,
    Row,
    StorageError,
    Table,
    missing,
)

Soon = Callable[[Callable[[], object]], object]
Complain = Callable[[str, str], None]

TYPES: dict[Kind, Callable[[Column], sql.types.TypeEngine[Any]]] = {
    Kind.INTEGER: lambda column: sql.BigInteger(),
    Kind.REAL: lambda column: sql.Double(),
    Kind.TEXT: lambda column: sql.String(column.size) if column.size else sql.Text(),
    Kind.BYTES: lambda column: sql.LargeBinary(column.size or 2**24 - 1),
    Kind.TIME: lambda column: sql.DateTime(),
}
SQLITE_DEFAULTS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
"""A commit survives the end of the process by any means; the last ones may be lost when the machine fails."""


class SqlTable:
    """`interpreter.storage.StoredTable` in a database."""

    def __init__(self, store: SqlStore, table: Table) -> None:
        self.table = table
        self._store = store
        columns = (
            sql.Column(each.name, TYPES[each.kind](each), primary_key=each.name in table.key, autoincrement=False)
            for each in table.columns
        )
        self.sql = sql.Table(table.name, sql.MetaData(), *columns)
        if table.index:
            sql.Index(f"{table.name}_{'_'.join(table.index)}_idx", *(self.sql.c[name] for name in table.index))

    def rows(self, where: Row = NO_CELLS) -> list[Row]:
        kinds = {each.name: each for each in self.table.columns}
        query = sql.select(self.sql).where(
            *(self.sql.c[name] == self._written(kinds[name], cell) for name, cell in where.items())
        )
        with self._store.reported(f"table {self.table.name}"), self._store.engine.connect() as connection:
            return [self._read(each) for each in connection.execute(query).mappings()]

    def flush(self, done: Callable[[bool], None]) -> None:
        self._store.writer.then(lambda failed: self._store.soon(lambda: done(failed is None)))

    def fetch(self, done: Callable[[list[Row] | StorageError], None], where: Row = NO_CELLS) -> None:
        def answer(failed: UnreachableError | None) -> None:
            result: list[Row] | StorageError
            try:
                result = self.rows(where) if failed is None else StorageError(str(failed))
            except StorageError as error:
                result = error
            self._store.soon(lambda: done(result))

        self._store.writer.then(answer)

    def put(self, row: Row) -> None:
        cells = {each.name: self._written(each, row.get(each.name)) for each in self.table.columns}
        self._store.writer.say((self.table.name, self.table.key_of(row)), cells)

    def remove(self, key: Key) -> None:
        self._store.writer.say((self.table.name, key), None)

    def write(self, connection: sql.Connection, group: Group) -> None:
        """Put the rows of a group in place of those with their keys."""
        keys = [
            {f"key_{name}": self._key_cell(name, cell) for name, cell in zip(self.table.key, key, strict=True)}
            for _, key in group
        ]
        matches = (self.sql.c[name] == sql.bindparam(f"key_{name}") for name in self.table.key)
        connection.execute(sql.delete(self.sql).where(*matches), keys)
        rows = [row for row in group.values() if row is not None]
        if rows:
            connection.execute(sql.insert(self.sql), rows)

    # ---- cells

    def _key_cell(self, name: str, cell: object) -> object:
        return encoding.written(cell) if isinstance(cell, str) else cell

    def _written(self, column: Column, cell: Cell) -> object:
        if column.kind is Kind.TIME and isinstance(cell, (int, float)):
            return datetime.fromtimestamp(int(cell), UTC).replace(tzinfo=None)
        if not isinstance(cell, str):
            return cell
        return cell.encode("latin-1") if column.kind is Kind.BYTES else encoding.written(cell)

    def _read(self, row: sql.RowMapping) -> Row:
        return {each.name: _cell(row[each.name]) for each in self.table.columns}


class SqlStore:
    """A database. Opening it and its tables blocks, writing does not.

    `soon` hands an event to the thread of the script, from any thread; `complain` counts and logs, in the
    thread of the script.
    """

    def __init__(self, url: str, options: Options, soon: Soon, complain: Complain) -> None:
        self.place = redacted(url)
        self.soon = soon
        self._complain = complain
        self._tables: dict[str, SqlTable] = {}
        self.engine = self._engine(url, options)
        with self.reported(), self.engine.connect():
            pass
        self.writer = Writer(self.place, self._write, self._told)

    def table(self, table: Table) -> SqlTable:
        found = SqlTable(self, table)
        with self.reported(f"table {table.name}"):
            found.sql.create(self.engine, checkfirst=True)
            there = [each["name"] for each in sql.inspect(self.engine).get_columns(table.name)]
        if lacking := missing(table, there):
            raise StorageError(f"{self.place}: table {table.name} has no column {lacking[0]}")
        return self._tables.setdefault(table.name, found)

    def close(self) -> None:
        """Write what is left and let go of the database."""
        if (left := self.writer.close()) > 0:
            self._complain("lost_writes", f"{self.place}: {left} rows could not be written before the end")
        self.engine.dispose()

    @contextmanager
    def reported(self, about: str = "") -> Iterator[None]:
        """What goes wrong becomes a StorageError in one line."""
        try:
            yield
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise StorageError(f"{self.place}: {about and about + ': '}{spoken(error)}") from error

    # ---- opening

    def _engine(self, text: str, options: Options) -> sql.Engine:
        url, driver = database_url(text)
        sqlite = driver is DRIVERS["sqlite"]
        arguments: dict[str, object] = {}
        if options.timeout is not None:
            arguments["timeout" if sqlite else "connect_timeout"] = options.timeout if sqlite else int(options.timeout)
        try:
            engine = sql.create_engine(url, connect_args=arguments, pool_pre_ping=not sqlite)
        except ModuleNotFoundError as error:
            raise StorageError(f"{self.place} needs a Python package: pip install '{driver.package}'") from error
        statements = (*(SQLITE_DEFAULTS if sqlite else ()), *options.statements)
        sql.event.listen(engine, "connect", lambda connection, record: _execute(connection, statements))
        return engine

    # ---- in the thread of the writer

    def _write(self, group: Group) -> None:
        """Commit a group at once; if the database refuses something in it, all but that. Raises UnreachableError."""
        try:
            self._commit(group)
        except (SQLAlchemyError, ArithmeticError, ValueError, TypeError) as error:
            self._raise_unreachable(error)
            for change, row in group.items():
                self._write_alone({change: row})

    def _write_alone(self, group: Group) -> None:
        try:
            self._commit(group)
        except (SQLAlchemyError, ArithmeticError, ValueError, TypeError) as error:
            self._raise_unreachable(error)
            (change,) = group
            self._told("refused_writes", f"{self.place}: {change[0]} {change[1]} is not written: {spoken(error)}")

    def _commit(self, group: Group) -> None:
        with self.engine.begin() as connection:
            for name in {change[0] for change in group}:
                self._tables[name].write(connection, {c: row for c, row in group.items() if c[0] == name})

    def _raise_unreachable(self, error: Exception) -> None:
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or isinstance(error, (OperationalError, InterfaceError)):
            raise UnreachableError(f"{self.place}: cannot write, trying again: {spoken(error)}") from error

    def _told(self, kind: str, text: str) -> None:
        self.soon(lambda: self._complain(kind, text))


def spoken(error: Exception) -> str:
    """What a database says of an error, in one line."""
    said: object = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(said, Exception) and len(said.args) > 1 and isinstance(said.args[1], str):
        said = said.args[1]
    return " ".join(str(said).split("\n[SQL")[0].split())


def _execute(connection: Any, statements: tuple[str, ...]) -> None:
    """Run statements on a new connection."""
    cursor = connection.cursor()
    for each in statements:
        cursor.execute(each)
    cursor.close()


def _cell(value: Any) -> Cell:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp()
    return encoding.read(value) if isinstance(value, str) else value
