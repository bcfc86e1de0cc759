"""Branches tried group by group."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.context import Branch, Kind
from relayscript.interpreter.modules.core.serial import pack, unpack
from relayscript.sip.transport import Listener

MAIN = Listener("udp", "127.0.0.1", 5060)


@pytest.fixture
def forked(stage: Set) -> Stage:
    """q 0.5, 0.9, 0.5, 0.1."""
    on = stage()
    on.write("$ru", "sip:b@h")
    on.write("$ru_q", 500)
    for name, q in (("c", "0.9"), ("d", "0.5"), ("e", "0.1")):
        on.call("append_msg_branch", f"sip:{name}@h", q)
    return on


def test_the_highest_q_comes_first(forked: Stage) -> None:
    assert forked.call("serialize_branches", 1) == 1
    assert forked.read("$ds") == "Contact: <sip:b@h>;q=0.5"
    steps = []
    while (result := forked.call("next_branches")) > 0:
        steps.append((result, forked.read("$ds")))
    assert steps == [
        (1, "Contact: <sip:c@h>;q=0.9"),
        (1, "Contact: <sip:b@h>;q=0.5, <sip:d@h>;q=0.5"),
        (2, "Contact: <sip:e@h>;q=0.1"),
    ]


def test_the_order_can_be_kept(forked: Stage) -> None:
    forked.call("serialize_branches", 1, 1)
    seen = []
    while forked.call("next_branches") > 0:
        seen.append(forked.read("$ru"))
        assert not forked.context.branches
    assert seen == ["sip:b@h", "sip:c@h", "sip:d@h", "sip:e@h"]


def test_nothing_to_order(stage: Set) -> None:
    on = stage()
    assert on.call("serialize_branches", 0) == 1
    on.call("append_msg_branch", "sip:a@h")
    assert on.call("serialize_branches", 0) == 1
    assert len(on.context.branches) == 1
    assert on.call("next_branches") == -1


def test_what_an_earlier_call_left_is_cleared_or_comes_later(forked: Stage) -> None:
    forked.call("serialize_branches", 0)
    forked.call("append_msg_branch", "sip:z@h", "1")
    forked.call("serialize_branches", 0)
    forked.call("next_branches")
    assert forked.read("$ru") == "sip:z@h"
    assert len(forked.context.avps["serial_branch"]) == 5
    forked.call("serialize_branches", 1)
    assert forked.call("next_branches") == -1


def test_only_in_request_and_failure_routes(forked: Stage) -> None:
    forked.call("serialize_branches", 1)
    forked.context.kind = Kind.BRANCH
    assert forked.call("next_branches") == -1
    forked.context.kind = Kind.FAILURE
    assert forked.call("next_branches") == 1


_TEXT = st.text(alphabet=st.characters(max_codepoint=255), min_size=1, max_size=8)


@settings(max_examples=100)
@given(_TEXT, st.none() | _TEXT, st.integers(-1, 1000), st.none() | _TEXT, st.booleans(), st.sets(_TEXT), st.booleans())
def test_a_branch_survives(
    uri: str, duri: str | None, q: int, path: str | None, forced: bool, flags: set[str], last: bool
) -> None:
    branch = Branch(uri)
    branch.duri, branch.q, branch.path, branch.flags = duri, q, path, flags
    branch.socket = MAIN if forced else None
    branch.attributes = {"n": 1, "s": uri}
    found, ends = unpack(pack(branch, last=last), (MAIN,))
    assert all(getattr(found, each) == getattr(branch, each) for each in Branch.__slots__)
    assert ends is last
