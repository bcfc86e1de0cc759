"""Calls that outlive the proxy: killed or stopped, started again on the same host, with the same database."""

from __future__ import annotations

from typing import Any

import pytest

from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.storage import MemoryTable, Row, StorageError

from .stage import BOB, Proxy, reply, request

MOMENT = 0.01
"""Seconds in which everything is written that happened before."""

MODULES = "tm sl rr sipmsgops db_sqlite dialog"
URL = "sqlite:///calls"
STORED = f'modparam("dialog", "db_url", "{URL}")\nmodparam("dialog", "db_mode", {{mode}})\n'
ROUTES = """
route {
    if (has_totag()) { loose_route(); INSIDE t_relay(); exit; }
    create_dialog(OPTIONS); CREATED
    record_route();
    t_relay();
}
route[h] { xlog("over: $DLG_end_reason\\n"); }
"""


class Call:
    """A call of alice and bob through a proxy that dialogs outlive."""

    def __init__(
        self, created: str = "", *, inside: str = "", options: str = "", mode: int = 1, settings: str = "",
        modules: str = MODULES,
    ) -> None:  # fmt: skip
        routes = ROUTES.replace("INSIDE", inside).replace("OPTIONS", options).replace("CREATED", created)
        self.script, self.modules = STORED.format(mode=mode) + settings + routes, modules
        self.proxy = Proxy(self.script, modules)
        self.route = ""

    def establish(self, call_id: str = "call-1") -> Call:
        """Alice calls, bob answers, alice acknowledges."""
        self.ring(call_id)
        self.answer()
        self.alice("ACK", 7, call_id)
        self.proxy.host.pass_time(MOMENT)
        self.proxy.got = {"alice": [], "bob": []}
        return self

    def ring(self, call_id: str = "call-1") -> None:
        """Alice calls."""
        self.proxy.send(request("INVITE", cseq=7, call_id=call_id))
        self.invite = self.proxy.take("bob")
        self.route = f"Route: {self.invite.header('record-route')}\n"

    def answer(self) -> None:
        """Bob answers."""
        self.proxy.send(reply(self.invite, 200), BOB)

    def alice(self, method: str, cseq: int, call_id: str = "call-1", route: str | None = None) -> None:
        """Alice sends a request inside the dialog."""
        headers = self.route if route is None else route
        self.proxy.send(request(method, to_tag="bob", cseq=cseq, headers=headers, call_id=call_id))

    def bob(self, method: str, cseq: int) -> None:
        """Bob sends a request inside the dialog."""
        uri = "sip:alice@192.0.2.1"
        self.proxy.send(request(method, uri, sender="bob", to_tag="alice", cseq=cseq, headers=self.route), BOB)

    def stop(self) -> None:
        """The proxy ends as asked."""
        self.proxy.runtime.stop()

    def start(self, settings: str = "", modules: str = "", *, after: float = 0.0) -> None:
        """A proxy starts, some seconds after the other one was killed, which was a moment from now."""
        self.proxy.host.pass_time(MOMENT)
        host = self.proxy.host.successor()
        host.pass_time(after)
        self.proxy = Proxy(settings + self.script, modules or self.modules, host=host)

    @property
    def module(self) -> DialogModule:
        found = self.proxy.runtime.module(DialogModule)
        assert found is not None
        return found

    @property
    def dialog(self) -> Dialog:
        """The only dialog there is."""
        (found,) = self.module.table
        return found

    @property
    def table(self) -> MemoryTable:
        """The table in the database, when everything is written."""
        self.proxy.host.pass_time(MOMENT)
        return self.proxy.host.stores[URL].tables["dialog"]

    def statistic(self, name: str) -> int:
        return self.proxy.runtime.statistics[f"dialog:{name}"]


def only(rows: list[Row]) -> Row:
    (found,) = rows
    return found


# ---- what is written when


def test_a_call_is_written_when_it_is_answered_and_deleted_when_it_is_over() -> None:
    call = Call()
    call.ring()
    assert call.table.rows() == []
    call.answer()
    row = only(call.table.rows())
    assert (row["callid"], row["state"], row["from_tag"], row["to_tag"]) == ("call-1", 3, "alice", "bob")
    assert (row["caller_contact"], row["callee_contact"]) == ("sip:alice@192.0.2.1", "sip:bob@192.0.2.2")
    assert (row["caller_sock"], row["callee_sock"]) == ("udp:127.0.0.1:5060", "udp:127.0.0.1:5060")
    assert row["dlg_id"] == call.dialog.db_id
    call.alice("ACK", 7)
    assert only(call.table.rows())["state"] == 4
    call.bob("INFO", 5)
    assert only(call.table.rows())["callee_cseq"] == "5"
    call.alice("BYE", 8)
    assert call.table.rows() == []


def test_without_a_mode_there_is_no_database() -> None:
    call = Call(mode=0).establish()
    assert call.proxy.host.stores == {}
    assert not call.module.is_persistent
    with pytest.raises(CommandError, match="Not supported"):
        call.proxy.call("dlg_db_sync")


def test_delayed_is_written_now_and_then() -> None:
    call = Call(mode=2, settings='modparam("dialog", "db_update_period", 20)\n').establish()
    assert call.table.rows() == []
    call.proxy.host.pass_time(20)
    assert len(call.table.rows()) == 1
    call.alice("BYE", 8)
    assert len(call.table.rows()) == 1
    call.proxy.host.pass_time(20)
    assert call.table.rows() == []


def test_delayed_is_written_at_the_end_too() -> None:
    call = Call(mode=2).establish()
    call.stop()
    assert len(call.table.rows()) == 1


def test_at_shutdown_everything_is_written() -> None:
    call = Call(mode=3).establish().establish("call-2")
    assert call.table.rows() == []
    call.stop()
    assert len(call.table.rows()) == 2
    call.start()
    call.alice("BYE", 8, "call-2")
    assert [row["callid"] for row in call.table.rows()] == ["call-1"]


@pytest.mark.parametrize(("flush", "expected"), [(0, False), (1, True)])
def test_values_are_written_at_once_only_if_wanted(flush: int, expected: bool) -> None:
    settings = f'modparam("dialog", "db_flush_vals_profiles", {flush})\n'
    call = Call(settings=settings).establish()
    call.proxy.call("dlg_push_var", dlg_val_name="late", dlg_val_value="x", DID=[call.dialog.did])
    assert ("late#x|" in str(only(call.table.rows())["vars"])) is expected
    call.alice("INFO", 8)
    assert "late#x|" in str(only(call.table.rows())["vars"])


def test_columns_and_table_have_other_names() -> None:
    settings = 'modparam("dialog", "table_name", "calls")\nmodparam("dialog", "call_id_column", "ci")\n'
    call = Call(settings=settings).establish()
    call.proxy.host.pass_time(MOMENT)
    (row,) = call.proxy.host.stores[URL].tables["calls"].rows()
    assert row["ci"] == "call-1"
    call.start()
    assert call.dialog.call_id == "call-1"


# ---- after a restart


def test_a_call_goes_on_after_a_crash() -> None:
    call = Call('$dlg_val(a) = "x"; $dlg_val(n) = 7; set_dlg_flag("F"); dlg_on_hangup("h");').establish()
    before = call.dialog
    call.start()
    after = call.dialog
    assert (after.did, after.state, after.values, after.flags) == (before.did, 4, {"a": "x", "n": 7}, {"F": None})
    assert after.sip.caller == before.sip.caller
    assert after.sip.callees == before.sip.callees
    assert after.caller_socket == before.caller_socket
    assert call.statistic("active_dialogs") == 1
    call.alice("BYE", 8)
    assert call.proxy.take("bob").method == "BYE"
    assert call.proxy.log[-1] == "over: Downstream BYE"
    assert (call.statistic("active_dialogs"), call.table.rows()) == (0, [])
    call.start()
    assert list(call.module.table) == []


def test_a_request_without_the_name_of_the_dialog_is_matched_by_tags() -> None:
    call = Call(settings='modparam("dialog", "dlg_match_mode", 1)\n', inside="match_dialog();").establish()
    call.start()
    call.alice("BYE", 8, route="")
    assert call.dialog.is_ended


@pytest.mark.parametrize("sender", ["alice", "bob"])
def test_scripts_check_and_lead_requests_of_a_call_from_before(sender: str) -> None:
    inside = 'if (validate_dialog()) fix_route_dialog(); xlog("$DLG_dir $DLG_status $ru\\n");'
    call = Call(inside=inside).establish()
    call.start()
    if sender == "alice":
        call.alice("INFO", 8)
        assert call.proxy.take("bob").method == "INFO"
        assert call.proxy.log[-1] == "downstream 4 sip:bob@192.0.2.2"
    else:
        call.bob("INFO", 5)
        assert call.proxy.take("alice").method == "INFO"
        assert call.proxy.log[-1] == "upstream 4 sip:alice@192.0.2.1"


def test_a_call_that_was_not_acknowledged_yet_goes_on() -> None:
    call = Call()
    call.ring()
    call.answer()
    call.start()
    assert call.dialog.state == 3
    call.alice("ACK", 7)
    assert call.dialog.state == 4


def test_the_lifetime_goes_on() -> None:
    call = Call("$DLG_timeout = 60;", options='"B"').establish()
    call.proxy.host.pass_time(10)
    call.start(after=20)
    call.proxy.host.pass_time(29)
    assert call.proxy.got == {"alice": [], "bob": []}
    call.proxy.host.pass_time(2)
    assert [call.proxy.take(name).method for name in ("alice", "bob")] == ["BYE", "BYE"]
    assert call.statistic("expired_dialogs") == 1


def test_a_call_that_expired_meanwhile_ends_at_the_start() -> None:
    call = Call("$DLG_timeout = 60;", options='"B"').establish()
    call.start(after=100)
    assert [call.proxy.take(name).method for name in ("alice", "bob")] == ["BYE", "BYE"]
    assert (call.statistic("active_dialogs"), call.table.rows()) == (0, [])


def test_requests_of_ours_go_on_with_higher_numbers() -> None:
    call = Call(options='"P"').establish()
    call.proxy.host.pass_time(30)
    ping = call.proxy.take("alice")
    assert ping.method == "OPTIONS"
    call.start()
    call.proxy.got = {"alice": [], "bob": []}
    call.proxy.host.pass_time(30)
    assert call.proxy.take("alice").cseq[0] == ping.cseq[0] + 1
    call.bob("INFO", 5)
    infos = [each for each in call.proxy.got["alice"] if each.method == "INFO"]
    assert infos[0].cseq[0] == 5 + 2


def test_profiles_are_counted_again() -> None:
    settings = 'modparam("dialog", "profiles_with_value", "kind; gone")\n'
    call = Call('set_dlg_profile("kind", "a|#b"); set_dlg_profile("gone", "x");', settings=settings).establish()
    call.script = call.script.replace("kind; gone", "kind").replace('set_dlg_profile("gone", "x");', "")
    call.start()
    found: Any = call.proxy.call("profile_get_size", profile="kind", value="a|#b")
    assert found["Profile"]["count"] == 1
    assert any("no profile 'gone'" in line for line in call.proxy.log)
    call.alice("BYE", 8)
    found = call.proxy.call("profile_get_size", profile="kind")
    assert found["Profile"]["count"] == 0


def test_a_socket_that_is_gone_is_replaced() -> None:
    call = Call().establish()
    (key,) = call.table.kept
    call.table.kept[key] = {**call.table.kept[key], "callee_sock": "udp:192.0.2.99:5060"}
    call.start()
    assert str(call.dialog.callee_socket) == "udp:127.0.0.1:5060"
    assert any("no socket of ours is 'udp:192.0.2.99:5060'" in line for line in call.proxy.log)


def test_a_row_that_makes_no_sense_is_left_alone() -> None:
    call = Call().establish()
    (key,) = call.table.kept
    call.table.put({**call.table.kept[key], "dlg_id": 99, "caller_cseq": "many"})
    call.start()
    assert call.dialog.call_id == "call-1"
    assert any("row 99 is left alone" in line for line in call.proxy.log)
    assert len(call.table.rows()) == 2


def test_calls_of_another_program_are_taken_up() -> None:
    call = Call().establish()
    (key,) = call.table.kept
    call.table.kept[key] = {**call.table.kept[key], "vars": "a#x|", "flags": 4, "module_flags": 2}
    call.start()
    assert call.dialog.values == {"a": "x"}
    call.alice("BYE", 8)
    assert call.proxy.take("bob").method == "BYE"


def test_only_answered_calls_are_taken_up() -> None:
    call = Call().establish()
    (key,) = call.table.kept
    call.table.kept[key] = {**call.table.kept[key], "state": 5}
    call.start()
    assert list(call.module.table) == []
    assert call.table.rows() == []


# ---- management and failures


def test_management_takes_up_what_is_in_the_database_only() -> None:
    call = Call().establish()
    other = Call()
    other.proxy.host.stores = call.proxy.host.stores
    other.start()
    call.establish("call-2")
    assert other.proxy.call("dlg_db_sync") == "OK"
    assert sorted(each.call_id for each in other.module.table) == ["call-1", "call-2"]
    assert other.statistic("active_dialogs") == 2


def test_management_has_the_database_as_memory_is() -> None:
    call = Call().establish()
    (key,) = call.table.kept
    row = call.table.kept.pop(key)
    call.table.put({**row, "dlg_id": 99})
    assert call.proxy.call("dlg_restore_db") == "OK"
    assert list(call.table.kept) == [key]


def test_a_database_that_does_not_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call()
    monkeypatch.setattr(MemoryTable, "fetch", lambda self, done: done(StorageError("it is away")))
    with pytest.raises(CommandError, match="Operation failed"):
        call.proxy.call("dlg_restore_db")


def test_a_database_that_nobody_serves_is_an_error() -> None:
    with pytest.raises(StorageError, match=r"load db_sqlite\.so"):
        Call(modules="tm sl rr sipmsgops db_mysql dialog")


def test_a_mode_that_is_none_is_an_error() -> None:
    with pytest.raises(Exception, match="db_mode is 0 to 3"):
        Call(mode=4)


# ---- other modules


def test_a_hidden_call_stays_hidden() -> None:
    call = Call(
        'topology_hiding("UC");', inside="topology_hiding_match();", modules=f"{MODULES} topology_hiding",
    )  # fmt: skip
    call.script = call.script.replace("loose_route(); ", "").replace("record_route();", "")
    call.proxy = Proxy(call.script, call.modules)
    call.proxy.send(request("INVITE", cseq=7))
    invite = call.proxy.take("bob")
    call.proxy.send(reply(invite, 200), BOB)
    _, answer = call.proxy.take("alice"), call.proxy.take("alice")
    contact = (answer.header("contact") or "").strip("<>")
    call.start()
    assert call.dialog.values == {}
    call.proxy.send(request("BYE", contact, to_tag="bob", cseq=8))
    bye = call.proxy.take("bob")
    assert (bye.method, bye.call_id) == ("BYE", invite.call_id)
    assert bye.call_id != "call-1"
    assert len(list(bye.vias())) == 1


def test_changed_uris_stay_changed() -> None:
    call = Call(
        'uac_replace_from("", "sip:hidden@example.com");',
        settings='modparam("uac", "force_dialog", 1)\n',
        modules=f"{MODULES} uac",
    ).establish()
    call.start()
    call.alice("INFO", 8)
    assert call.proxy.take("bob").from_.uri == "sip:hidden@example.com"


