"""Tables in SQLite: the contract of storage, groups, refusals and failures."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.schema import CreateTable

from relayscript.apps.databases.database import SqlStore
from relayscript.apps.databases.url import DRIVERS, Driver
from relayscript.interpreter.storage import Cell, Column, Kind, MemoryStore, Options, Row, StorageError, Store, Table

CALLS = Table(
    "calls",
    (Column("id", Kind.INTEGER), Column("side", Kind.TEXT, 8), Column("since", Kind.REAL), Column("name"),
     Column("data", Kind.BYTES)),
    ("id", "side"),
)  # fmt: skip


class Opened:
    """A database of a test, with what it complained about."""

    def __init__(self, path: Path, options: Options | None = None) -> None:
        self.url = f"sqlite://{path}"
        self.complaints: list[tuple[str, str]] = []
        self.store = SqlStore(self.url, options or Options(), lambda event: event(), self._complain)

    def _complain(self, kind: str, text: str) -> None:
        self.complaints.append((kind, text))

    def written(self) -> list[Row]:
        """The rows when all that was said is written."""
        return fetched(self.store)


def fetched(store: Store, **where: Cell) -> list[Row]:
    """What `fetch` gives."""
    results: list[list[Row] | StorageError] = []
    done = threading.Event()

    def take(result: list[Row] | StorageError) -> None:
        results.append(result)
        done.set()

    store.table(CALLS).fetch(take, where)
    assert done.wait(10)
    if isinstance(results[0], StorageError):
        raise results[0]
    return results[0]


def call(number: int, side: str = "a", name: Cell = "alice") -> dict[str, Cell]:
    return {"id": number, "side": side, "since": 1.5, "name": name, "data": "\x00\xff"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Opened]:
    made = Opened(tmp_path / "calls.db")
    yield made
    made.store.close()


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store; another time closes it and opens it again."""
    opened: list[SqlStore] = []
    memory = MemoryStore()

    def sqlite() -> Store:
        for each in opened:
            each.close()
        opened[:] = [Opened(tmp_path / "calls.db").store]
        return opened[0]

    yield sqlite if request.param == "sqlite" else lambda: memory
    for each in opened:
        each.close()


def test_what_is_put_is_there_after_a_restart(reopen: Callable[[], Store]) -> None:
    table = reopen().table(CALLS)
    table.put(call(1))
    table.put(call(2**40, name="caf\xc3\xa9 \xff\x00"))
    table.put(call(1, side="b", name=None))
    rows = reopen().table(CALLS).rows()
    assert sorted(map(dict, rows), key=str) == sorted(
        [call(1), call(2**40, name="caf\xc3\xa9 \xff\x00"), call(1, side="b", name=None)], key=str
    )


def test_a_row_is_replaced_by_its_key(reopen: Callable[[], Store]) -> None:
    table = reopen().table(CALLS)
    table.put(call(1))
    table.put(call(1, name="bob"))
    assert [row["name"] for row in reopen().table(CALLS).rows()] == ["bob"]


def test_a_row_is_removed(reopen: Callable[[], Store]) -> None:
    table = reopen().table(CALLS)
    table.put(call(1))
    table.put(call(2))
    table.remove((1, "a"))
    table.remove((7, "a"))
    assert [row["id"] for row in reopen().table(CALLS).rows()] == [2]


def test_a_column_left_out_is_null(reopen: Callable[[], Store]) -> None:
    reopen().table(CALLS).put({"id": 1, "side": "a"})
    assert reopen().table(CALLS).rows() == [{"id": 1, "side": "a", "since": None, "name": None, "data": None}]


def test_fetch_gives_what_was_said_before(reopen: Callable[[], Store]) -> None:
    store = reopen()
    store.table(CALLS).put(call(1))
    assert fetched(store) == [call(1)]


def test_the_rows_that_have_certain_cells(reopen: Callable[[], Store]) -> None:
    table = reopen().table(CALLS)
    for row in (call(1), call(2), call(3, side="b"), call(4, name=None)):
        table.put(row)
    assert [row["id"] for row in fetched(reopen(), side="a", name="alice")] == [1, 2]
    assert [row["id"] for row in fetched(reopen(), name=None)] == [4]


def test_a_table_gets_its_index(tmp_path: Path) -> None:
    database = Opened(tmp_path / "calls.db")
    database.store.table(Table("calls", CALLS.columns, CALLS.key, ("name", "side")))
    database.store.close()
    with sqlite3.connect(tmp_path / "calls.db") as opened:
        found = opened.execute("select name from pragma_index_info('calls_name_side_idx')").fetchall()
    opened.close()
    assert found == [("name",), ("side",)]


def test_all_is_written_when_told_so(reopen: Callable[[], Store]) -> None:
    table, told, done = reopen().table(CALLS), [], threading.Event()

    def tell(written: bool) -> None:
        told.append((written, len(table.rows())))
        done.set()

    table.put(call(1))
    table.flush(tell)
    assert done.wait(10)
    assert told == [(True, 1)]


@pytest.mark.parametrize("moment", [0, 1_790_000_000, -2_208_988_799])
def test_a_moment_comes_back(reopen: Callable[[], Store], moment: int) -> None:
    moments = Table("moments", (Column("id", Kind.INTEGER), Column("at", Kind.TIME)), ("id",))
    reopen().table(moments).put({"id": 1, "at": moment})
    reopen().table(moments).put({"id": 2})
    assert reopen().table(moments).rows() == [{"id": 1, "at": moment}, {"id": 2, "at": None}]


def test_a_table_that_lacks_a_column_is_named(reopen: Callable[[], Store]) -> None:
    reopen().table(CALLS)
    wider = Table("calls", (*CALLS.columns, Column("more")), CALLS.key)
    with pytest.raises(StorageError, match="table calls has no column more"):
        reopen().table(wider)


def test_what_was_made_by_others_is_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "calls.db") as made:
        made.execute("create table calls (id integer, side text, since real, name text, data blob, own text)")
        made.execute("insert into calls values (1, 'a', 1.5, 'é', 'text', 'x')")
    made.close()
    database = Opened(tmp_path / "calls.db")
    (row,) = database.store.table(CALLS).rows()
    assert (row["name"], row["data"]) == ("\xc3\xa9", "text")
    database.store.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"sqlite://{tmp_path}/no/calls.db: unable to open database file"):
        Opened(tmp_path / "no" / "calls.db")


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_every_database_understands_the_tables(driver: Driver, database: Opened) -> None:
    dialect = URL.create(driver.name).get_dialect()()
    made = database.store.table(CALLS).sql
    text = str(CreateTable(made).compile(dialect=dialect))
    assert text.count("\n\t") == len(CALLS.columns) + 1
    assert "PRIMARY KEY (id, side)" in text


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match="pip install 'psycopg"):
        SqlStore("postgres://u:p@127.0.0.1/calls", Options(), lambda event: event(), lambda kind, text: None)


def test_one_refused_row_does_not_harm_the_others(database: Opened) -> None:
    table = database.store.table(CALLS)
    table.put(call(1))
    table.put(call(2**70))
    table.put(call(2))
    assert [row["id"] for row in database.written()] == [1, 2]
    ((kind, text),) = database.complaints
    assert kind == "refused_writes"
    assert str(2**70) in text


def test_a_locked_database_gets_its_rows_later(tmp_path: Path) -> None:
    database = Opened(tmp_path / "calls.db", Options(timeout=0.0))
    table = database.store.table(CALLS)
    other = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    other.execute("begin immediate")
    table.put(call(1))
    with pytest.raises(StorageError, match="database is locked"):
        database.written()
    other.execute("rollback")
    other.close()
    assert [row["id"] for row in database.written()] == [1]
    assert database.complaints[0][0] == "failed_writes"
    database.store.close()


def test_statements_are_run_on_each_connection(tmp_path: Path) -> None:
    database = Opened(tmp_path / "calls.db", Options(statements=("PRAGMA user_version=17",)))
    database.store.close()
    with sqlite3.connect(tmp_path / "calls.db") as connection:
        assert connection.execute("pragma user_version").fetchone() == (17,)
    connection.close()
