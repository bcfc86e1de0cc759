"""Module db_postgres: tables on a server, `postgres://user:password@host:port/database` (db_postgres manual)."""

from __future__ import annotations

from relayscript.interpreter.databases import DatabaseModule
from relayscript.interpreter.declaration import Parameter
from relayscript.interpreter.storage import Options


class DbPostgres(DatabaseModule):
    """`timeout` is in seconds, for a connection. The others are for queries of scripts."""

    name = "db_postgres"
    scheme = "postgres"
    parameters = (
        Parameter("exec_query_threshold", 0), Parameter("max_db_queries", 2),
        Parameter("timeout", 5), Parameter("use_tls", 0),
    )  # fmt: skip

    def start(self) -> None:
        """Say what has no effect."""
        if self.settings["use_tls"]:
            self.runtime.log(1, "db_postgres: use_tls has no effect")

    def options(self) -> Options:
        """How long to wait for a connection."""
        return Options(float(self.settings["timeout"]))
