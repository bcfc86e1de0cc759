"""Module db_sqlite: tables in a file, `sqlite:///path` (db_sqlite manual)."""

from __future__ import annotations

from relayscript.interpreter.databases import DatabaseModule
from relayscript.interpreter.declaration import Parameter
from relayscript.interpreter.storage import Options


class DbSqlite(DatabaseModule):
    """`busy_timeout` is in milliseconds. `alloc_limit` is for queries, `load_extension` is not served."""

    name = "db_sqlite"
    scheme = "sqlite"
    parameters = (
        Parameter("alloc_limit", 10), Parameter("busy_timeout", 500),
        Parameter("exec_pragma", repeatable=True), Parameter("load_extension", repeatable=True),
    )  # fmt: skip

    def start(self) -> None:
        """Say what has no effect."""
        if self.settings["load_extension"]:
            self.runtime.log(1, "db_sqlite: extensions are not loaded")

    def options(self) -> Options:
        """How long to wait for a lock, and the pragmas."""
        pragmas = tuple(f"PRAGMA {each}" for each in self.settings["exec_pragma"])
        return Options(self.settings["busy_timeout"] / 1000, pragmas)
