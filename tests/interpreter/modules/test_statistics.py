"""Counters of the script's own, and those of the server."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import ScriptError

from .stage import Proxy, request

SCRIPT = """
modparam("statistics", "variable", "calls")
modparam("statistics", "variable", "fixed/no_reset")
modparam("statistics", "stat_groups", "other, lab")
route {
    update_stat("nowhere:made", 1);
    update_stat("calls", 3); update_stat("calls", -1); update_stat("fixed", 2); update_stat("lab:made", 5);
    xlog("$stat(calls) $stat(fixed) $stat(made) $stat(none) $stat(rcv_requests)");
    reset_stat("calls"); reset_stat("fixed"); $stat(lab:made) = 0;
    xlog("$stat(calls) $stat(fixed) $stat(lab:made)");
    reset_stat("none"); xlog("$rc");
    stat_iter_init("script", "walk");
    while (stat_iter_next($var(k), $var(v), "walk")) xlog("$var(k)=$var(v)");
    stat_iter_init("nothing", "walk"); xlog("$rc");
}
"""


def test_counting() -> None:
    proxy = Proxy(SCRIPT, "statistics")
    proxy.send(request("MESSAGE"))
    refused, *log = proxy.log
    assert refused == "update_stat: there is no group 'nowhere'; name it in stat_groups"
    assert log == ["2 2 5 <null> 1", "0 2 0", "-1", "calls=0", "fixed=2", "-1"]
    assert proxy.call("get_statistics", statistics=["fixed", "lab:"]) == {"script:fixed": 2, "lab:made": 0}


def test_what_is_fixed_stays_when_everything_is_reset() -> None:
    proxy = Proxy(
        """
        modparam("statistics", "variable", "free")
        modparam("statistics", "variable", "fixed/no_reset")
        route { update_stat("free", 2); update_stat("fixed", 3); t_newtran(); $stat(inuse_transactions) = 0; }
        """,
        "tm sl statistics",
    )
    proxy.send(request("OPTIONS"))
    proxy.call("statistics:reset_all")
    names = ["free", "fixed", "tm:inuse_transactions"]
    assert proxy.call("statistics:get", statistics=names) == {
        "script:free": 0, "script:fixed": 3, "tm:inuse_transactions": 1,
    }  # fmt: skip


def test_a_variable_has_no_other_flags() -> None:
    with pytest.raises(ScriptError, match="no flag 'foo'"):
        Proxy('modparam("statistics", "variable", "calls/foo") route { exit; }', "statistics")
