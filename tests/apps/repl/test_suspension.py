"""Work that is held in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from relayscript.apps.repl.session import Session
from relayscript.apps.repl.suspension import Suspension
from relayscript.interpreter.waiting import spawn


def test_work_is_held_and_goes_on() -> None:
    running: Suspension[str, int] = Suspension()
    got: list[int] = []

    def work() -> None:
        got.append(running.hold("first"))
        spawn(lambda: got.append(running.hold("second")))

    assert running.start(work) == "first"
    assert running.is_held
    assert running.go_on(1) == "second"
    assert running.go_on(2) is None
    assert got == [1, 2]
    assert not running.is_held


def test_what_the_work_raises_is_raised() -> None:
    running: Suspension[str, int] = Suspension()

    def work() -> None:
        running.hold("here")
        raise KeyError("lost")

    running.start(work)
    with pytest.raises(KeyError, match="lost"):
        running.go_on(1)


def test_abandoned_work_ends_where_it_is() -> None:
    running: Suspension[str, int] = Suspension()
    ended: list[str] = []

    def work() -> None:
        try:
            spawn(running.hold, "here")
            ended.append("went on")
        finally:
            ended.append("ended")

    running.start(work)
    running.abandon()
    assert ended == ["ended"]
    running.abandon()
    assert not running.is_held


def test_nobody_else_is_traced_while_a_script_is_held_and_after_it(script: Path) -> None:
    before = sys.gettrace()
    session = Session(script)
    session.do(".break route[relay]")
    session.do("alice calls bob")
    assert session.bench.stop is not None
    assert sys.gettrace() is before
    session.do('$rtp_relay = "co";')
    session.do(".continue")
    assert sys.gettrace() is before
    session.do("carol calls dave")
    session.end()
    assert sys.gettrace() is before
