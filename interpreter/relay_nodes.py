"""The nodes of a relay engine that a module keeps: where they are defined, listed, switched and read again.

Nodes are in the script, in a text file (`db_url` is `file:<path>`), or in a table of a database: a socket and a set
in each row. With `db_url` those of the script do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Protocol

from relayscript.engines.contract import NodeState
from relayscript.engines.errors import EngineError
from relayscript.interpreter.databases import open_store
from relayscript.interpreter.declaration import Module
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.relay_sockets import SCHEME, SocketsError, read_sockets
from relayscript.interpreter.relays import by_set
from relayscript.interpreter.storage import Column, Kind, Row, StorageError, StoredTable, Table
from relayscript.interpreter.waiting import wait

LONGEST_SOCKET = 255


class ManagedEngine(Protocol):
    """What an engine with nodes offers to its module."""

    def start(self) -> None:
        """Open the channels and probe all nodes."""

    def stop(self) -> None:
        """Cancel timers and close the channels."""

    def nodes(self) -> tuple[NodeState, ...]:
        """All nodes, set by set."""

    def enable(self, url: str, mode: int, number: int | None = None) -> bool:
        """0: off for good, 1: on, 2: off until the next test; False if there is no such node."""

    def redefine(self, sockets: Iterable[str]) -> None:
        """Have the nodes of these definitions from now on. EngineError if one cannot be understood."""


class RelayModule(Module):
    """A module with an engine. Subclasses say how their parameters and their kind of node are called."""

    sockets: ClassVar[str]
    socket_column: ClassVar[str]
    set_column: ClassVar[str]
    unknown_node: ClassVar[str]
    engine: ManagedEngine
    _table: StoredTable | None = None

    def first_sockets(self) -> tuple[str, ...]:
        """The definitions that there are before `start()`. Raises SocketsError."""
        url = self.settings["db_url"]
        if not url:
            return tuple(self.settings[self.sockets])
        return read_sockets(url) if url.startswith(SCHEME) else ()

    def start(self) -> None:
        """Read the nodes of a database, if they are in one, and probe all."""
        url = self.settings["db_url"]
        if url and not url.startswith(SCHEME):
            self._table = open_store(self.runtime, url).table(self._stored())
            self.engine.redefine(self._definitions(self._table.rows()))
        self.engine.start()

    def stop(self) -> None:
        """Close the channels to the nodes."""
        self.engine.stop()

    def enable_node(self, url: str, enable: int, setid: int | None) -> str:
        """Switch a node off for good (0), on (1), or off until the next test (2)."""
        if not url:
            raise CommandError(400, "Empty url")
        if not self.engine.enable(url, enable, setid):
            raise CommandError(404, self.unknown_node)
        return "OK"

    def show_nodes(self) -> list[dict[str, object]]:
        """All nodes, set by set."""
        return by_set(self.engine.nodes())

    def reload_nodes(self) -> str:
        """Read the nodes again; those that are still there keep their state."""
        url = self.settings["db_url"]
        if not url:
            raise CommandError(400, "Dynamic loading not enabled")
        try:
            self.engine.redefine(read_sockets(url) if self._table is None else self._fetched(self._table))
        except (SocketsError, EngineError, StorageError) as error:
            raise CommandError(500, "Internal error", str(error)) from None
        return "OK"

    def _stored(self) -> Table:
        given = self.settings
        socket, number = given[self.socket_column], given[self.set_column]
        columns = (Column(socket, Kind.TEXT, LONGEST_SOCKET), Column(number, Kind.INTEGER))
        return Table(given["db_table"], columns, (socket, number))

    def _fetched(self, table: StoredTable) -> list[str]:
        def start(done: Callable[[list[Row] | StorageError], None]) -> None:
            table.fetch(done)

        rows = wait(start)
        if isinstance(rows, StorageError):
            raise rows
        return self._definitions(rows)

    def _definitions(self, rows: Iterable[Row]) -> list[str]:
        given = self.settings
        return [f"{row[given[self.set_column]] or 0} == {row[given[self.socket_column]]}" for row in rows]
