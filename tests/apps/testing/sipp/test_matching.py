"""Which step a message is for, from each place in a scenario."""

from __future__ import annotations

import pytest

from relayscript.apps.testing.sipp.matching import Match, find, wanted
from relayscript.apps.testing.sipp.reading import read_sipp
from relayscript.sip.message import Message
from tests.apps.testing.sipp.lab import scenario, send

STEPS = read_sipp(
    scenario(
        send("INVITE")  # 0
        + '<recv request="INFO" optional="global"/>'  # 1
        + '<recv response="100" optional="true"/>'  # 2
        + '<recv response="180" optional="true"/>'  # 3
        + '<recv response="200"/>'  # 4
        + send("ACK")  # 5
        + '<recv request="UPDATE" optional="true"/>'  # 6
        + "<pause/>"  # 7
        + send("BYE")  # 8
        + '<recv response="200"/>'  # 9
    ).encode(),
    "x.xml",
).steps


def message(told: str) -> Message:
    """A request of a method, or the answer `STATUS METHOD`."""
    first, _, method = told.partition(" ")
    line = f"SIP/2.0 {first} X" if method else f"{first} sip:b SIP/2.0"
    return Message.from_text(f"{line}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1 {method or first}\r\n\r\n")


@pytest.mark.parametrize(
    ("at", "told", "match"),
    [
        (1, "100 INVITE", Match(2)),
        (1, "200 INVITE", Match(4)),
        (1, "200 BYE", None),
        (1, "486 INVITE", None),
        (3, "100 INVITE", Match(2)),
        (4, "INFO", Match(1)),
        (5, "100 INVITE", None),
        (5, "200 INVITE", Match(4, is_repeated=True)),
        (7, "UPDATE", Match(6)),
        (7, "INFO", Match(1)),
        (7, "200 INVITE", Match(4, is_repeated=True)),
        (8, "UPDATE", None),
        (9, "200 BYE", Match(9)),
        (9, "BYE", None),
    ],
)
def test_the_step_of_a_message(at: int, told: str, match: Match | None) -> None:
    assert find(STEPS, at, message(told), {}) == match


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "an answer before INVITE is sent"),
        (1, "INFO or 100 or 180 or 200"),
        (4, "200"),
        (6, "UPDATE"),
        (7, "nothing, in a pause"),
    ],
)
def test_what_is_waited_for_in_words(at: int, text: str) -> None:
    assert wanted(STEPS, at) == text
