"""Jobs on greenlets that are used again."""

from __future__ import annotations

from collections.abc import Callable
from weakref import ref

import pytest
from greenlet import getcurrent
from hypothesis import given
from hypothesis import strategies as st

from relayscript.interpreter.waiting import wait
from relayscript.interpreter.workers import MOST_IDLE, Workers


def test_a_job_that_ended_leaves_its_greenlet_to_the_next() -> None:
    workers, seen = Workers(), list[object]()
    for _ in range(3):
        workers.spawn(lambda: seen.append(getcurrent()))
    assert len(set(map(id, seen))) == 1
    assert seen[0] is not getcurrent()


def test_a_job_that_waits_keeps_its_greenlet() -> None:
    workers, events, later = Workers(), list[object](), list[Callable[[str], None]]()

    def ask() -> None:
        events.append(wait(later.append))

    workers.spawn(ask)
    workers.spawn(events.append, "meanwhile")
    later[0]("answered")
    workers.spawn(events.append, "after")
    assert events == ["meanwhile", "answered", "after"]


def test_greenlets_that_rest_are_freed_and_others_take_their_place() -> None:
    workers, seen = Workers(), list[object]()
    workers.spawn(lambda: seen.append(ref(getcurrent())))
    workers.rest()
    (worker,) = seen
    assert worker() is None  # type: ignore[operator]
    workers.spawn(seen.append, "after")
    assert seen[1:] == ["after"]


def test_an_error_goes_to_who_started_the_job_and_harms_no_later_one() -> None:
    workers, events = Workers(), list[str]()

    def fail() -> None:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        workers.spawn(fail)
    workers.spawn(events.append, "fine")
    assert events == ["fine"]


def test_jobs_start_and_wake_each_other() -> None:
    workers, events, later = Workers(), list[str](), list[Callable[[str], None]]()

    def inner() -> None:
        events.append(wait(later.append))
        later[1]("from inner")
        events.append("inner ends")

    def outer() -> None:
        workers.spawn(inner)
        events.append(wait(later.append))
        events.append("outer ends")

    workers.spawn(outer)
    later[0]("from main")
    assert events == ["from main", "from inner", "outer ends", "inner ends"]


def test_no_more_greenlets_are_kept_than_allowed() -> None:
    workers, later = Workers(), list[Callable[[None], None]]()
    for _ in range(MOST_IDLE + 9):
        workers.spawn(wait, later.append)
    for wake in later:
        wake(None)
    assert len(workers._idle) == MOST_IDLE


@given(st.lists(st.integers(0, 3), max_size=30))
def test_every_job_ends_once_whatever_wakes_whom(steps: list[int]) -> None:
    """A job waits as often as its number says; others are started and woken in between, from inside of it."""
    workers, later, ended = Workers(), list[Callable[[None], None]](), list[int]()

    def job(number: int) -> None:
        for _ in range(number):
            wait(later.append)
            if number == 2 and later:
                later.pop(0)(None)
            if number == 3:
                workers.spawn(job, 1)
        ended.append(number)

    for number in steps:
        workers.spawn(job, number)
    while later:
        later.pop()(None)
    assert sorted(ended) == sorted(steps + [1] * 3 * steps.count(3))
