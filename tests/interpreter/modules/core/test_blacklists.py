"""Blacklists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.blacklists import USED, Rule, read_definition, read_rule, rule_of
from relayscript.interpreter.management import CommandError
from tests.interpreter.modules.stage import Proxy

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


GLOBALS = """
dst_blacklist=gw/default: { (tcp, 10.0.0.1, 5061, "^INV"), !10.0.0.0/8 }
dst_blacklist=open/expire
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("10.0.0.1", rule_of("10.0.0.1")),
        ("! 10.0.0.0/255.0.0.0", rule_of("!10.0.0.0/8")),
        ("[::1]", rule_of("::1")),
        ("(10.0.0.1)", rule_of("10.0.0.1")),
        ("(10.0.0.1, any)", rule_of("10.0.0.1")),
        ('!(UDP, 10.0.0.0/8, 5060, "^(A|B), ")', rule_of("!10.0.0.0/8", 5060, "udp", "^(A|B), ")),
        ("(udp, 10.0.0.1, x)", None),
        ("(udp)", None),
        ("", None),
    ],
)
def test_rules_as_they_are_written(text: str, rule: Rule | None) -> None:
    assert read_rule(text) == rule


def test_a_pattern_may_have_what_stands_between_rules() -> None:
    proxy = Proxy('dst_blacklist=gw: { (udp, 10.0.0.1, 0, "a{1},(b|c)"), 10.0.0.2 }\nroute { exit; }')
    assert list(proxy.runtime.blacklists.current("gw")) == [
        rule_of("10.0.0.1", 0, "udp", "a{1},(b|c)"),
        rule_of("10.0.0.2"),
    ]


@pytest.fixture
def proxy() -> Proxy:
    return Proxy(f"{GLOBALS}\nroute {{ exit; }}")


def test_commands_list_and_change_rules(proxy: Proxy) -> None:
    assert proxy.call("blacklists:add_rule", name="open", rule="( udp, 10.0.0.9, 5060, x )", expire=60) == "OK"
    assert proxy.call("list_blacklists") == {
        "Blacklists": [
            {
                "Name": "gw", "Flags": ["default"],
                "Rules": [
                    {"IP": "10.0.0.1/32", "Port": 5061, "Proto": "tcp", "Match": "^INV"},
                    {"IP": "!10.0.0.0/8", "Port": 0, "Proto": "any", "Match": ""},
                ],
            },
            {
                "Name": "open", "Flags": ["expire"],
                "Rules": [{"IP": "10.0.0.9/32", "Port": 5060, "Proto": "udp", "Match": "x", "Expires": 60}],
            },
        ]
    }  # fmt: skip
    assert proxy.call("blacklists:del_rule", name="open", rule="(udp,10.0.0.9,5060,x)") == "OK"
    assert proxy.call("blacklists:list", name="open") == {
        "Blacklists": [{"Name": "open", "Flags": ["expire"], "Rules": []}]
    }


def test_commands_check_destinations(proxy: Proxy) -> None:
    assert proxy.call("blacklists:check_all", ip="192.0.2.1") == "OK"
    assert proxy.call("blacklists:check", name="gw", proto="tcp", ip="192.0.2.1", port=5060) == "OK"
    for params in ({"ip": "10.0.0.1"}, {"proto": "udp", "ip": "10.0.0.1", "port": 5061}):
        with pytest.raises(CommandError) as error:
            proxy.call("blacklists:check", name="gw", **params)
        assert error.value.code == 404


@pytest.mark.parametrize(
    ("command", "params", "code"),
    [
        ("blacklists:list", {"name": "none"}, 404),
        ("blacklists:check", {"name": "none", "ip": "10.0.0.1"}, 404),
        ("blacklists:add_rule", {"name": "none", "rule": "10.0.0.1"}, 404),
        ("blacklists:add_rule", {"name": "open", "rule": "nothing"}, -32602),
        ("blacklists:del_rule", {"name": "open", "rule": "10.0.0.1"}, 404),
    ],
)
def test_commands_say_what_is_wrong(proxy: Proxy, command: str, params: dict[str, str], code: int) -> None:
    with pytest.raises(CommandError) as error:
        proxy.call(command, **params)
    assert error.value.code == code


def test_a_list_of_the_script_alone_is_read_only_for_commands() -> None:
    proxy = Proxy("dst_blacklist=gw: { 10.0.0.0/8 }\nroute { exit; }")
    for command in ("blacklists:add_rule", "blacklists:del_rule"):
        with pytest.raises(CommandError) as error:
            proxy.call(command, name="gw", rule="10.0.0.0/8")
        assert error.value.code == 403


def test_a_list_that_is_not_there_is_an_error_at_the_start() -> None:
    with pytest.raises(ScriptError, match="there is no blacklist 'no'"):
        Proxy(
            'dst_blacklist=gw: { 10.0.0.0/8 }\n'
            'route { use_blacklist("all"); unuse_blacklist("gw"); use_blacklist("no"); }'
        )
    Proxy('route { $var(x) = "no"; use_blacklist("$var(x)"); }')
