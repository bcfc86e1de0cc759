"""Timers: fired in order, by a clock that is told."""

from __future__ import annotations

from relayscript.sip.timers import Timers


def test_timers_fire_in_the_order_of_their_deadlines() -> None:
    timers, seen = Timers(10), list[tuple[str, float]]()
    for name, delay in (("b", 2), ("a", 1), ("c", 2), ("d", 5)):
        timers.start(delay, lambda name=name: seen.append((name, timers.now)))  # type: ignore[misc]
    assert (timers.deadline(), timers.pending()) == (11, 4)
    assert timers.fire(12.5) == 3
    assert seen == [("a", 11), ("b", 12), ("c", 12)]
    assert (timers.now, timers.deadline(), timers.pending()) == (12.5, 15, 1)


def test_a_cancelled_timer_never_fires() -> None:
    timers, seen = Timers(), list[str]()
    first, second = timers.start(1, lambda: seen.append("1")), timers.start(2, lambda: seen.append("2"))
    assert first.active
    first.cancel()
    assert (first.active, timers.deadline()) == (False, 2)
    assert timers.fire(9) == 1
    assert (seen, second.active, timers.deadline()) == (["2"], False, None)


def test_a_timer_started_by_another_fires_if_it_is_due() -> None:
    timers, seen = Timers(), list[float]()

    def again() -> None:
        timers.start(1, lambda: seen.append(timers.now))

    timers.start(1, again)
    timers.fire(5)
    assert seen == [2]


def test_cancelled_entries_leave_the_queue() -> None:
    timers = Timers()
    for _ in range(1024):
        timers.start(100, lambda: None).cancel()
    timers.fire(1)
    assert (timers.pending(), timers.deadline()) == (0, None)


def test_time_does_not_run_backwards() -> None:
    timers = Timers(5)
    timers.fire(3)
    assert timers.now == 5
