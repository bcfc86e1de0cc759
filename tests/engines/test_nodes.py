"""Nodes at work: tests that are shared, and what is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relayscript.engines.contract import Wire
from relayscript.engines.cookies import CookieLink
from relayscript.engines.link import Link
from relayscript.engines.memory import MemoryNetwork
from relayscript.engines.nodes import Nodes
from relayscript.engines.sets import Node, parse_definition
from relayscript.sip.ids import CountingIds
from relayscript.sip.timers import Timers


class Bench:
    """Nodes whose tests end when the bench says so."""

    def __init__(self, tell_always: bool = False) -> None:
        self.network = MemoryNetwork(Timers())
        self.told: list[tuple[str, bool]] = []
        self.traces: list[tuple[str, bool, str]] = []
        self.tests: list[Callable[[bool], None]] = []
        self.events: list[str] = []
        wire = Wire(
            self.network,
            self.network.timers,
            CountingIds(),
            trace=lambda node, sent, text: self.traces.append((node, sent, text)),
            status=lambda engine, node, number, active: self.told.append((node, active)),
        )
        definition = parse_definition("1 == udp:a:1 udp:b:1")
        self.nodes = Nodes("bench", wire, [definition], self.link, self.probe, 60.0, tell_always)
        self.a, self.b = self.nodes.sets.nodes(1)

    def link(self, url: str) -> Link:
        return CookieLink(self.network, url, self.network.timers, lambda: "c", 1.0, 1)

    def probe(self, node: Node, attempts: int | None, done: Callable[[bool], None]) -> None:
        self.tests.append(done)

    def event(self, name: str) -> Callable[[], None]:
        return lambda: self.events.append(name)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_those_who_wait_for_a_test_share_it(bench: Bench) -> None:
    bench.nodes.probe(bench.a, then=bench.event("first"))
    bench.nodes.probe(bench.a, then=bench.event("second"))
    bench.nodes.when_known(bench.a, bench.event("third"))
    bench.nodes.when_known(bench.b, bench.event("at once"))
    assert bench.events == ["at once"]
    (test,) = bench.tests
    test(True)
    assert bench.events == ["at once", "first", "second", "third"]


def test_only_changes_are_told_unless_asked_for_more(bench: Bench) -> None:
    for each in (bench, Bench(tell_always=True)):
        for usable in (True, False, False, True):
            each.nodes.probe(each.a)
            each.tests.pop()(usable)
    changes = [("udp:a:1", False), ("udp:a:1", True)]
    assert bench.told == changes
    assert each.told == [("udp:a:1", True), *changes]


def test_all_of_a_set(bench: Bench) -> None:
    bench.nodes.enable("udp:b:1", 0)
    bench.nodes.probe_all(1, bench.event("one"))
    bench.tests.pop()(False)
    bench.nodes.probe_all(9, bench.event("none there"))
    assert bench.events == ["one", "none there"]
    assert not bench.a.enabled


def test_a_test_does_not_bring_back_what_is_off_for_good(bench: Bench) -> None:
    bench.nodes.probe(bench.a)
    bench.nodes.enable("udp:a:1", 0)
    bench.tests.pop()(True)
    assert not bench.a.enabled
    bench.network.settle(500)
    assert bench.tests == []


def test_commands_and_replies_are_traced(bench: Bench) -> None:
    replies: list[bytes | None] = []
    bench.nodes.request(bench.a, b"V", replies.append)
    bench.network.channels[0].receive(b"c 2004\n")
    assert bench.traces == [("udp:a:1", True, "V"), ("udp:a:1", False, "2004")]
    assert bench.a.heard_at == 0.0
    bench.nodes.request(bench.b, b"V", replies.append)
    bench.network.settle(1)
    assert replies == [b"2004\n", None]
    assert bench.told == [("udp:b:1", False)]


def test_nothing_is_sent_after_the_end(bench: Bench) -> None:
    replies: list[bytes | None] = []
    bench.nodes.disable(bench.a)
    bench.nodes.stop()
    bench.nodes.request(bench.a, b"V", replies.append)
    bench.network.settle(100)
    assert replies == [None]
    assert bench.network.sent == []
    assert bench.nodes.choose(1, "x") is None
    assert bench.tests == []
