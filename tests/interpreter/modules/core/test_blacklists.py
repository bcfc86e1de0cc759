"""Blacklists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.blacklists import USED, read_definition

SCRIPT = """
socket=udp:127.0.0.1:5060
dst_blacklist = gw: { (tcp, 192.168.2.100, 5060, "^INV"), 10.0.0.0/8, !(any, 192.168.0.0/255.255.0.0, 0) }
dst_blacklist = open/expire
route { exit; }
"""


@pytest.mark.parametrize(
    ("text", "name", "flags", "count"),
    [
        ("gw", "gw", set(), 0),
        ("gw / expire , default", "gw", {"expire", "default"}, 0),
        ("gw : { 10.0.0.1 , x }", "gw", set(), 1),
    ],
)
def test_definitions(text: str, name: str, flags: set[str], count: int) -> None:
    found = read_definition(text.split())
    assert (found[0], found[1], len(found[2])) == (name, flags, count)


@pytest.mark.parametrize(
    ("args", "result"),
    [
        (("gw", "10.1.2.3"), 1),
        (("all", "10.1.2.3"), 1),
        (("none", "10.1.2.3"), -1),
        (("gw", "192.168.1.1", 5060), -1),
        (("gw", "8.8.8.8"), 1),
        (("gw", "192.168.2.100", 5060, "tcp", "INVITE sip:a"), 1),
        (("gw", "192.168.2.100", 5060, "udp", "INVITE sip:a"), -1),
        (("gw", "192.168.2.100", 5060, "tcp", "BYE sip:a"), -1),
        (("gw", "example.com"), -1),
    ],
)
def test_checking(stage: Set, args: tuple[object, ...], result: int) -> None:
    assert stage(script=SCRIPT).call("check_blacklist_rule", *args) == result


def test_adding_and_removing_rules(stage: Set) -> None:
    on = stage(script=SCRIPT)
    assert on.call("check_blacklist_rule", "open", "192.0.2.1") == -1
    assert on.call("add_blacklist_rule", "open", "192.0.2.0/24") == 1
    assert on.call("check_blacklist_rule", "open", "192.0.2.1") == 1
    assert on.call("del_blacklist_rule", "open", "192.0.2.0/24", 5060) == -1
    assert on.call("del_blacklist_rule", "open", "192.0.2.0/24") == 1
    assert on.call("check_blacklist_rule", "open", "192.0.2.1") == -1


def test_rules_expire(stage: Set) -> None:
    on = stage(script=SCRIPT)
    assert on.call("add_blacklist_rule", "open", "192.0.2.1", None, None, None, 10) == 1
    on.runtime.timers.now = 10.0
    assert on.call("check_blacklist_rule", "open", "192.0.2.1") == -1


def test_a_list_without_flags_is_read_only(stage: Set) -> None:
    on = stage(script=SCRIPT)
    assert on.call("add_blacklist_rule", "gw", "192.0.2.1") == -1
    assert on.call("del_blacklist_rule", "gw", "10.0.0.0/8") == -1
    assert on.call("add_blacklist_rule", "open", "no network") == -1


def test_using_lists(stage: Set) -> None:
    on = stage(script=SCRIPT)
    assert on.call("use_blacklist", "gw") == 1
    assert on.context.local[USED] == {"gw"}
    assert on.call("use_blacklist", "all") == 1
    assert on.call("unuse_blacklist", "gw") == 1
    assert on.context.local[USED] == {"open"}
    assert on.call("use_blacklist", "none") == -1
