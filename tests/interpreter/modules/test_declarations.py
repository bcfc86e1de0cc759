"""What the catalogue says that a module has, the module declares."""

from __future__ import annotations

import pytest

from relayscript.dsl.catalogue import load
from relayscript.interpreter.loading import module_class

MISSING = {"tm": {"t_write_req", "t_write_unix"}}
"""What we do not offer: the manuals do not tell what these write."""


NAMES = (
    "tm", "sl", "signaling", "rr", "event_datagram", "event_routing", "cachedb_local", "mi_datagram", "mi_fifo",
    "mi_http", "maxfwd", "sipmsgops", "dialog", "options", "textops", "mathops", "cfgutils", "statistics",
    "json", "usrloc", "registrar", "path", "nathelper", "uac", "uac_auth", "topology_hiding", "db_sqlite", "db_mysql",
    "db_postgres",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_complete(name: str) -> None:
    spec, found = load().modules[name], module_class(name)
    assert found is not None
    offered = {each.name for each in found.functions()} | {each.name for each in found.parameters}
    offered |= {name for each in found.variables() for name in each.names}
    offered |= {each.name for each in found.commands()} | set(found.statistics)
    promised = {*spec.functions, *spec.parameters, *spec.variables, *spec.commands, *spec.statistics}
    assert promised - offered == MISSING.get(name, set())
