"""Injection files: their lines, and the order in which calls take them."""

from __future__ import annotations

from random import Random

import pytest

from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.injection import Injection, read_injection


def test_lines_of_fields() -> None:
    found = read_injection("SEQUENTIAL\r\n# names\r\nann;1\r\n\r\nben;\r\n", "x.csv")
    assert found == Injection("x.csv", "SEQUENTIAL", (("ann", "1"), ("ben", "")))
    assert [found.row(number, Random(1))[0] for number in (1, 2, 3)] == ["ann", "ben", "ann"]


def test_lines_by_chance() -> None:
    found = read_injection("RANDOM\n" + "".join(f"{each}\n" for each in range(100)), "x.csv")
    chance = Random(1)
    assert len({found.row(1, chance) for _ in range(20)}) > 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.csv:1: expected SEQUENTIAL or RANDOM or USER, found nothing"),
        ("ann;1", "x.csv:1: expected SEQUENTIAL or RANDOM or USER, found ann;1"),
        ("USER,PRINTF=9\na", "x.csv:1: PRINTF=9 is not supported in injection files"),
        ("USER\n#a", "x.csv:2: expected a line of fields, found none"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(SippError) as caught:
        read_injection(text, "x.csv")
    assert str(caught.value) == message
