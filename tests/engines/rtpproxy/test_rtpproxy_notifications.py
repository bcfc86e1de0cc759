"""What rtpproxy tells unasked."""

from __future__ import annotations

import pytest

from relayscript.engines.rtpproxy.notifications import Digit, MediaTimeout, parse_notification


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("Tab1.cd2\n", MediaTimeout("ab1.cd2")),
        ("I\n", None),
        ("T", None),
        ("", None),
        ("Dcall", None),
        ("Ddab.cd 5 8 160 0", Digit("5", 160, 8, "ab.cd", False, 0)),
        ("Dccall@x # 8 160 1", Digit("#", 160, 8, "call@x", True, 1)),
    ],
)
def test_notifications(line: str, meaning: object) -> None:
    assert parse_notification(line) == meaning
