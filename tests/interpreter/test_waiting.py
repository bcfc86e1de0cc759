"""Runs that wait: order, results, and who goes on when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.interpreter.waiting import Turnstile, spawn, wait

Done = Callable[[str], None]


def test_an_answer_that_comes_at_once_needs_no_run() -> None:
    def start(done: Done) -> None:
        done("now")

    answer = wait(start)
    assert answer == "now"


def test_waiting_outside_of_a_run_is_refused() -> None:
    with pytest.raises(RuntimeError):
        wait(lambda done: None)


def test_a_run_gives_way_and_goes_on_with_the_answer() -> None:
    events: list[str] = []
    later: list[Done] = []

    def run() -> None:
        events.append("asks")
        events.append(wait(later.append))

    spawn(run)
    events.append("others")
    later[0]("answered")
    events.append("after")
    assert events == ["asks", "others", "answered", "after"]


def test_a_run_may_be_answered_from_inside_another_run() -> None:
    events: list[str] = []
    later: list[Done] = []

    def first() -> None:
        events.append(wait(later.append))
        events.append(wait(later.append))

    def second() -> None:
        later[0]("one")
        events.append("second goes on")
        later[1]("two")
        events.append("second ends")

    spawn(first)
    spawn(second)
    assert events == ["one", "second goes on", "two", "second ends"]


def test_a_turnstile_lets_runs_through_in_the_order_they_came() -> None:
    turnstile, events = Turnstile(), []
    later: list[Done] = []

    def run(name: str) -> None:
        with turnstile:
            events.append(f"{name} in")
            wait(later.append)
            events.append(f"{name} out")

    for name in ("a", "b", "c"):
        spawn(run, name)
    assert events == ["a in"]
    for number in range(3):
        later[number]("go")
    assert events == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert not turnstile.taken


def test_an_error_inside_frees_the_turnstile() -> None:
    turnstile = Turnstile()
    with pytest.raises(ValueError, match="broken"), turnstile:
        raise ValueError("broken")
    assert not turnstile.taken
