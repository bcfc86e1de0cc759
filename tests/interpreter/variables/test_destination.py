"""The next hop and the destination set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

ALL = "$du|$duri|$dd|$dp|$dP"


def test_unset(stage: Set) -> None:
    on = stage()
    assert set(f"{on.show(ALL)}|{on.show('$ds')}".split("|")) == {"<null>"}
    assert not on.write("$dd", "h")
    assert not on.write("$dp", 5)


def test_set_and_reset(stage: Set) -> None:
    on = stage()
    assert on.write("$du", "sip:192.0.2.10:5099;transport=tcp")
    assert on.show("$dd|$dp|$dP") == "192.0.2.10|5099|tcp"
    assert on.write("$dd", "192.0.2.11")
    assert on.write("$dp", 5100)
    assert on.read("$du") == "sip:192.0.2.11:5100;transport=tcp"
    assert on.write("$dp", None)
    assert on.read("$dp") == 5060
    assert not on.write("$dd", None)
    assert not on.write("$du", "")
    assert on.write("$du", None)
    assert on.read("$du") is None


def test_the_set(stage: Set) -> None:
    on = stage()
    on.write("$msg.branch", "sip:b1@h")
    assert on.read("$ds") == "Contact: <sip:b1@h>"
    on.write("$ru", "sip:new@h")
    on.write("$ru_q", 500)
    assert on.read("$ds") == "Contact: <sip:new@h>;q=0.5, <sip:b1@h>"


@pytest.mark.parametrize(("q", "text"), [(-1, ""), (0, "0"), (1000, "1"), (500, "0.5"), (7, "0.007"), (120, "0.12")])
def test_q_as_text(q: int, text: str) -> None:
    from relayscript.interpreter.variables.destination import q_text

    assert q_text(q) == text
