"""Keeps tables of locations in a database: loads them, and writes what changes at once or with the timer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from relayscript.interpreter.modules.usrloc.binding import Binding, Record
from relayscript.interpreter.modules.usrloc.domain import Domain
from relayscript.interpreter.modules.usrloc.modes import Mode, Writes
from relayscript.interpreter.modules.usrloc.rows import LocationRows
from relayscript.interpreter.storage import Row, StorageError, Store, StoredTable
from relayscript.interpreter.waiting import wait


class Keeping:
    """The tables of a store that stand behind those in memory."""

    def __init__(self, store: Store, mode: Mode, rows: LocationRows) -> None:
        self.mode = mode
        self._store = store
        self._rows = rows
        self._tables: dict[str, StoredTable] = {}
        self._changed: dict[tuple[str, int], Row | None] = {}
        self._versions: Counter[tuple[str, str]] = Counter()

    # ---- reading

    def load(self, domain: Domain, now: float) -> list[str]:
        """Fill a table when the script starts; returns what is wrong with rows. Raises StorageError.

        Contacts that have expired are not loaded, and leave the database.
        """
        stored = self._tables[domain.name] = self._store.table(self._rows.table(domain.name))
        return self._fill(domain, stored.rows(), now) if self.mode.loads else []

    def _fill(self, domain: Domain, rows: list[Row], now: float) -> list[str]:
        wrong: list[str] = []
        found: list[tuple[str, Binding, dict[str, str]]] = []
        for row in rows:
            try:
                found.append(self._rows.read(row))
            except ValueError as error:
                wrong.append(f"table {domain.name}: {error}")
        for aor, binding, keys in sorted(found, key=lambda each: (each[1].modified, each[1].number)):
            if not binding.lives(now):
                self._say(domain, binding.number, None)
                continue
            record = domain.get(aor) or domain.add(aor)
            record.keys.update(keys)
            record.add(binding, newest_first=domain.newest_first)
        return wrong

    def refresh(self, domain: Domain, aor: str) -> None:
        """Read again what the database has for an address, if others write to it. It waits, in a run."""
        stored = self._tables.get(domain.name)
        if stored is None or not self.mode.shares:
            return
        owner, key, before = self._rows.owner(aor), (domain.name, aor), -1

        def ask(done: Callable[[list[Row] | StorageError], None]) -> None:
            stored.fetch(done, owner)

        rows: list[Row] = []
        while before != self._versions[key]:
            before, found = self._versions[key], wait(ask)
            if isinstance(found, StorageError):
                return
            rows = found
        self._replace(domain, aor, rows)

    def _replace(self, domain: Domain, aor: str, rows: list[Row]) -> None:
        known = domain.get(aor)
        latencies = {each.number: each.latency for each in known.bindings} if known is not None else {}
        if known is not None:
            domain.discard(known)
        self._fill(domain, rows, 0)
        record = domain.get(aor)
        for each in record.bindings if record is not None else ():
            each.latency = latencies.get(each.number, 0)

    def reload(self, domain: Domain, now: float) -> None:
        """Read a whole table again if others write to it; what has expired leaves the database. It takes a while."""
        stored = self._tables.get(domain.name)

        def replace(rows: list[Row] | StorageError) -> None:
            if not isinstance(rows, StorageError):
                domain.clear()
                self._versions.clear()
                self._fill(domain, rows, now)

        if stored is not None and self.mode.shares:
            stored.fetch(replace)

    # ---- writing

    def put(self, domain: Domain, record: Record, binding: Binding) -> None:
        """A contact is new, or has changed."""
        self._note(domain, record)
        if not binding.is_volatile:
            self._say(domain, binding.number, self._rows.write(record.aor, binding, record.keys))

    def remove(self, domain: Domain, record: Record, binding: Binding) -> None:
        """A contact is gone."""
        self._note(domain, record)
        self._say(domain, binding.number, None)

    def _note(self, domain: Domain, record: Record) -> None:
        """What is being read of an address meanwhile is not what it has any more."""
        if self.mode.shares:
            self._versions[domain.name, record.aor] += 1

    def _say(self, domain: Domain, number: int, row: Row | None) -> None:
        if self.mode.writes is Writes.BACK:
            self._changed[domain.name, number] = row
        elif self.mode.writes is Writes.THROUGH:
            self._write(domain.name, number, row)

    def _write(self, domain: str, number: int, row: Row | None) -> None:
        stored = self._tables.get(domain)
        if stored is None:
            return
        if row is None:
            stored.remove((number,))
        else:
            stored.put(row)

    def flush(self) -> None:
        """Write what has changed since the last time."""
        changed, self._changed = self._changed, {}
        for (domain, number), row in changed.items():
            self._write(domain, number, row)

    def settle(self, domain: Domain) -> None:
        """Wait, in a run, until what was changed is in the database, if it is written through."""
        stored = self._tables.get(domain.name)
        if stored is not None and self.mode.writes is Writes.THROUGH:
            wait(stored.flush)

    def synchronize(self, domain: Domain, aor: str | None) -> None:
        """Make the database have what memory has, of one address or of all; it takes a while."""
        stored = self._tables[domain.name]
        record = domain.get(aor) if aor is not None else None
        records = list(domain) if aor is None else [record] if record is not None else []

        def replace(rows: list[Row] | StorageError) -> None:
            if isinstance(rows, StorageError):
                return
            key = self._rows.table(domain.name).key_of
            for row in rows:
                stored.remove(key(row))
            for each in records:
                for binding in each.bindings:
                    stored.put(self._rows.write(each.aor, binding, each.keys))

        stored.fetch(replace, self._rows.owner(aor) if aor is not None else {})
