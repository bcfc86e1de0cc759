"""Statistics over a moving window."""

from __future__ import annotations

import pytest

from relayscript.interpreter.series import Profile, Series, read_profile
from relayscript.sip.timers import Timers
from tests.interpreter.modules.stage import Proxy, request


def test_profiles() -> None:
    assert read_profile("avg: algorithm=average") == Profile("avg", "average", "avg")
    assert read_profile("p : algorithm=percentage;window=3600 slots=6 group=calls percentage_factor=1000") == Profile(
        "p", "percentage", "calls", 3600, 6, 1000
    )
    assert read_profile("plain").window == 60
    assert read_profile("ten: window=10").slots == 10


@pytest.mark.parametrize(
    "text", ["", ": window=5", "x: algorithm=best", "x: window=0", "x: slots=0", "x: y=1", "x: window=a"]
)
def test_bad_profiles(text: str) -> None:
    with pytest.raises(ValueError, match=r"series|invalid"):
        read_profile(text)


class Kept:
    """A series whose clock is turned by hand; remembers what was published last."""

    def __init__(self, text: str) -> None:
        self.timers = Timers()
        self.last = 0
        self.series = Series(read_profile(text), self.timers, self._publish)

    def _publish(self, value: int) -> None:
        self.last = value

    def at(self, seconds: float, *values: int) -> int:
        """Values come in at a time; what is published then."""
        self.timers.fire(seconds)
        for value in values:
            self.series.add(value)
        return self.last


def test_a_sum_loses_what_is_older_than_the_window() -> None:
    kept = Kept("s: window=10 slots=5")
    assert [kept.at(0, 1, 2), kept.at(1.9, 4), kept.at(3, 10), kept.at(9.9), kept.at(10), kept.at(12)] == [
        3, 7, 17, 17, 10, 0,
    ]  # fmt: skip


def test_an_average() -> None:
    kept = Kept("s: algorithm=average window=10")
    assert [kept.at(0, 10), kept.at(1, 21), kept.at(2, -1), kept.at(10.5), kept.at(20)] == [10, 15, 10, 10, 0]


def test_a_percentage_of_what_is_above_zero() -> None:
    kept = Kept("s: algorithm=percentage window=10")
    assert [kept.at(0, 1), kept.at(1, -1), kept.at(2, 1, 1), kept.at(10), kept.at(30)] == [100, 50, 75, 66, 0]


def test_nothing_is_left_waiting_for_a_series_without_values() -> None:
    kept = Kept("s: window=10")
    kept.at(0, 1)
    kept.series.clear()
    assert kept.at(11, 5) == 5
    assert kept.at(21) == 0
    assert kept.timers.pending() == 0


def test_in_a_script() -> None:
    script = """
    xlog_level=3
    modparam("statistics", "stat_series_profile", "asr: algorithm=percentage window=60 group=calls")
    route {
        update_stat_series("asr", "asr_1m", 1);
        update_stat_series("asr", "asr_1m", -1);
        $var(a) = $stat(asr_1m);
        $var(none) = update_stat_series("none", "x", 1);
        if ($rm == "INFO") reset_stat("asr_1m");
    }
    """
    proxy = Proxy(script, "tm sl statistics")
    proxy.send(request("OPTIONS"))
    variables = proxy.runtime.script_variables
    assert (variables["a"], variables["none"]) == (50, -1)
    assert proxy.call("statistics:get", statistics=["calls:"]) == {"calls:asr_1m": 50}
    proxy.send(request("INFO"))
    assert proxy.call("statistics:get", statistics=["asr_1m"]) == {"calls:asr_1m": 0}
    proxy.send(request("OPTIONS", call_id="again"))
    proxy.host.pass_time(61)
    assert proxy.call("statistics:get", statistics=["asr_1m"]) == {"calls:asr_1m": 0}
