"""The management commands of module usrloc (usrloc manual, "Exported MI Functions")."""

from __future__ import annotations

from typing import Any

from relayscript.interpreter.declaration import command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.core.branches import parse_q
from relayscript.interpreter.modules.usrloc.binding import CONTACT_ONLY, Binding, Record
from relayscript.interpreter.modules.usrloc.core import UsrlocCore
from relayscript.interpreter.modules.usrloc.domain import Domain
from relayscript.interpreter.modules.usrloc.keeping import Keeping
from relayscript.interpreter.values import ascii_lower
from relayscript.interpreter.variables.destination import q_text
from relayscript.sip.errors import SipError
from relayscript.sip.uri import parse_uri

Json = dict[str, Any]
NO_TABLE = (404, "Table not found")
NO_RECORD = (404, "AOR not found")
NO_CONTACT = (404, "Contact not found")
NO_STORAGE = (500, "Not supported")
ADDED_BY = "relayscript MI"


class UsrlocCommands(UsrlocCore):
    """Shows and changes the tables. An address without a domain, or with one that is not kept, is the user's."""

    @command("usrloc:dump", "ul_dump")
    def dump(self, brief: int | None = None) -> Json:
        """All records of all tables, without their contacts if `brief`."""
        return {"Domains": [self._dumped(each, bool(brief)) for each in self.domains.values()]}

    def _dumped(self, domain: Domain, brief: bool) -> Json:
        records = [{"AOR": each.aor} if brief else self._listed(each) for each in domain]
        return {"name": domain.name, "hash_size": 2 ** self.settings["hash_size"], "AORs": records}

    def _listed(self, record: Record) -> Json:
        made: Json = {"AOR": record.aor, "Contacts": [self._shown(each) for each in record.bindings]}
        if self.settings["mi_dump_kv_store"]:
            made["KV-Store"] = record.keys
        return made

    def _shown(self, binding: Binding) -> Json:
        now = self.runtime.host.wall()
        left: int | str = "permanent"
        if binding.expires:
            left = int(binding.expires - now) if binding.lives(now) else "expired"
        given = {"Received": binding.received, "Path": binding.path, "Attr": binding.attributes}
        return {
            "Contact": binding.uri, "ContactID": str(binding.number), "Expires": left, "Q": q_text(binding.q),
            "Callid": binding.call_id, "Cseq": binding.cseq, "User-agent": binding.user_agent,
            **{name: value for name, value in given.items() if value}, "State": "CS_NEW",
            "Flags": binding.internal_flags,
            "Cflags": self.names.listed(binding.flags), "Socket": str(binding.socket or ""),
            "Methods": binding.methods, "Latency": binding.latency,
            **({"SIP_instance": binding.instance} if binding.instance else {}),
        }  # fmt: skip

    @command("usrloc:show_contact", "ul_show_contact")
    def show_contact(self, table_name: str, aor: str) -> Json:
        """The contacts of an address."""
        record = self._record(self._table(table_name), aor)
        live = record.live(self.runtime.host.wall())
        if not live:
            raise CommandError(*NO_CONTACT)
        return {"AOR": record.aor, "Contacts": [self._shown(each) for each in live]}

    @command("usrloc:add", "ul_add")
    def add(
        self, table_name: str, aor: str, contact: str, expires: int, q: str, flags: int, cflags: str, methods: int
    ) -> str:
        """Add a contact, or change the one there is; `expires` is in seconds, 0 for ever. `cflags` are names."""
        domain, thousandths = self._table(table_name), parse_q(q)
        if thousandths is None or expires < 0:
            raise CommandError(400, "Bad parameter")
        try:
            parse_uri(contact)
        except SipError:
            raise CommandError(400, "Bad contact") from None
        until = self.runtime.host.wall() + expires if expires else 0
        names = {each for each in cflags.split() if each in self.names}
        made = Binding(contact, until, thousandths, "relayscript-mi", 1, ADDED_BY, flags=names, methods=methods)
        record = domain.get(self.key(aor))
        known = record.find(contact, "", CONTACT_ONLY) if record is not None else None
        if record is not None and known is not None:
            self.update(domain, record, known, made)
        else:
            self.insert(domain, self.key(aor), made)
        return "OK"

    @command("usrloc:rm_contact", "ul_rm_contact")
    def rm_contact(self, table_name: str, aor: str, contact: str) -> str:
        """Remove a contact of an address."""
        domain = self._table(table_name)
        record = self._record(domain, aor)
        binding = record.find(contact, "", CONTACT_ONLY)
        if binding is None:
            raise CommandError(*NO_CONTACT)
        self.remove(domain, record, binding)
        return "OK"

    @command("usrloc:rm", "ul_rm")
    def rm(self, table_name: str, aor: str) -> str:
        """Remove all contacts of an address; it need not have any."""
        domain = self._table(table_name)
        record = domain.get(self.key(aor))
        for binding in list(record.bindings) if record is not None else ():
            assert record is not None
            self.remove(domain, record, binding)
        return "OK"

    # ---- databases and clusters

    @command("usrloc:flush", "ul_flush")
    def flush(self) -> str:
        """Write to the database what it does not have yet; an error without one."""
        self._stored().flush()
        return "OK"

    @command("usrloc:sync", "ul_sync")
    def sync(self, table_name: str, aor: str | None = None) -> str:
        """Make the database have what is in memory, of one address or of all.

        An error without a database, or if there is nothing else than the database.
        """
        keeping, domain = self._stored(), self._table(table_name)
        if self.mode.shares:
            raise CommandError(*NO_STORAGE)
        keeping.synchronize(domain, self.key(aor) if aor is not None else None)
        return "OK"

    def _stored(self) -> Keeping:
        if self.keeping is None:
            raise CommandError(*NO_STORAGE)
        return self.keeping

    @command("usrloc:cluster_sync", "ul_cluster_sync")
    def cluster_sync(self) -> str:
        """There is no cluster: always an error."""
        raise CommandError(*NO_STORAGE)

    # ---- finding

    def _table(self, name: str) -> Domain:
        found = self.domains.get(name)
        if found is None:
            raise CommandError(*NO_TABLE)
        return found

    def _record(self, domain: Domain, aor: str) -> Record:
        found = domain.get(self.key(aor))
        if found is None:
            raise CommandError(*NO_RECORD)
        return found

    def key(self, aor: str) -> str:
        """The key of an address given as text: `user[@domain]`, the domain in lower case if it is kept at all."""
        user, mark, domain = aor.removeprefix("sip:").rpartition("@")
        if not mark:
            return domain
        return f"{user}@{ascii_lower(domain)}" if self.settings["use_domain"] else user
