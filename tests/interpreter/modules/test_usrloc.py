"""Location tables: management of contacts, values kept with users, events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.usrloc.binding import ALL_METHODS, Binding, Record, method_mask

from .stage import BOB, Proxy
from .test_registrar import MODULES, register

SCRIPT = """
route {
    if ($rm == "REGISTER") { save("location"); exit; }
    ul_add_key("location", "bob@example.com", "color", "red");
    $var(rc) = ul_get_key("location", "bob@example.com", "color", $var(x));
    xlog("rc=$var(rc) x=$var(x)");
    $var(rc) = ul_del_key("location", "bob@example.com", "color");
    $var(more) = ul_del_key("location", "bob@example.com", "color");
    xlog("deleted $var(rc) $var(more)");
}
"""
BOB_RECORD = {"table_name": "location", "aor": "bob@example.com"}


def proxy_with_bob() -> Proxy:
    """A registrar where bob is."""
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(register("<sip:b@192.0.2.2>;q=0.5;expires=60", headers="User-Agent: phone\n"), BOB)
    return proxy


def contacts(proxy: Proxy) -> list[dict[str, Any]]:
    """Bob's contacts as management shows them."""
    shown: Any = proxy.call("usrloc:show_contact", **BOB_RECORD)
    found: list[dict[str, Any]] = shown["Contacts"]
    return found


def test_a_contact_is_shown() -> None:
    (shown,) = contacts(proxy_with_bob())
    wanted = {
        "Contact": "sip:b@192.0.2.2", "Expires": 60, "Q": "0.5", "Callid": "reg", "Cseq": 1, "User-agent": "phone",
        "State": "CS_NEW", "Flags": 0, "Cflags": "", "Socket": "udp:127.0.0.1:5060", "Methods": ALL_METHODS,
    }  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted


def test_tables_of_the_script_are_there_from_the_start() -> None:
    dumped: Any = Proxy(SCRIPT, MODULES).call("usrloc:dump")
    assert dumped == {"Domains": [{"name": "location", "hash_size": 512, "AORs": []}]}


def add(proxy: Proxy, **changed: object) -> object:
    """Add a contact of bob by management."""
    given: dict[str, object] = {
        **BOB_RECORD, "contact": "sip:m@192.0.2.2", "expires": 0, "q": "1", "flags": 0, "cflags": "0", "methods": 1,
        **changed,
    }  # fmt: skip
    return proxy.call("usrloc:add", **given)


def test_a_contact_for_ever() -> None:
    proxy = proxy_with_bob()
    assert add(proxy) == "OK"
    proxy.host.pass_time(10_000)
    assert [(each["Contact"], each["Expires"]) for each in contacts(proxy)] == [("sip:m@192.0.2.2", "permanent")]


def test_adding_again_changes() -> None:
    proxy = proxy_with_bob()
    add(proxy)
    add(proxy, q="0.1")
    assert [(each["Contact"], each["Q"]) for each in contacts(proxy)] == [
        ("sip:m@192.0.2.2", "0.1"), ("sip:b@192.0.2.2", "0.5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"q": "9"}, 400), ({"contact": "nothing"}, 400), ({"table_name": "none"}, 404), ({"expires": -1}, 400)],
)
def test_contacts_that_cannot_be_added(changed: dict[str, object], code: int) -> None:
    with pytest.raises(CommandError) as raised:
        add(proxy_with_bob(), **changed)
    assert raised.value.code == code


def test_databases_are_not_there() -> None:
    for name, params in (("flush", {}), ("sync", {"table_name": "location"}), ("cluster_sync", {})):
        with pytest.raises(CommandError, match="Not supported"):
            proxy_with_bob().call(f"usrloc:{name}", **params)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("matching_mode", "1", []),
        ("db_url", '"mysql://x"', ["db_url has no effect: working_mode_preset asks for no database"]),
        ("working_mode_preset", '"full-sharing-cluster"',
         ["no clusters here, so this server works alone: no full-sharing-cluster"]),
        ("cluster_mode", '"federation-cachedb"',
         ["no clusters here, so this server works alone: no federation-cachedb"]),
        ("restart_persistency", '"sync-from-cluster"',
         ["no clusters here, so this server works alone: no sync-from-cluster"]),
    ],
)  # fmt: skip
def test_a_setting_without_effect_is_told(name: str, value: str, told: list[str]) -> None:
    proxy = Proxy(f'modparam("usrloc", "{name}", {value})\n{SCRIPT}', f"{MODULES} cachedb_local")
    assert proxy.log == [f"usrloc: {each}" for each in told]


def test_values_are_kept_with_a_user() -> None:
    proxy = proxy_with_bob()
    proxy.send(register().replace("REGISTER", "MESSAGE"))
    assert proxy.log == ["rc=1 x=red", "deleted 1 1"]


def test_an_empty_value_is_forgotten() -> None:
    script = """route {
        if ($rm == "REGISTER") { save("location"); exit; }
        ul_add_key("location", "bob@example.com", "color", "red");
        $var(a) = ul_add_key("location", "bob@example.com", "color");
        $var(b) = ul_get_key("location", "bob@example.com", "color", $var(x));
        xlog("$var(a) $var(b)");
    }"""
    proxy = Proxy(script, MODULES)
    proxy.send(register("<sip:b@192.0.2.2>"), BOB)
    proxy.send(register().replace("REGISTER", "MESSAGE"))
    assert proxy.log == ["1 -1"]


def test_values_need_a_user() -> None:
    proxy = Proxy(SCRIPT, MODULES)
    proxy.send(register().replace("REGISTER", "MESSAGE"))
    assert proxy.log == ["rc=-1 x=<null>", "deleted -1 -1"]


# ---- records


def test_the_order_of_contacts() -> None:
    record = Record("bob@example.com")
    for name, q in (("a", -1), ("b", 500), ("c", 1000), ("d", 500)):
        record.add(Binding(f"sip:{name}@h", 0, q))
    assert [each.uri for each in record.bindings] == ["sip:c@h", "sip:b@h", "sip:d@h", "sip:a@h"]
    record.add(Binding("sip:e@h", 0), newest_first=True)
    assert record.bindings[0].uri == "sip:e@h"


def test_a_contact_is_told_apart_by_call_if_asked_for() -> None:
    record = Record("bob@example.com")
    record.add(Binding("sip:b@h", 0, call_id="one"))
    assert record.find("sip:b@h", "two", "contact-only") is record.bindings[0]
    assert record.find("sip:b@h", "two", "contact-and-callid") is None


def test_the_mask_of_methods() -> None:
    assert method_mask("INVITE, BYE,INVITE") == 0b1001
    assert method_mask("FROB,OTHER") == 1 << 14


def test_the_next_hop_is_the_path_then_where_it_was_seen() -> None:
    assert Binding("sip:b@h", 0).next_hop is None
    assert Binding("sip:b@h", 0, received="sip:10.0.0.1").next_hop == "sip:10.0.0.1"
    assert Binding("sip:b@h", 0, received="sip:10.0.0.1", path="<sip:p;lr>,<sip:q;lr>").next_hop == "sip:p;lr"


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "replace"]), st.sampled_from("abc")), max_size=20))
def test_what_is_found_is_what_is_there(steps: list[tuple[str, str]]) -> None:
    record = Record("bob@example.com")
    for act, uri in steps:
        known = record.find(uri, "", "contact-only")
        if act == "add" or known is None:
            record.add(Binding(uri, 0))
        elif act == "remove":
            record.remove(known)
        else:
            record.replace(known, Binding(uri, 0))
    for uri in "abc":
        there = [each for each in record.bindings if each.uri == uri]
        assert (record.find(uri, "", "contact-only") in there) == bool(there)
