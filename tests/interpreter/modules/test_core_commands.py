"""The core's commands about commands, the process, its log, its memory and its status."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.interpreter.connections import Connection
from relayscript.interpreter.management import CommandError, Management
from relayscript.interpreter.runtime import Runtime
from tests.interpreter.modules.stage import Proxy, request

SCRIPT = "route { exit; }"


def refused(proxy: Proxy, command: str, **params: object) -> tuple[int, str]:
    """Code and message of the error that a command gives."""
    with pytest.raises(CommandError) as found:
        proxy.call(command, **params)
    return found.value.code, found.value.message


# ---- commands


def test_which_names_every_command_as_it_may_be_called() -> None:
    proxy = Proxy(SCRIPT)
    names = proxy.call("which")
    assert isinstance(names, list)
    assert {"core:version", "version", "statistics:get", "get_statistics"} <= set(names)
    assert names == sorted(set(names))
    for name in names:
        with pytest.raises(CommandError) as found:
            proxy.call(name, no_such_parameter=1)
        assert found.value.code not in (-32601, -32001), name  # it is found, and only one is meant


def test_every_command_of_the_manual_is_there() -> None:
    proxy = Proxy(SCRIPT)
    catalogue = proxy.runtime.catalogue.core.commands
    missing = [name for name in catalogue if name not in proxy.runtime.commands]
    assert [name for name in missing if not name.startswith("blacklists:")] == []
    for name, (declaration, _) in proxy.runtime.commands.items():
        if name in catalogue:
            assert declaration.aliases == catalogue[name].aliases, name


def test_which_tells_the_parameters_of_a_command() -> None:
    proxy = Proxy(SCRIPT)
    assert proxy.call("which", command="core:version") == [[], ["revision"]]
    assert proxy.call("which", command="get_statistics") == [["statistics"]]
    with pytest.raises(CommandError) as found:
        proxy.call("which", command="nothing")
    assert found.value.code == -32601


def test_help_says_what_a_command_does_and_whose_it_is() -> None:
    proxy = Proxy(SCRIPT)
    assert "which" in cast(dict[str, str], proxy.call("help"))["Help"]
    assert proxy.call("help", mi_cmd="core:pwd") == {"Help": "The working directory.", "Exported by": "core"}
    assert cast(dict[str, str], proxy.call("help", mi_cmd="t_hash"))["Exported by"] == "tm"


# ---- the process


def test_the_process() -> None:
    proxy = Proxy(SCRIPT)
    assert proxy.call("pwd") == {"WD": os.getcwd()}
    assert proxy.call("arg") == sys.argv
    (one,) = cast(Any, proxy.call("ps"))["Processes"]
    assert (one["ID"], one["PID"]) == (0, os.getpid())
    proxy.host.pass_time(90)
    assert cast(Any, proxy.call("uptime"))["Up time"] == "90 [sec]"


def test_kill_stops_the_script() -> None:
    proxy = Proxy(SCRIPT)
    assert not proxy.host.is_quitting
    assert proxy.call("kill") == "OK"
    assert proxy.host.is_quitting


def test_profiling_is_off() -> None:
    proxy = Proxy(SCRIPT)
    assert [each["Profiling level"] for each in cast(Any, proxy.call("profiling_proc", id=0))["Processes"]] == [0]
    assert refused(proxy, "profiling_proc", id=7) == (404, "Process not found")
    assert refused(proxy, "profiling_proc", level=2)[0] == 500


# ---- the log


def test_the_level_of_the_log() -> None:
    proxy = Proxy('log_level=2\nroute { log(3, "info"); }')
    (one,) = cast(Any, proxy.call("log_level"))["Processes"]
    assert (one["PID"], one["Log level"]) == (os.getpid(), 2)
    proxy.send(request("OPTIONS"))
    assert proxy.call("log_level", level=3) == {"New global log level": 3}
    proxy.send(request("OPTIONS"))
    assert proxy.log == ["info"]
    assert proxy.call("log_level", level="1", pid=os.getpid()) == {"Log level": 1}
    assert refused(proxy, "log_level", level=1, pid=1) == (404, "Bad PID")
    assert refused(proxy, "log_level", level=5)[0] == -32602


def test_what_reaches_a_consumer_of_the_log() -> None:
    proxy = Proxy('route { xlog("L_ERR", "error"); xlog("L_NOTICE", "notice"); }')
    assert proxy.call("log_level_filter", consumer="stderror", level_filter=1) == "OK"
    assert proxy.call("log_level_filter", consumer="stderror") == {"Log level filter": 1}
    proxy.send(request("OPTIONS"))
    assert proxy.call("log_mute_state", consumer="stderror", mute_state=1) == "OK"
    assert proxy.call("log_mute_state", consumer="stderror") == {"mute state": 1}
    proxy.send(request("OPTIONS"))
    assert proxy.log == ["error"]
    assert refused(proxy, "log_mute_state", consumer="syslog") == (404, "Unknown log consumer")


def test_the_level_of_xlog() -> None:
    proxy = Proxy('route { xlog("L_INFO", "info"); }')
    assert proxy.call("xlog_level", level=3) == {"xLog Level": 3}
    proxy.send(request("OPTIONS"))
    assert proxy.log == ["info"]


# ---- memory, status, connections


def test_what_memory_holds_is_logged() -> None:
    proxy = Proxy(SCRIPT)
    assert proxy.call("mem:shm_dump", log_level=1) == "OK"
    assert proxy.call("mem:pkg_dump", pid=os.getpid(), log_level=1) == "OK"
    assert any(line.endswith(" dict") for line in proxy.log)
    assert refused(proxy, "mem:pkg_dump", pid=1) == (404, "Process not found")
    assert refused(proxy, "mem:shm_check") == refused(proxy, "mem:rpm_dump") == (500, "Not available")


def test_the_status_of_the_core() -> None:
    route = "event_route[E_CORE_SR_STATUS_CHANGED]"
    proxy = Proxy(route + '{ xlog("$param(old_status)>$param(status) $param(details)"); }')
    assert proxy.log == ["-100>-1 initializing", "-1>1 running"]
    shown = {"Readiness": True, "Status": 1, "Details": "running"}
    assert proxy.call("sr_get_status", group="core") == shown
    assert proxy.call("status_report:get", group="core", identifier="all") == {**shown, "Details": "aggregated"}
    assert proxy.call("status_report:status") == [{"Name": "core", "Identifiers": [{"Name": "main", **shown}]}]
    assert proxy.call("status_report:status", group="core") == {
        "Name": "core", "Identifiers": [{"Name": "main", **shown}],
    }  # fmt: skip
    assert proxy.call("status_report:identifiers") == [{"Group": "core", "Identifiers": ["main"]}]
    assert proxy.call("status_report:identifiers", group="core") == {"Group": "core", "Identifiers": ["main"]}
    (said,) = cast(Any, proxy.call("status_report:reports", group="core"))["Identifiers"]
    assert [each["Log"] for each in said["Reports"]] == ["initializing", "initialization completed, ready now"]
    assert proxy.call("status_report:reports", group="core", identifier="main") == said
    assert refused(proxy, "status_report:get", group="drouting") == (404, "Group not found")
    assert refused(proxy, "status_report:get", group="core", identifier="x") == (404, "Identifier not found")


class Connected(VirtualHost):
    """A host with two connections."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [
            Connection(7, "tcp", True, ("192.0.2.1", 4000), ("127.0.0.1", 5060), self.wall() + 60, (5060,)),
            Connection(9, "tls", False, ("2001:db8::1", 5061), ("2001:db8::2", 5061), self.wall() + 120),
        ]

    def connections(self) -> list[Connection]:
        return list(self.open)

    def close_connection(self, number: int) -> None:
        self.open = [each for each in self.open if each.number != number]


def test_connections_are_listed_and_closed() -> None:
    proxy = Proxy('route { if (tcp_close_conn("9")) xlog("closed"); else xlog("none"); }', host=Connected())
    found = cast(Any, proxy.call("list_tcp_conns"))["Connections"]
    assert [(each["ID"], each["Type"], each["State"], each["Source"], each["Alias port"]) for each in found] == [
        (7, "tcp", "CONN_OK", "192.0.2.1:4000", 5060), (9, "tls", "CONN_CONNECTING", "[2001:db8::1]:5061", 0),
    ]  # fmt: skip
    assert len(cast(Any, proxy.call("tcp:list", proto="tls"))["Connections"]) == 1
    assert proxy.call("tcp:close", ipport="192.0.2.1:4000") == "OK"
    assert refused(proxy, "tcp:close", ipport="7") == (404, "Connection not found")
    proxy.send(request("OPTIONS"))
    proxy.send(request("OPTIONS"))
    assert proxy.log == ["closed", "none"]


# ---- reloading


class Reloaded:
    """A script in a file, which changes."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.write(text)
        self.host = VirtualHost()
        self.runtime = Runtime.load(str(path), self.host)
        self.runtime.start()
        self.host.settle()

    def write(self, text: str) -> None:
        """Change the file."""
        self.path.write_text(f'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\n{text}')

    def reload(self) -> object:
        """What `reload_routes` answers."""
        return Management(self.runtime).call("reload_routes")

    def said(self, seconds: float = 0) -> list[str]:
        """What the log got, after a request and some seconds."""
        data = request("OPTIONS").replace("\n", "\r\n").encode()
        self.runtime.receive(data, ("192.0.2.1", 5060), self.runtime.listeners[0])
        self.host.pass_time(seconds)
        found, self.host.logged = [text for _, text in self.host.logged], []
        return found


def test_new_routes_replace_the_old_ones(tmp_path: Path) -> None:
    script = Reloaded(tmp_path / "a.cfg", 'route { route(sub); } route[sub] { xlog("old"); }')
    assert script.said() == ["old"]
    script.write('route { xlog("new"); } timer_route[tick, 5] { xlog("tick"); }')
    assert script.said() == ["old"]
    assert script.reload() == "OK"
    assert script.said(11) == ["new", "tick", "tick"]
    script.write('route { xlog("newer"); }')
    script.reload()
    assert script.said(11) == ["newer"]


@pytest.mark.parametrize("bad", ["route { xlog(", "route { no_such_function(); }", "route { route(nowhere); }"])
def test_a_bad_script_leaves_the_routes_in_force(tmp_path: Path, bad: str) -> None:
    script = Reloaded(tmp_path / "a.cfg", 'route { xlog("old"); }')
    script.write(bad)
    with pytest.raises(CommandError) as found:
        script.reload()
    assert found.value.code == 500
    assert script.said()[0].startswith(f"reload_routes: {script.path}:3:")
    assert script.said() == ["old"]


def test_a_script_without_a_file_cannot_be_read_again() -> None:
    assert refused(Proxy(SCRIPT), "reload_routes") == (500, "Reload failed")


# ---- statistics


def test_statistics_that_only_grow_and_others() -> None:
    proxy = Proxy(SCRIPT)
    kinds = cast(dict[str, str], proxy.call("list_statistics", statistics=["tm:"]))
    assert kinds["tm:inuse_transactions"] == "non-incremental"
    assert kinds["tm:received_replies"] == "incremental"
    assert "core:rcv_requests" in cast(dict[str, str], proxy.call("list_statistics"))
