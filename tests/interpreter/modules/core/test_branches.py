"""Functions on the branch set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.modules.core.branches import parse_q


@pytest.fixture
def forked(stage: Set) -> Stage:
    """Three branches added."""
    on = stage()
    on.write("$ru", "sip:r@h")
    for name in ("b1", "b2", "b3"):
        on.call("append_msg_branch", f"sip:{name}@h")
    return on


def uris(on: Stage) -> str:
    """The users of all branches, that of the request URI first."""
    return " ".join(str(branch.uri)[4:-2] for branch in (on.context.branch, *on.context.branches))


def test_adding(stage: Set) -> None:
    on = stage()
    on.write("$du", "sip:hop")
    on.write("$ru_q", 300)
    assert on.call("append_msg_branch", "sip:a@h", "0.5") == 1
    assert on.show("$msg.branch.uri|$msg.branch.q|$msg.branch.duri") == "sip:a@h|0.5|<null>"
    assert on.call("append_msg_branch", "sip:b@h", None, "inherite") == 1
    assert on.show("$msg.branch.uri|$msg.branch.q|$msg.branch.duri") == "sip:b@h|0.3|sip:hop"
    assert on.call("append_msg_branch", "sip:c@h", "1.0", "inherit") == 1
    assert on.read("$msg.branch.q") == "1"


def test_adding_fails(stage: Set) -> None:
    on = stage()
    assert on.call("append_msg_branch", "") == -1
    assert on.call("append_msg_branch", "sip:a@h", "2") == -1
    assert on.call("append_branch_old", "sip:a@h", "x") == -1
    assert [on.call("append_msg_branch", "sip:a@h") for _ in range(12)] == [1] * 11 + [-1]


def test_adding_that_of_the_request_uri(stage: Set) -> None:
    on = stage()
    on.write("$du", "sip:hop")
    on.call("setbflag", "A")
    assert on.call("append_branch_old", None, "0.3") == 1
    assert on.show("$msg.branch.q|$msg.branch.duri|$du") == "0.3|sip:hop|<null>"
    assert on.call("isbflagset", "A", 1) == 1
    assert on.call("isbflagset", "A") == -1
    assert on.call("append_branch_old", "sip:b@h") == 1
    assert on.show("$msg.branch.uri|$msg.branch.q") == "sip:b@h|"


@pytest.mark.parametrize(
    ("function", "args", "result", "after"),
    [
        ("remove_msg_branch", (0,), 1, "r b2 b3"),
        ("remove_msg_branch", (2,), 1, "r b1 b2"),
        ("remove_msg_branch", (3,), -1, "r b1 b2 b3"),
        ("remove_msg_branch", (-1,), -1, "r b1 b2 b3"),
        ("swap_msg_branches", (0, 2), 1, "r b3 b2 b1"),
        ("swap_msg_branches", (0,), 1, "b1 r b2 b3"),
        ("swap_msg_branches", (1, 3), -1, "r b1 b2 b3"),
        ("move_msg_branch", (2, 1, "keep"), 1, "r b1 b3 b3"),
        ("move_msg_branch", (2, 1), 1, "r b1 b3"),
        ("move_msg_branch", (1,), 1, "b2 b1 b3"),
        ("move_msg_branch", (0, 1), 1, "r b1 b1 b3"),
        ("move_msg_branch", (None, 1), 1, "r b1 r b3"),
        ("move_msg_branch", (7, 1), -1, "r b1 b2 b3"),
        ("move_msg_branch", (1, 7), -1, "r b1 b2 b3"),
    ],
)
def test_moving(forked: Stage, function: str, args: tuple[object, ...], result: int, after: str) -> None:
    assert forked.call(function, *args) == result
    assert uris(forked) == after


def test_a_copy_is_independent(forked: Stage) -> None:
    forked.call("move_msg_branch", 1, 2, "keep")
    forked.write("$(msg.branch.duri[2])", "sip:x")
    assert forked.read("$(msg.branch.duri[3])") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [(None, -1), ("", -1), ("0", 0), ("1", 1000), ("0.5", 500), (".25", 250), ("1.000", 1000), ("1.1", None),
     ("2", None), ("x", None)],
)  # fmt: skip
def test_q(text: str | None, value: int | None) -> None:
    assert parse_q(text) == value
