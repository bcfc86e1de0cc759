"""Commands over streams: one line each."""

from __future__ import annotations

import pytest

from relayscript.engines.lines import LineLink, OneShotLink
from relayscript.engines.memory import MemoryNetwork
from relayscript.sip.timers import Timers

URL = "cunix:/run/x"


class Bench:
    def __init__(self, kind: type[LineLink] | type[OneShotLink]) -> None:
        self.network = MemoryNetwork(Timers())
        self.link = kind(self.network, URL, self.network.timers, 1.0)
        self.replies: list[tuple[str, bytes | None]] = []

    def ask(self, text: str) -> None:
        self.link.request(text.encode(), lambda reply: self.replies.append((text, reply)))

    @property
    def sent(self) -> list[bytes]:
        return [data for _, data in self.network.sent]


@pytest.fixture
def stays() -> Bench:
    return Bench(LineLink)


@pytest.fixture
def once() -> Bench:
    return Bench(OneShotLink)


def test_replies_come_in_order_over_one_connection(stays: Bench) -> None:
    stays.ask("V")
    stays.ask("U x")
    (channel,) = stays.network.channels
    channel.receive(b"2004")
    channel.receive(b"0107\n4000 1.2.3.4\nrest")
    assert stays.sent == [b"V\n", b"U x\n"]
    assert stays.replies == [("V", b"20040107"), ("U x", b"4000 1.2.3.4")]


def test_after_silence_the_connection_is_another_one(stays: Bench) -> None:
    stays.ask("V")
    stays.network.settle(0.5)
    stays.ask("U x")
    stays.network.settle(0.5)
    assert stays.replies == [("V", None), ("U x", None)]
    stays.ask("L x")
    old, new = stays.network.channels
    assert old.closed
    new.receive(b"5\n")
    assert stays.replies[-1] == ("L x", b"5")
    assert stays.network.timers.pending() == 0


def test_a_connection_that_is_closed_or_refused(stays: Bench) -> None:
    stays.ask("V")
    stays.network.channels[0].receive(b"")
    assert stays.replies == [("V", None)]
    stays.network.refused.add(URL)
    stays.ask("V")
    assert len(stays.replies) == 1
    stays.network.settle()
    assert stays.replies == [("V", None)] * 2


def test_a_request_made_while_a_reply_is_handled(stays: Bench) -> None:
    stays.link.request(b"A", lambda reply: stays.ask("B"))
    stays.network.channels[0].receive(b"1\n")
    stays.network.channels[0].receive(b"2\n")
    assert stays.replies == [("B", b"2")]


def test_closing_ends_what_is_under_way(stays: Bench, once: Bench) -> None:
    for bench in (stays, once):
        bench.ask("V")
        bench.link.close()
        assert bench.replies == [("V", None)]
        assert bench.network.open_channels(URL) == []
        assert bench.network.timers.pending() == 0


def test_a_connection_for_each_command(once: Bench) -> None:
    once.ask("V")
    once.ask("U x")
    first, second = once.network.channels
    second.receive(b"4000\n")
    first.receive(b"20040107")
    first.receive(b"")
    assert once.replies == [("U x", b"4000"), ("V", b"20040107")]
    assert first.closed
    assert second.closed


def test_a_reset_is_tried_once_more(once: Bench) -> None:
    once.ask("V")
    once.network.channels[0].receive(b"")
    once.network.channels[1].receive(b"")
    assert once.sent == [b"V\n", b"V\n"]
    assert once.replies == [("V", None)]


def test_silence_and_refusal_of_one_command(once: Bench) -> None:
    once.ask("V")
    once.network.settle(1)
    once.network.refused.add(URL)
    once.ask("V")
    once.network.settle()
    assert once.replies == [("V", None)] * 2
    assert once.network.open_channels(URL) == []
