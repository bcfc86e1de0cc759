"""Module usrloc: where the users of a proxy can be reached (usrloc manual)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.usrloc.binding import Binding, Record, StaleRequest
from relayscript.interpreter.modules.usrloc.commands import UsrlocCommands
from relayscript.interpreter.modules.usrloc.domain import Domain

__all__ = ["Binding", "Domain", "Record", "StaleRequest", "Usrloc"]


class Usrloc(UsrlocCommands):
    """The location tables of one running script."""

    name = "usrloc"

    @function()
    def ul_add_key(self, context: Context, domain: str, aor: str, key: str, value: str | None = None) -> int:
        """Keep a value with an address that has contacts, or forget it if it is empty: 1; -1 without contacts."""
        return self._set_key(domain, aor, key, value)

    @function()
    def ul_get_key(self, context: Context, domain: str, aor: str, key: str, target: Reference) -> int:
        """Write a kept value to a variable: 1; -1 if there is none."""
        record = self.known(self.domain(domain), self.key(aor))
        value = record.keys.get(key) if record is not None else None
        return 1 if value is not None and target.set(value) else -1

    @function()
    def ul_del_key(self, context: Context, domain: str, aor: str, key: str) -> int:
        """Forget a kept value, which need not be there: 1; -1 for an address without contacts."""
        return self._set_key(domain, aor, key, None)

    def _set_key(self, name: str, aor: str, key: str, value: str | None) -> int:
        domain = self.domain(name)
        record = self.known(domain, self.key(aor))
        if record is None:
            return -1
        if value:
            record.keys[key] = value
        else:
            record.keys.pop(key, None)
        self.keys_changed(domain, record)
        return 1
