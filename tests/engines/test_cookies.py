"""Commands over datagrams: a cookie, repetitions, silence."""

from __future__ import annotations

from itertools import count

import pytest

from relayscript.engines.cookies import CookieLink
from relayscript.engines.memory import MemoryNetwork
from relayscript.sip.timers import Timers

URL = "udp:a:1"


class Bench:
    def __init__(self) -> None:
        self.network = MemoryNetwork(Timers())
        numbers = count(1)
        self.link = CookieLink(self.network, URL, self.network.timers, lambda: f"c{next(numbers)}", 1.0, 3)
        self.replies: list[bytes | None] = []

    def ask(self, text: bytes, attempts: int | None = None) -> None:
        self.link.request(text, self.replies.append, attempts)

    @property
    def sent(self) -> list[bytes]:
        return [data for _, data in self.network.sent]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_reply_with_the_cookie_is_the_one(bench: Bench) -> None:
    bench.ask(b"V")
    (channel,) = bench.network.channels
    for data in (b"c9 stale", b"c1", b"no reply at all"):
        channel.receive(data)
    assert bench.replies == [b""]
    bench.ask(b"V")
    channel.receive(b"c1 late")
    channel.receive(b"c2 20040107")
    channel.receive(b"c2 again")
    assert bench.sent == [b"c1 V", b"c2 V"]
    assert bench.replies == [b"", b"20040107"]
    assert bench.network.timers.pending() == 0


def test_commands_under_way_do_not_wait_for_each_other(bench: Bench) -> None:
    bench.ask(b"U")
    bench.ask(b"L")
    bench.network.channels[0].receive(b"c2 second")
    bench.network.channels[0].receive(b"c1 first")
    assert bench.replies == [b"second", b"first"]


def test_repetitions_carry_the_same_cookie_and_end_in_silence(bench: Bench) -> None:
    bench.ask(b"V")
    bench.network.settle(2.9)
    assert bench.sent == [b"c1 V"] * 3
    assert bench.replies == []
    bench.network.settle(0.2)
    assert bench.replies == [None]
    assert bench.network.timers.pending() == 0


def test_a_reply_to_the_last_attempt_counts(bench: Bench) -> None:
    bench.ask(b"V")
    bench.network.settle(2.9)
    bench.network.channels[0].receive(b"c1 here")
    bench.network.settle(5)
    assert bench.replies == [b"here"]


def test_fewer_attempts(bench: Bench) -> None:
    bench.ask(b"V", 1)
    bench.network.settle(1)
    assert (bench.sent, bench.replies) == ([b"c1 V"], [None])


def test_an_error_of_our_own_is_not_silence_yet(bench: Bench) -> None:
    bench.network.refused.add(URL)
    bench.ask(b"V")
    bench.network.settle(1.5)
    bench.network.refused.clear()
    bench.network.nodes[URL] = lambda data: [data.split()[0] + b" ok"]
    bench.network.settle(1)
    assert bench.replies == [b"ok"]


def test_closing_ends_what_is_under_way(bench: Bench) -> None:
    bench.ask(b"V")
    bench.link.close()
    assert bench.replies == [None]
    assert bench.network.open_channels(URL) == []
    assert bench.network.timers.pending() == 0
