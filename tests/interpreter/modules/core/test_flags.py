"""Functions on flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]


def test_message_flags(stage: Set) -> None:
    on = stage()
    assert on.call("isflagset", "A") == -1
    assert on.call("setflag", "A") == 1
    assert on.call("isflagset", "A") == 1
    assert on.call("isflagset", "a") == -1
    assert on.call("resetflag", "A") == 1
    assert on.call("isflagset", "A") == -1


@pytest.mark.parametrize("branch", [None, 0, 1])
def test_branch_flags(stage: Set, branch: int | None) -> None:
    on = stage()
    on.call("append_msg_branch", "sip:b@h")
    assert on.call("isbflagset", "A", branch) == -1
    assert on.call("setbflag", "A", branch) == 1
    assert on.call("isbflagset", "A", branch) == 1
    assert on.call("isbflagset", "A", 0 if branch else 1) == -1
    assert on.call("isflagset", "A") == -1
    assert on.call("resetbflag", "A", branch) == 1
    assert on.call("isbflagset", "A", branch) == -1


@pytest.mark.parametrize("function", ["setbflag", "resetbflag", "isbflagset"])
def test_a_branch_that_is_not_there(stage: Set, function: str) -> None:
    assert stage().call(function, "A", 1) == -1
