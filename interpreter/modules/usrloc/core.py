"""Where users are: the tables, their changes, what follows from a change, and expiry (usrloc manual)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.dsl.visitor import walk
from relayscript.interpreter.databases import open_store
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.modules.usrloc.binding import MATCHING_MODES, Binding, Record, StaleRequest
from relayscript.interpreter.modules.usrloc.domain import Domain
from relayscript.interpreter.modules.usrloc.keeping import Keeping
from relayscript.interpreter.modules.usrloc.modes import working_mode
from relayscript.interpreter.modules.usrloc.rows import COLUMNS, LocationRows
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables.destination import q_text
from relayscript.sip.timers import Timer

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

NAMING = ("ul_add_key", "ul_get_key", "ul_del_key")
"""The functions of the module; their first argument names a table."""


class UsrlocCore(Module):
    """Keeps the tables.

    `on_gone(domain, record, binding)` are told of each binding that is removed or has expired, `on_update` of each
    that was registered again. Seconds before they expire, phones that take push notifications are to be woken:
    `refreshed_before`.
    """

    parameters = (
        Parameter("hash_size", 9), Parameter("timer_interval", 60), Parameter("use_domain", 1),
        Parameter("desc_time_order", 0), Parameter("matching_mode", 0), Parameter("cseq_delay", 20),
        Parameter("nat_bflag"), Parameter("contact_refresh_timer", 0), Parameter("mi_dump_kv_store", 0),
        Parameter("max_contact_delete", 10), Parameter("regen_broken_contactid", 0),
        Parameter("latency_event_min_us", 0), Parameter("latency_event_min_us_delta", 0),
        Parameter("db_url"), Parameter("cachedb_url"), Parameter("working_mode_preset"), Parameter("cluster_mode"),
        Parameter("restart_persistency"), Parameter("sql_write_mode"),
        Parameter("location_cluster", 0), Parameter("ha_cluster", 0),
        Parameter("ha_shtag"), Parameter("skip_replicated_db_ops", 0), Parameter("pinging_mode"),
        *(Parameter(f"{name}_column", column.name) for name, column in COLUMNS.items() if name != "last_modified"),
    )  # fmt: skip
    statistics = ("registered_users",)

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if not 0 <= settings["matching_mode"] < len(MATCHING_MODES):
            raise ValueError(f"matching_mode is 0 or 1, not {settings['matching_mode']}")
        self.mode = working_mode(settings)
        self.keeping: Keeping | None = None
        self.domains: dict[str, Domain] = {}
        self.names = FlagNames(runtime.script)
        self.on_gone: list[Callable[[Domain, Record, Binding], object]] = []
        self.on_update: list[Callable[[Domain, Record, Binding], object]] = []
        self.refreshed_before = 0
        self._sweep: Timer | None = None

    def start(self) -> None:
        """Open the database, if there is to be one; say what of the settings has no effect. Raises StorageError."""
        if self.mode.cluster:
            self.runtime.log(1, f"usrloc: no clusters here, so this server works alone: no {self.mode.cluster}")
        if self.mode.is_stored:
            store = open_store(self.runtime, self.settings["db_url"])
            self.keeping = Keeping(store, self.mode, LocationRows(self.settings, self.names, self.runtime.listeners))
            for domain in self.domains.values():
                self._load(self.keeping, domain)
        elif self.settings["db_url"]:
            self.runtime.log(1, "usrloc: db_url has no effect: working_mode_preset asks for no database")
        for node in walk(self.runtime.script):
            if isinstance(node, nodes.Call) and node.name in NAMING and isinstance(node.args[0], nodes.Text):
                self.domain(node.args[0].value)

    def stop(self) -> None:
        """No expiry any more; what is not written yet is written now."""
        if self._sweep is not None:
            self._sweep.cancel()
        if self.keeping is not None:
            self.keeping.flush()

    # ---- tables

    def domain(self, name: str) -> Domain:
        """The table of that name, made if it is not there yet, with what the database has. Raises StorageError."""
        found = self.domains.get(name)
        if found is None:
            found = self.domains[name] = Domain(name, newest_first=bool(self.settings["desc_time_order"]))
            for statistic in ("users", "contacts", "expires"):
                self.runtime.statistics.setdefault(f"usrloc:{name}-{statistic}", 0)
            if self.keeping is not None:
                self._load(self.keeping, found)
        return found

    def _load(self, keeping: Keeping, domain: Domain) -> None:
        for complaint in keeping.load(domain, self.runtime.host.wall()):
            self.runtime.log(1, f"usrloc: {complaint}")
        self._count(domain, "users", len(domain))
        self._count(domain, "contacts", sum(len(record.bindings) for record in domain))
        for record in domain:
            for binding in record.bindings:
                self._look_ahead(domain, record, binding)
        if len(domain) or self.mode.shares:
            self._watch()

    @property
    def matching_mode(self) -> str:
        """How contacts are told apart unless a function says otherwise."""
        return MATCHING_MODES[self.settings["matching_mode"]]

    def match(self, record: Record, uri: str, call_id: str, cseq: int, mode: str) -> tuple[Binding | None, bool]:
        """The binding that a contact in a REGISTER stands for, and whether the request is a repetition.

        Raises StaleRequest if a later request of the same call changed the binding already.
        """
        binding = record.find(uri, call_id, mode)
        if binding is None or binding.call_id != call_id:
            return binding, False
        if cseq < binding.cseq:
            raise StaleRequest
        soon = self.runtime.host.wall() < binding.modified + self.settings["cseq_delay"]
        return binding, cseq == binding.cseq and soon

    def known(self, domain: Domain, aor: str) -> Record | None:
        """The record of an address, read again first if others write to the database; it may wait, in a run."""
        if self.keeping is not None:
            self.keeping.refresh(domain, aor)
        return domain.get(aor)

    def settle(self, domain: Domain) -> None:
        """Wait, in a run, until all changes are where they have to be before they are told."""
        if self.keeping is not None:
            self.keeping.settle(domain)

    # ---- changes

    def insert(self, domain: Domain, aor: str, binding: Binding) -> Binding:
        """Add a binding, and with the first one its record."""
        record = domain.get(aor)
        if record is None:
            record = domain.add(aor)
            self._count(domain, "users", 1)
            self.runtime.raise_event("E_UL_AOR_INSERT", {"domain": domain.name, "aor": aor})
        binding.number = self.runtime.ids.number("contact", 2**62)
        binding.modified = self.runtime.host.wall()
        record.add(binding, newest_first=domain.newest_first)
        self._changed(domain, record, binding)
        self._count(domain, "contacts", 1)
        self.raise_event("E_UL_CONTACT_INSERT", domain, record, binding)
        self._look_ahead(domain, record, binding)
        self._watch()
        return binding

    def update(self, domain: Domain, record: Record, old: Binding, new: Binding) -> None:
        """Put what a later REGISTER said in the place of a binding; with `desc_time_order` it becomes the first."""
        new.number, new.latency, new.modified = old.number, old.latency, self.runtime.host.wall()
        if domain.newest_first:
            record.remove(old)
            record.add(new, newest_first=True)
        else:
            record.replace(old, new)
        self._changed(domain, record, new)
        self.raise_event("E_UL_CONTACT_UPDATE", domain, record, new)
        self._look_ahead(domain, record, new)
        for told in self.on_update:
            told(domain, record, new)

    def remove(self, domain: Domain, record: Record, binding: Binding) -> None:
        """Remove a binding, and with the last one its record."""
        record.remove(binding)
        if self.keeping is not None:
            self.keeping.remove(domain, record, binding)
        self._count(domain, "contacts", -1)
        self.raise_event("E_UL_CONTACT_DELETE", domain, record, binding)
        for told in self.on_gone:
            told(domain, record, binding)
        if not record.bindings:
            domain.discard(record)
            self._count(domain, "users", -1)
            self.runtime.raise_event("E_UL_AOR_DELETE", {"domain": domain.name, "aor": record.aor})

    def _changed(self, domain: Domain, record: Record, binding: Binding) -> None:
        if self.keeping is not None:
            self.keeping.put(domain, record, binding)

    def keys_changed(self, domain: Domain, record: Record) -> None:
        """Another value is kept with an address."""
        for binding in record.bindings:
            self._changed(domain, record, binding)

    def _count(self, domain: Domain, statistic: str, by: int) -> None:
        if self.mode.shares:
            return
        self.runtime.count(f"usrloc:{domain.name}-{statistic}", by)
        if statistic == "users":
            self.runtime.count("usrloc:registered_users", by)

    def raise_event(self, name: str, domain: Domain, record: Record, binding: Binding, **more: Value) -> None:
        """Tell of a binding, and what else there is to tell."""
        params: dict[str, Value] = {
            "domain": domain.name, "aor": record.aor, "uri": binding.uri, "received": binding.received,
            "path": binding.path, "qval": q_text(binding.q), "user_agent": binding.user_agent,
            "socket": str(binding.socket or ""), "bflags": self.names.listed(binding.flags),
            "expires": int(binding.expires), "callid": binding.call_id, "cseq": binding.cseq,
            "attr": binding.attributes, "latency": binding.latency, "shtag": binding.shared_tag, **more,
        }  # fmt: skip
        self.runtime.raise_event(name, params)

    # ---- push notifications

    def raise_refresh(
        self, domain: Domain, record: Record, binding: Binding, reason: str, call_id: str = ""
    ) -> None:
        """Tell that a phone has to be woken, so that it registers again; the Call-ID is of whoever needs it."""
        self.raise_event("E_UL_CONTACT_REFRESH", domain, record, binding, reason=reason, req_callid=call_id)

    def _look_ahead(self, domain: Domain, record: Record, binding: Binding) -> None:
        """Wake a phone in time, if `contact_refresh_timer` wants that."""
        if not (self.settings["contact_refresh_timer"] and binding.takes_push and binding.expires):
            return

        def wake() -> None:
            if binding in record.bindings:
                self.raise_refresh(domain, record, binding, "reg-refresh")

        left = binding.expires - self.refreshed_before - self.runtime.host.wall()
        self.runtime.timers.start(max(0.0, left), wake)

    # ---- expiry

    def _watch(self) -> None:
        """Look for expired bindings every `timer_interval` seconds, as long as there are any."""
        if self._sweep is None or not self._sweep.active:
            self._sweep = self.runtime.timers.start(max(1, self.settings["timer_interval"]), self._expire)

    def _expire(self) -> None:
        for domain in self.domains.values():
            for record in domain:
                self.drop_expired(domain, record)
        if self.keeping is not None:
            self.keeping.flush()
        if self.mode.shares or any(len(domain) for domain in self.domains.values()):
            self._watch()
        if self.keeping is not None:
            for domain in self.domains.values():
                self.keeping.reload(domain, self.runtime.host.wall())

    def drop_expired(self, domain: Domain, record: Record) -> None:
        """Remove the bindings of a record that have expired."""
        now = self.runtime.host.wall()
        for binding in [each for each in record.bindings if not each.lives(now)]:
            self._count(domain, "expires", 1)
            self.remove(domain, record, binding)

    # ---- pings

    def set_latency(self, domain: Domain, record: Record, binding: Binding, latency: int) -> None:
        """A ping was answered after that many microseconds; told if it is long, or differs much from before."""
        least, difference = self.settings["latency_event_min_us"], self.settings["latency_event_min_us_delta"]
        before, binding.latency = binding.latency, latency
        unconditional = not least and not difference
        if unconditional or 0 < least <= latency or 0 < difference <= abs(latency - before):
            self.raise_event("E_UL_LATENCY_UPDATE", domain, record, binding)
