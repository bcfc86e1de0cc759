"""Locations that outlive a restart: what is written when, what comes back, and tables that others write to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.databases.database import SqlStore
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.usrloc.binding import ALL_METHODS, Binding
from relayscript.interpreter.modules.usrloc.modes import ALONE, BACK, ONLY, THROUGH, Mode, Writes, working_mode
from relayscript.interpreter.modules.usrloc.rows import LocationRows
from relayscript.interpreter.storage import Options, Row, StorageError
from relayscript.sip.transport import Listener

from .stage import Proxy
from .test_registrar import MODULES, answer, message

URL = "sqlite:///locations"
SCRIPT = """
modparam("usrloc", "db_url", "sqlite:///locations")
modparam("usrloc", "working_mode_preset", "%s")
route {
    if ($rm == "REGISTER") { setbflag("NAT"); save("location", "%s"); exit; }
    ul_add_key("location", "bob@example.com", "color", $hdr(X-Color));
    $var(rc) = lookup("location");
    $var(more) = ul_get_key("location", "bob@example.com", "color", $var(color));
    xlog("rc=$var(rc) ru=$ru du=$du nat=$msg.branch.flag(NAT) color=$var(color)");
}
"""


class Server:
    """A registrar that keeps its locations, which can be killed and restarted."""

    def __init__(self, mode: str, flags: str = "path-off,path-received", more: str = "") -> None:
        self.script = SCRIPT % (f"single-instance-sql-{mode}" if mode.startswith("write") else mode, flags) + more
        self.proxy = Proxy(self.script, f"{MODULES} db_sqlite")

    def kill(self) -> None:
        """The process ends at once; another one takes its place."""
        self.proxy = Proxy(self.script, f"{MODULES} db_sqlite", host=self.proxy.host.successor())

    def restart(self) -> None:
        """The process ends as it should; another one takes its place."""
        self.proxy.runtime.stop()
        self.kill()

    def rows(self) -> list[Row]:
        """What is in the database."""
        return self.proxy.host.stores[URL].tables["location"].rows()

    def found(self, number: int) -> str:
        """What a call for bob finds."""
        self.proxy.send(message(number=number))
        return self.proxy.log[-1]


FOUND = "rc=1 ru=sip:b@10.0.0.1 du={} nat=true color=<null>"
NOBODY = "rc=-1 ru=sip:bob@example.com du=<null> nat=false color=<null>"


@pytest.mark.parametrize(("mode", "outlives"), [("write-through", True), ("write-back", False), ("sql-only", True)])
def test_a_contact_outlives_a_kill(mode: str, outlives: bool) -> None:
    server = Server(mode)
    path = "Path: <sip:192.0.2.77;lr;received=sip:9.9.9.9:4000>\n"
    answer(server.proxy, "<sip:b@10.0.0.1>;q=0.5;expires=600", headers=path)
    server.kill()
    found = FOUND.format("sip:192.0.2.77;lr;received=sip:9.9.9.9:4000")
    assert server.found(1) == (found if outlives else NOBODY)


@pytest.mark.parametrize("mode", ["write-through", "write-back", "sql-only"])
def test_a_contact_outlives_a_clean_restart(mode: str) -> None:
    server = Server(mode)
    answer(server.proxy, "<sip:b@10.0.0.1>;q=0.5;expires=600;received=\"sip:9.9.9.9:4000\"")
    server.restart()
    assert server.found(1) == FOUND.format("sip:9.9.9.9:4000")
    server.proxy.host.pass_time(700)
    assert server.rows() == []
    assert server.found(2).startswith("rc=-1")


def test_what_is_written_back_is_written_by_the_timer_or_on_demand() -> None:
    server = Server("write-back")
    answer(server.proxy, "<sip:b@10.0.0.1>;expires=600")
    assert server.rows() == []
    server.proxy.host.pass_time(60)
    assert [row["contact"] for row in server.rows()] == ["sip:b@10.0.0.1"]
    answer(server.proxy, "<sip:c@10.0.0.1>;expires=600", cseq=2)
    assert server.proxy.call("usrloc:flush") == "OK"
    assert [row["contact"] for row in server.rows()] == ["sip:b@10.0.0.1", "sip:c@10.0.0.1"]


def test_what_expired_while_nobody_ran_is_not_loaded() -> None:
    server = Server("write-through")
    answer(server.proxy, "<sip:b@10.0.0.1>;expires=60", "<sip:c@10.0.0.1>;expires=600")
    server.proxy.runtime.stop()
    host = server.proxy.host.successor()
    host.pass_time(60)
    server.proxy = Proxy(server.script, f"{MODULES} db_sqlite", host=host)
    assert [row["contact"] for row in server.rows()] == ["sip:c@10.0.0.1"]
    statistics = server.proxy.runtime.statistics
    assert (statistics["usrloc:registered_users"], statistics["usrloc:location-contacts"]) == (1, 1)


def test_changes_and_removals_reach_the_database() -> None:
    server = Server("write-through")
    answer(server.proxy, "<sip:b@10.0.0.1>;expires=600", "<sip:c@10.0.0.1>;expires=600")
    (number, *_) = [row["contact_id"] for row in server.rows()]
    answer(server.proxy, "<sip:b@10.0.0.1>;expires=900", cseq=2)
    first = next(row for row in server.rows() if row["contact"] == "sip:b@10.0.0.1")
    assert (first["contact_id"], first["cseq"], first["username"], first["domain"]) == (number, 2, "bob", "example.com")
    answer(server.proxy, "<sip:b@10.0.0.1>;expires=0", cseq=3)
    assert [row["contact"] for row in server.rows()] == ["sip:c@10.0.0.1"]
    answer(server.proxy, "*", headers="Expires: 0\n", cseq=4)
    assert server.rows() == []


def test_contacts_for_memory_only_are_not_written() -> None:
    server = Server("write-through", "memory-only")
    assert answer(server.proxy, "<sip:b@10.0.0.1>").status == 200
    assert server.rows() == []
    assert server.found(1).startswith("rc=1")


def test_values_kept_with_a_user_come_back() -> None:
    server = Server("write-through")
    answer(server.proxy, "<sip:b@10.0.0.1>")
    server.proxy.send(message().replace("Content-Length", "X-Color: caf\xe9\nContent-Length"))
    server.kill()
    server.script = server.script.replace("ul_add_key", "#ul_add_key")
    server.kill()
    assert server.found(2).endswith("color=caf\xe9")


def test_the_database_gets_what_memory_has() -> None:
    server = Server("write-through")
    answer(server.proxy, "<sip:b@10.0.0.1>")
    answer(server.proxy, "<sip:c@10.0.0.1>", to="sip:carol@example.com")
    table = server.proxy.host.stores[URL].tables["location"]
    first, second = (dict(row) for row in server.rows())
    table.kept.clear()
    table.put({**first, "contact_id": 1, "contact": "sip:stray@h"})
    table.put({**second, "contact_id": 2, "contact": "sip:other@h"})
    assert server.proxy.call("usrloc:sync", table_name="location", aor="bob@example.com") == "OK"
    assert {row["contact"] for row in server.rows()} == {"sip:b@10.0.0.1", "sip:other@h"}
    assert server.proxy.call("usrloc:sync", table_name="location") == "OK"
    assert {row["contact"] for row in server.rows()} == {"sip:b@10.0.0.1", "sip:c@10.0.0.1"}


def test_there_is_nothing_to_synchronize_in_a_database_alone() -> None:
    with pytest.raises(CommandError, match="Not supported"):
        Server("sql-only").proxy.call("usrloc:sync", table_name="location")


def test_two_servers_share_a_database() -> None:
    one = Server("sql-only")
    answer(one.proxy, "<sip:b@10.0.0.1>;q=0.5;expires=600")
    two = Server("sql-only")
    two.proxy.host.stores = one.proxy.host.stores
    two.kill()
    assert two.found(1).startswith("rc=1 ru=sip:b@10.0.0.1")
    answer(two.proxy, "<sip:b@10.0.0.1>;expires=0", cseq=2)
    assert one.found(2).startswith("rc=-1")
    answer(two.proxy, "<sip:c@10.0.0.1>;expires=100", cseq=3)
    bound = answer(one.proxy, "<sip:d@10.0.0.1>;expires=100", cseq=4).header("contact") or ""
    assert [each.partition(">")[0] for each in bound.split(", ")] == ["<sip:c@10.0.0.1", "<sip:d@10.0.0.1"]
    two.proxy.host.pass_time(180)
    assert two.rows() == []


def test_rows_of_others_that_are_none_are_told() -> None:
    server = Server("write-through")
    server.proxy.host.stores[URL].tables["location"].put({"contact_id": 7, "username": "bob"})
    server.kill()
    assert server.proxy.log == ["usrloc: table location: no contact of a user in row 7"]


def test_without_a_module_for_the_database_nothing_starts() -> None:
    with pytest.raises(StorageError, match=r"load db_sqlite\.so"):
        Proxy(SCRIPT % ("sql-only", ""), f"{MODULES} db_mysql")


def test_the_same_in_sqlite(tmp_path: Path) -> None:
    """What a database gives back is what memory had."""
    rows, url = LocationRows(SETTINGS, FLAGS, ()), f"sqlite://{tmp_path}/locations.db"
    binding = Binding("sip:b@h", 2_000_000_000, 500, "call", 7, "phone", number=2**61, modified=1_790_000_000)
    opened = SqlStore(url, Options(), lambda event: event(), lambda kind, text: pytest.fail(text))
    opened.table(rows.table("location")).put(rows.write("bob@example.com", binding, {"a": "\xe9"}))
    opened.close()
    opened = SqlStore(url, Options(), lambda event: event(), lambda kind, text: pytest.fail(text))
    (row,) = opened.table(rows.table("location")).rows()
    opened.close()
    assert shown(rows.read(row)) == shown(("bob@example.com", binding, {"a": "\xe9"}))


# ---- modes

NOTHING: dict[str, Any] = dict.fromkeys(
    ("working_mode_preset", "cluster_mode", "restart_persistency", "sql_write_mode")
)


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        ({}, ALONE),
        ({"working_mode_preset": "single-instance-no-db", "restart_persistency": "load-from-sql"}, ALONE),
        ({"working_mode_preset": "single-instance-sql-write-through"}, THROUGH),
        ({"working_mode_preset": "single-instance-sql-write-back"}, BACK),
        ({"working_mode_preset": "sql-only"}, ONLY),
        ({"cluster_mode": "sql-only"}, ONLY),
        ({"restart_persistency": "load-from-sql"}, BACK),
        ({"restart_persistency": "load-from-sql", "sql_write_mode": "write-through"}, THROUGH),
        ({"restart_persistency": "load-from-sql", "sql_write_mode": "none"}, Mode(Writes.NEVER, loads=True)),
        ({"sql_write_mode": "write-through"}, ALONE),
        ({"cluster_mode": "full-sharing"}, Mode(cluster="full-sharing")),
    ],
)
def test_what_parameters_ask_for(settings: dict[str, Any], mode: Mode) -> None:
    assert working_mode(NOTHING | settings) == mode


@pytest.mark.parametrize("name", list(NOTHING))
def test_words_that_no_parameter_has(name: str) -> None:
    with pytest.raises(ScriptError, match=f"{name} is one of"):
        Proxy(f'modparam("usrloc", "{name}", "maybe")\nroute {{ exit; }}', MODULES)


# ---- rows

PARSED = parse_text('route { setbflag("NAT"); setbflag("SIP"); }').script
assert PARSED is not None
FLAGS = FlagNames(PARSED)
SETTINGS: Mapping[str, object] = {"use_domain": 1, "contact_column": "uri"}
SOCKET = Listener("udp", "127.0.0.1", 5060)
TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
NAME = st.text("abc.+", min_size=1, max_size=10)
BINDINGS = st.builds(
    Binding, NAME, st.integers(0, 2**31), st.integers(-1, 1000), TEXT, st.integers(0, 2**31 - 1), TEXT, TEXT, TEXT,
    st.sampled_from([None, SOCKET]), st.sets(st.sampled_from(["NAT", "SIP", "other"])),
    st.integers(0, 2**15) | st.just(ALL_METHODS), TEXT, TEXT, st.integers(0, 2**31).map(float), st.integers(1, 2**62),
)  # fmt: skip


def shown(read: tuple[str, Binding, dict[str, str]]) -> tuple[object, ...]:
    """All of a row that was read, to compare."""
    aor, binding, keys = read
    return aor, {name: getattr(binding, name) for name in Binding.__slots__}, keys


@given(NAME, BINDINGS, st.dictionaries(TEXT, TEXT, max_size=2))
def test_rows_come_back(user: str, binding: Binding, keys: dict[str, str]) -> None:
    rows = LocationRows(SETTINGS, FLAGS, (SOCKET,))
    row = rows.write(f"{user}@example.com", binding, keys)
    assert row["uri"] == binding.uri
    assert shown(rows.read(row)) == shown((f"{user}@example.com", binding, keys))


CELL = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT


@given(st.dictionaries(st.sampled_from(["contact_id", "username", "uri", "q", "expires", "kv_store", "methods"]), CELL))
def test_rows_of_others_never_fail_otherwise(row: Row) -> None:
    try:
        LocationRows(SETTINGS, FLAGS, ()).read(row)
    except ValueError:
        return


def test_users_without_domain() -> None:
    rows = LocationRows({"use_domain": 0}, FLAGS, ())
    row = rows.write("bob", Binding("sip:b@h", 0, number=1), {})
    assert (row["username"], row["domain"], rows.read(row)[0]) == ("bob", None, "bob")


