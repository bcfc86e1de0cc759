"""Module db_mysql: tables on a server, `mysql://user:password@host:port/database` (db_mysql manual)."""

from __future__ import annotations

from relayscript.interpreter.databases import DatabaseModule
from relayscript.interpreter.declaration import Parameter
from relayscript.interpreter.storage import Options


class DbMysql(DatabaseModule):
    """`timeout_interval` is in seconds, for a connection. The others are for queries of scripts."""

    name = "db_mysql"
    scheme = "mysql"
    parameters = (
        Parameter("exec_query_threshold", 0), Parameter("max_db_queries", 2),
        Parameter("max_db_retries", 3), Parameter("ps_max_col_size", 1024),
        Parameter("timeout_interval", 2), Parameter("use_tls", 0),
    )  # fmt: skip

    def start(self) -> None:
        """Say what has no effect."""
        if self.settings["use_tls"]:
            self.runtime.log(1, "db_mysql: use_tls has no effect")

    def options(self) -> Options:
        """How long to wait for a connection."""
        return Options(float(self.settings["timeout_interval"]))
