"""Branches in the script."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Value

FIELDS = "$msg.branch.uri|$msg.branch.duri|$msg.branch.path|$msg.branch.q|$msg.branch.flags|$msg.branch.socket"
SCRIPT = 'route { setbflag("ONE"); setbflag("TWO"); }'


@pytest.fixture
def forked(stage: Set) -> Stage:
    """Two branches added."""
    on = stage(script=SCRIPT)
    on.write("$ru", "sip:r@h")
    on.write("$msg.branch", "sip:b1@h")
    on.write("$msg.branch", "sip:b2@h")
    return on


def test_without_added_ones(stage: Set) -> None:
    on = stage()
    assert on.read("$msg.branch") is None
    assert on.read("$msg.branch.uri") == on.read("$ru")
    assert on.read("$msg.branch.last_idx") == 0
    assert on.read("$branch(uri)") is None


def test_indexes(forked: Stage) -> None:
    assert forked.show("$msg.branch $msg.branch.uri $msg.branch.last_idx") == "sip:b1@h sip:b2@h 2"
    assert forked.show("$(msg.branch.uri[*])") == "sip:r@h, sip:b1@h, sip:b2@h"
    assert forked.show("$(msg.branch.uri[0]) $(msg.branch.uri[-1]) $(msg.branch.uri[-3])") == "sip:r@h sip:b2@h sip:r@h"
    assert forked.show("$(msg.branch.uri[3]) $(msg.branch.uri[-4])") == "<null> <null>"
    assert forked.show("$branch $(branch(uri)[0]) $(branch(uri)[*])") == "sip:b1@h sip:b1@h sip:b1@h, sip:b2@h"
    assert forked.show("$(branch(uri)[2]) $branch(none)") == "<null> <null>"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("uri", "sip:new@h", "sip:new@h"),
        ("duri", "sip:10.0.0.3", "sip:10.0.0.3"),
        ("path", "<sip:p;lr>", "<sip:p;lr>"),
        ("q", 700, "0.7"),
        ("flags", "TWO ONE", "TWO ONE"),
        ("socket", "udp:127.0.0.1:5080", "udp:127.0.0.1:5080"),
    ],
)
def test_fields_are_written(forked: Stage, field: str, value: Value, shown: str) -> None:
    assert forked.write(f"$msg.branch.{field}", value)
    assert forked.read(f"$(msg.branch.{field}[2])") == shown
    assert forked.read(f"$(msg.branch.{field}[1])") != shown
    assert forked.write(f"$(branch({field})[0])", value)
    assert forked.read(f"$(msg.branch.{field}[1])") == shown


@pytest.mark.parametrize("field", ["duri", "path", "q", "flags", "socket"])
def test_fields_are_cleared(forked: Stage, field: str) -> None:
    unset = forked.read(f"$msg.branch.{field}")
    values: dict[str, Value] = {"q": 5, "flags": "ONE", "socket": "second"}
    value = values.get(field, "x")
    forked.write(f"$msg.branch.{field}", value)
    assert forked.read(f"$msg.branch.{field}") != unset
    assert forked.write(f"$msg.branch.{field}", None)
    assert forked.read(f"$msg.branch.{field}") == unset


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$(msg.branch.uri[7])", "sip:x@h"),
        ("$msg.branch.uri", None),
        ("$msg.branch.uri", ""),
        ("$msg.branch.q", 2000),
        ("$msg.branch.q", "x"),
        ("$msg.branch.flags", "ONE UNKNOWN"),
        ("$msg.branch.socket", "udp:192.0.2.9:1"),
        ("$(branch(uri)[5])", "sip:x@h"),
        ("$branch(none)", "x"),
        ("$msg.branch", None),
    ],
)
def test_writes_that_fail(forked: Stage, text: str, value: Value) -> None:
    before = forked.show(FIELDS)
    assert not forked.write(text, value)
    assert forked.show(FIELDS) == before


def test_the_branch_of_the_request_uri(forked: Stage) -> None:
    forked.write("$(msg.branch.uri[0])", "sip:x@h")
    forked.write("$(msg.branch.duri[0])", "sip:10.0.0.9")
    assert forked.show("$ru $du") == "sip:x@h sip:10.0.0.9"


def test_flags(forked: Stage) -> None:
    assert forked.write("$(msg.branch.flag(ONE)[0])", 1)
    assert forked.show("$msg.branch.flag(ONE) $bf $msg.branch.flags") == "false ONE "
    assert forked.write("$msg.branch.flag(TWO)", 1)
    assert forked.show("$msg.branch.flag(TWO) $(msg.branch.flag(ONE)[0])") == "true true"
    assert forked.show("$(msg.branch.flag(TWO)[2]) $(branch.flag(TWO)[1])") == "true false"
    assert not forked.write("$msg.branch.flag(TWO)", "1")
    assert forked.read("$(msg.branch.flag(TWO)[9])") is None


def test_attributes(forked: Stage) -> None:
    assert forked.write("$msg.branch.attr(color)", "red")
    assert forked.write("$(msg.branch.attr(n)[1])", 5)
    assert forked.show("$(msg.branch.attr(color)[2]) $(msg.branch.attr(n)[1])") == "red 5"
    assert forked.write("$msg.branch.attr(color)", None)
    assert forked.read("$msg.branch.attr(color)") is None
    assert forked.write("$msg.branch.attr(color)", None)
    assert not forked.write("$(msg.branch.attr(n)[9])", 5)


def test_not_more_than_eleven_can_be_added(stage: Set) -> None:
    on = stage()
    assert [on.write("$msg.branch", f"sip:{n}@h") for n in range(12)] == [True] * 11 + [False]
