"""The time of day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from datetime import datetime

from relayscript.interpreter.values import Dual


def test_seconds(stage: Set) -> None:
    assert stage().show("$Ts $Tsm $TS") == "1764000000 250000 1763999940"


def test_text(stage: Set) -> None:
    text = stage().read("$Tf")
    assert isinstance(text, Dual)
    assert text.number == 1764000000
    assert datetime.strptime(text, "%a %b %d %H:%M:%S %Y") == datetime.fromtimestamp(1764000000)


def test_a_form(stage: Set) -> None:
    on = stage()
    assert on.read("$time(%Y-%m-%d %H:%M:%S)") == datetime.fromtimestamp(1764000000).strftime("%Y-%m-%d %H:%M:%S")
    assert on.read(f"$time({'x' * 126})") == "x" * 126
    assert on.read(f"$time({'x' * 127})") is None
