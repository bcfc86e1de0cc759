"""Shared values, chance, waiting, locks and time recurrences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.cfgutils.recurrence import RecurrenceError, holds

from .stage import Proxy, request


def at(text: str) -> float:
    """A UTC time in seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("rule", "time", "expected"),
    [
        ("UTC|20240101T090000|20240101T170000||WEEKLY|||MO,TU", "2024-06-17T11:00", True),
        ("UTC|20240101T090000|20240101T170000||WEEKLY|||MO,TU", "2024-06-17T19:00", False),
        ("UTC|20240101T090000|20240101T170000||WEEKLY|||MO,TU", "2024-06-19T11:00", False),
        ("UTC|20240101T090000|20240101T170000||WEEKLY||2|MO", "2024-01-08T11:00", False),
        ("UTC|20240101T090000||PT2H|MONTHLY|||2MO", "2024-06-10T10:00", True),
        ("UTC|20240101T090000||PT2H|MONTHLY|||-1FR", "2024-06-28T10:00", True),
        ("UTC|20240101T090000||PT2H|MONTHLY|||-1FR", "2024-06-21T10:00", False),
        ("UTC|20240131T220000||PT4H|MONTHLY||||-1", "2024-03-01T01:00", True),
        ("UTC|20240101T000000||P1D|YEARLY", "2025-01-01T12:00", True),
        ("UTC|20240101T000000||P1D|YEARLY", "2025-01-02T12:00", False),
        ("UTC|20240101T000000||P1D|DAILY|20240105T000000", "2024-01-06T12:00", False),
        ("UTC|20240101T000000|20250101T000000", "2024-06-17T11:00", True),
        ("Europe/Berlin|20240601T120000|20240601T130000||DAILY", "2024-06-17T10:30", True),
        ("!UTC|20240101T000000|20250101T000000", "2024-06-17T11:00", False),
        ("UTC|20240101T000000|20250101T000000 & !UTC|20240617T000000|20240618T000000", "2024-06-17T11:00", False),
        ("UTC|20200101T000000|20210101T000000 / UTC|20240101T000000|20250101T000000", "2024-06-17T11:00", True),
        ("!(UTC|20200101T000000|20210101T000000 / UTC|20240101T000000|20250101T000000)", "2024-06-17T11:00", False),
    ],
)
def test_recurrences(rule: str, time: str, expected: bool) -> None:
    assert holds(rule, at(time)) is expected


@pytest.mark.parametrize(
    "rule",
    [
        "", "UTC|2024", "Nowhere/Land|20240101T000000", "UTC|20240101T000000||PX", "(", "!",
        "UTC|20240101T000000||P1D|SOMETIMES", "UTC|20240101T000000||P1D|WEEKLY|||XX",
    ],
)  # fmt: skip
def test_no_recurrences(rule: str) -> None:
    with pytest.raises(RecurrenceError):
        holds(rule, 0)


def test_shared_values() -> None:
    proxy = Proxy(
        """
        modparam("cfgutils", "shvset", "limit=i:25")
        modparam("cfgutils", "shvset", "word=s:hello")
        modparam("cfgutils", "varset", "start=s:begin")
        route {
            $shv(n) = $shv(n) + 1; $shv(gone) = NULL;
            xlog("$shv(n) $shv(limit) $shv(word) $shv(gone) $var(start)");
        }
        """,
        "cfgutils",
    )
    proxy.send(request("MESSAGE"))
    proxy.send(request("MESSAGE", call_id="2"))
    assert proxy.log == ["1 25 hello 0 begin", "2 25 hello 0 begin"]
    assert proxy.call("shv_set", name="n", type="int", value="7") == "OK"
    assert proxy.call("shv_get", name="n") == {"VAR": {"type": "integer", "value": 7}}
    with pytest.raises(CommandError):
        proxy.call("shv_set", name="n", type="int", value="x")


def test_waiting_lets_others_go_on() -> None:
    proxy = Proxy('route { xlog("$ci"); sleep(5); xlog("$ci done"); }', "cfgutils")
    proxy.send(request("MESSAGE", call_id="1"))
    proxy.host.pass_time(1)
    proxy.send(request("MESSAGE", call_id="2"))
    proxy.host.pass_time(10)
    assert proxy.log == ["1", "2", "1 done", "2 done"]


def test_a_lock_is_for_one_run_at_a_time() -> None:
    proxy = Proxy(
        """route {
            get_dynamic_lock("k"); xlog("$ci"); sleep(5); release_dynamic_lock("k"); xlog("$ci done");
            release_dynamic_lock("other"); xlog("$rc");
        }""",
        "cfgutils",
    )
    proxy.send(request("MESSAGE", call_id="1"))
    proxy.send(request("MESSAGE", call_id="2"))
    assert proxy.log == ["1"]
    proxy.host.pass_time(20)
    assert sorted(proxy.log) == sorted(["1", "1 done", "1", "2", "2 done", "1"])
    assert proxy.log.index("2") > proxy.log.index("1")


def test_small_functions() -> None:
    proxy = Proxy(
        """route {
            rand_set_prob(30); rand_get_prob(); xlog("$rc");
            if (strings_share_lock("a", "a") && !strings_share_lock("a", "b")) xlog("shared");
            if (rand_event(100)) xlog("sure");
            if (rand_event(0)) xlog("never");
            $avp(x) = 1; $avp(x) = 2; set_count($avp(x), $var(n)); xlog("$var(n)");
            set_count($avp(none), $var(n)); xlog("$var(n)");
            set_count($rm, $var(n)); xlog("$var(n)"); set_count($var(none), $var(n)); xlog("$var(n)");
            $avp(w) = 0; $avp(w) = 5; $avp(w) = 0; set_select_weight($avp(w)); xlog("at $rc");
            ts_usec_delta(10, 300, 12, 100, $var(d)); xlog("$var(d)");
            xlog("$env(NO_SUCH_VARIABLE) $ctime(year) $ctime(isdst)");
            if (check_time_rec("UTC|20260101T000000|20260102T000000")) xlog("now");
            check_time_rec("nonsense"); xlog("$rc");
        }""",
        "cfgutils",
    )
    proxy.send(request("MESSAGE"))
    assert [line for line in proxy.log if "check_time_rec" not in line] == [
        "30", "shared", "sure", "2", "0", "1", "0", "at 1", "1999800", "<null> 2026 0", "now", "-1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "setting",
    [
        '"initial_probability", 101', '"lock_pool_size", 12', '"lock_pool_size", 0', '"shvset", "x"',
        '"shvset", "x=q:1"', '"varset", "x=i:one"',
    ],
)  # fmt: skip
def test_settings_that_are_none(setting: str) -> None:
    with pytest.raises(ScriptError, match="module cfgutils"):
        Proxy(f'modparam("cfgutils", {setting}) route {{ exit; }}', "cfgutils")
