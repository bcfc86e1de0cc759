"""Dialogs in a database: when they are written, and how they are taken up again (dialog manual, `db_mode`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.databases import open_store
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.stored import COLUMNS, from_row, to_row
from relayscript.interpreter.storage import Column, Row, StorageError, StoredTable, Table
from relayscript.interpreter.variables.sources import find_socket
from relayscript.interpreter.waiting import wait
from relayscript.sip import dialog as protocol
from relayscript.sip.timers import Timer
from relayscript.sip.transport import Listener

if TYPE_CHECKING:
    from relayscript.interpreter.modules.dialog.core import DialogCore

NONE, REALTIME, DELAYED, SHUTDOWN = range(4)
"""The values of `db_mode`."""

GATHER = 0.005
"""Seconds for which changes are gathered: an answer, its relay session and its ACK are mostly written as one."""


class Persistence:
    """Writes the dialogs that are answered, a whole row each, and forgets those that are over.

    `on_store(dialog, kept)` add to the texts that are kept with a dialog, each time that it is written.
    `on_restored(dialog)` are told of each dialog that is taken up again; what they kept is among its values,
    and theirs to take out.
    """

    def __init__(self, module: DialogCore) -> None:
        self.module = module
        self.runtime = module.runtime
        self.mode: int = module.settings["db_mode"]
        if self.mode not in (NONE, REALTIME, DELAYED, SHUTDOWN):
            raise ValueError(f"db_mode is 0 to 3, not {self.mode}")
        self.on_store: list[Callable[[Dialog, dict[str, str]], object]] = []
        self.on_restored: list[Callable[[Dialog], object]] = []
        self._names = {name: module.settings[named] if named else name for name, (_, named) in COLUMNS.items()}
        self._stored: StoredTable | None = None
        self._changed: dict[int, Dialog] = {}
        self._over: set[int] = set()
        self._rows: set[int] = set()
        self._next: Timer | None = None

    # ---- life

    def open(self) -> None:
        """Open the database, if there is to be one. Raises StorageError."""
        if self.mode == NONE:
            return
        columns = tuple(Column(self._names[name], kind) for name, (kind, _) in COLUMNS.items())
        table = Table(self.module.settings["table_name"], columns, (self._names["dlg_id"],))
        self._stored = open_store(self.runtime, self.module.settings["db_url"]).table(table)

    def load(self) -> None:
        """Take up what is in the database. It blocks: for the start only. Raises StorageError."""
        if self._stored is not None:
            self._take_up(self._stored.rows())
            self._schedule()

    def close(self) -> None:
        """Write what is not written yet, with mode 3 everything."""
        if self._next is not None:
            self._next.cancel()
        if self.mode == SHUTDOWN:
            self._changed = {each.db_id: each for each in self.module.table if each.is_answered}
        self._flush()

    # ---- what happens to dialogs

    def changed(self, dialog: Dialog) -> None:
        """Something of it is not as it was written."""
        if self.mode in (REALTIME, DELAYED) and dialog.is_answered:
            self._changed[dialog.db_id] = dialog
            self._schedule()

    def ended(self, dialog: Dialog) -> None:
        """It is over: nobody wants to take it up again."""
        self._changed.pop(dialog.db_id, None)
        if dialog.db_id in self._rows:
            self._rows.discard(dialog.db_id)
            self._over.add(dialog.db_id)
            self._schedule()

    def _schedule(self) -> None:
        """Write what changed: soon, or with mode 2 now and then."""
        if self._next is None or not self._next.active:
            seconds = self.module.settings["db_update_period"] if self.mode == DELAYED else GATHER
            self._next = self.runtime.timers.start(seconds, self._flush)

    def _flush(self) -> None:
        if self._stored is None:
            return
        changed, self._changed = self._changed, {}
        over, self._over = self._over, set()
        for number in over:
            self._stored.remove((number,))
        for dialog in changed.values():
            self.runtime.spawn(self._write, self._stored, dialog)

    def _write(self, stored: StoredTable, dialog: Dialog) -> None:
        kept: dict[str, str] = {}
        for hook in self.on_store:
            hook(dialog, kept)
        row = to_row(dialog, kept)
        stored.put({self._names[name]: cell for name, cell in row.items()})
        self._rows.add(dialog.db_id)

    # ---- taking up

    def _take_up(self, rows: list[Row]) -> int:
        """The dialogs of rows whose numbers are not known here; returns how many."""
        known = {each.db_id for each in self.module.table}
        found = [dialog for row in rows if (dialog := self._dialog(row)) is not None]
        fresh = [dialog for dialog in found if dialog.db_id not in known]
        for dialog in sorted(fresh, key=lambda each: each.answered_at):
            self._restore(dialog)
        return len(fresh)

    def _dialog(self, row: Row) -> Dialog | None:
        number = row.get(self._names["dlg_id"])
        try:
            dialog = from_row({name: row.get(column) for name, column in self._names.items()})
        except ValueError as error:
            self.runtime.log(1, f"dialog: row {number} is left alone: {error}")
            return None
        self._rows.add(dialog.db_id)
        if dialog.state not in (protocol.CONFIRMED_NO_ACK, protocol.CONFIRMED):
            self.ended(dialog)
            return None
        dialog.caller_socket = self._socket(dialog, row.get(self._names["caller_sock"]))
        dialog.callee_socket = self._socket(dialog, row.get(self._names["callee_sock"]))
        return dialog

    def _socket(self, dialog: Dialog, name: object) -> Listener | None:
        """The socket of that name; another one, with a warning, if it is gone."""
        listeners, text = self.runtime.listeners, str(name or "")
        found = find_socket(listeners, text)
        if found is None and listeners:
            protocol_name = text.partition(":")[0]
            found = next((each for each in listeners if each.protocol == protocol_name), listeners[0])
            self.runtime.log(1, f"dialog {dialog.did}: no socket of ours is {text!r}; it goes on with {found}")
        return found

    def _restore(self, dialog: Dialog) -> None:
        self.module.table.add(dialog)
        profiles, dialog.profiles = dialog.profiles, []
        for name, value in profiles:
            if name in self.module.profiles.has_value:
                self.module.profiles.add(dialog, name, value)
            else:
                self.runtime.log(1, f"dialog {dialog.did}: there is no profile {name!r} any more")
        for hook in self.on_restored:
            hook(dialog)
        self.module.lifecycle.take_up(dialog)

    # ---- management

    def synchronize(self) -> int:
        """Take up the dialogs that are in the database and not here; returns how many. It may wait.

        Raises StorageError.
        """
        return self._take_up(self._fetched())

    def rewrite(self) -> None:
        """Have in the database what is here, and nothing else. It may wait. Raises StorageError."""
        rows = self._fetched()
        assert self._stored is not None
        column = self._names["dlg_id"]
        self._changed = {each.db_id: each for each in self.module.table if each.is_answered}
        self._over |= {number for row in rows if isinstance(number := row[column], int)} - self._changed.keys()
        self._rows -= self._over
        self._flush()

    def _fetched(self) -> list[Row]:
        if self._stored is None:
            raise StorageError("module dialog has no database")
        result: list[Row] | StorageError = wait(self._stored.fetch)
        if isinstance(result, StorageError):
            raise result
        return result
