"""Contacts as rows of table `location` (usrloc manual, the parameters `*_column`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.modules.usrloc.binding import ALL_METHODS, PUSHED, Binding
from relayscript.interpreter.storage import Cell, Column, Kind, Row, Table
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.transport import Listener

COLUMNS = {
    "contact_id": Column("contact_id", Kind.INTEGER), "user": Column("username", size=64),
    "domain": Column("domain", size=64), "contact": Column("contact"), "received": Column("received", size=255),
    "path": Column("path"), "expires": Column("expires", Kind.INTEGER), "q": Column("q", Kind.REAL),
    "callid": Column("callid", size=255), "cseq": Column("cseq", Kind.INTEGER),
    "last_modified": Column("last_modified", Kind.TIME), "flags": Column("flags", Kind.INTEGER),
    "cflags": Column("cflags", size=255), "user_agent": Column("user_agent", size=255),
    "socket": Column("socket", size=64), "methods": Column("methods", Kind.INTEGER),
    "sip_instance": Column("sip_instance", size=255), "kv_store": Column("kv_store"), "attr": Column("attr"),
}  # fmt: skip
"""The columns of the OpenSIPS schema, by the names of their parameters. (That of `last_modified` has none.)"""

SIGN = 2**31
"""Masks of methods are stored as signed numbers of 32 bits, which is what the schema has room for."""


class LocationRows:
    """Writes contacts as rows, and reads them.

    `settings` are the module's; `listeners` are the sockets that contacts may have come in through.
    """

    def __init__(self, settings: Mapping[str, object], flags: FlagNames, listeners: Sequence[Listener]) -> None:
        self._names = {each: str(settings.get(f"{each}_column", COLUMNS[each].name)) for each in COLUMNS}
        self._with_domain = bool(settings["use_domain"])
        self._flags = flags
        self._listeners = tuple(listeners)

    def table(self, name: str) -> Table:
        """A table of locations."""
        columns = (Column(self._names[each], column.kind, column.size) for each, column in COLUMNS.items())
        return Table(name, tuple(columns), (self._names["contact_id"],), (self._names["user"],))

    def owner(self, aor: str) -> Row:
        """The cells that all rows of an address have."""
        user, domain = self._split(aor)
        return {self._names["user"]: user} | ({self._names["domain"]: domain} if self._with_domain else {})

    def _split(self, aor: str) -> tuple[str, str | None]:
        if not self._with_domain:
            return aor, None
        user, _, domain = aor.rpartition("@")
        return user, domain

    def write(self, aor: str, binding: Binding, keys: Mapping[str, str]) -> Row:
        """The row of a contact; `keys` are the values kept with its address."""
        user, domain = self._split(aor)
        methods = binding.methods - 2 * SIGN if binding.methods >= SIGN else binding.methods
        cells: dict[str, Cell] = {
            "contact_id": binding.number, "user": user, "domain": domain, "contact": binding.uri,
            "received": binding.received or None, "path": binding.path or None, "expires": int(binding.expires),
            "q": binding.q / 1000 if binding.q >= 0 else -1.0, "callid": binding.call_id, "cseq": binding.cseq,
            "last_modified": binding.modified, "flags": binding.internal_flags,
            "cflags": self._flags.listed(binding.flags) or None,
            "user_agent": binding.user_agent[:255], "socket": str(binding.socket) if binding.socket else None,
            "methods": methods, "sip_instance": binding.instance or None,
            "kv_store": json.dumps(dict(keys)) if keys else None, "attr": binding.attributes or None,
        }  # fmt: skip
        return {self._names[each]: cell for each, cell in cells.items()}

    def read(self, row: Row) -> tuple[str, Binding, dict[str, str]]:
        """The address, its contact and the values kept with the address. Raises ValueError for a row that is none."""
        given = {each: row.get(name) for each, name in self._names.items()}
        texts = {each: cell if isinstance(cell, str) else "" for each, cell in given.items()}
        if not isinstance(given["contact_id"], int) or not texts["user"] or not texts["contact"]:
            raise ValueError(f"no contact of a user in row {given['contact_id']}")
        q, methods = _number(given["q"], -1.0), given["methods"]
        binding = Binding(
            texts["contact"], int(_number(given["expires"], 1)), round(q * 1000) if q >= 0 else -1, texts["callid"],
            int(_number(given["cseq"], 0)), texts["user_agent"], texts["received"], texts["path"],
            find_socket(self._listeners, texts["socket"]), set(texts["cflags"].split()),
            methods % (2 * SIGN) if isinstance(methods, int) else ALL_METHODS, texts["sip_instance"], texts["attr"],
            _number(given["last_modified"], 0.0), given["contact_id"],
            takes_push=bool(int(_number(given["flags"], 0)) & PUSHED),
        )  # fmt: skip
        aor = f"{texts['user']}@{texts['domain']}" if self._with_domain else texts["user"]
        return aor, binding, _keys(texts["kv_store"])


def _number(cell: Cell, otherwise: float) -> float:
    return cell if isinstance(cell, (int, float)) else otherwise


def _keys(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}
