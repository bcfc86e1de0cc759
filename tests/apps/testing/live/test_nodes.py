"""Relay nodes behind sockets: replies come at the time of the stage, over whatever the node's URL says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.apps.testing.live.nodes import NodeNetwork

COMMANDS = {"udp:192.0.2.9:7722": (b"c1 V", b"c1 20040107\n"), "unix:/nowhere/relay": (b"V\n", b"20040107\n")}


class Stage:
    """A network of nodes, and the timers that drive it."""

    def __init__(self) -> None:
        self.loop = StageLoop()
        events = EventLoop(self.loop, self._failed)
        self.timers = events.timers
        self.loop.clock = lambda: self.timers.now
        self.network = NodeNetwork(self.loop, events)

    def _failed(self, error: Exception) -> None:
        raise error


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.network.close()
    made.loop.close()


@pytest.mark.parametrize("url", COMMANDS)
def test_a_reply_takes_its_time(stage: Stage, url: str) -> None:
    command, reply = COMMANDS[url]
    got: list[bytes] = []
    channel = stage.network.connect(url, got.append)
    stage.network.node(url).delay = 0.5
    channel.send(command)
    stage.timers.fire(0.0)
    assert (got, stage.timers.deadline()) == ([], 0.5)
    stage.timers.fire(0.5)
    assert got == [reply]


@pytest.mark.parametrize("url", COMMANDS)
def test_a_silent_node_says_nothing(stage: Stage, url: str) -> None:
    got: list[bytes] = []
    channel = stage.network.connect(url, got.append)
    stage.network.node(url).mood = "silent"
    channel.send(COMMANDS[url][0])
    stage.timers.fire(9.0)
    assert (got, stage.timers.pending()) == ([], 0)


@pytest.mark.parametrize("url", COMMANDS)
def test_a_closed_channel_hears_nothing_more(stage: Stage, url: str) -> None:
    got: list[bytes] = []
    channel = stage.network.connect(url, got.append)
    channel.send(COMMANDS[url][0])
    channel.close()
    channel.send(COMMANDS[url][0])
    stage.timers.fire(9.0)
    assert got == []


def test_two_channels_lead_to_one_node(stage: Stage) -> None:
    got: list[bytes] = []
    for number in (b"1", b"2"):
        stage.network.connect("udp:192.0.2.9:7722", got.append).send(number + b" U call 192.0.2.1 4000 alice;1")
    stage.timers.fire(0.0)
    assert got == [b"1 40000 192.0.2.9\n", b"2 40000 192.0.2.9\n"]
