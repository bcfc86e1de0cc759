"""The loop of the stage: it runs while something is awaited, by the stage's clock."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from relayscript.apps.testing.live import loop as module
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.apps.testing.stage import LostOnTheWay


@pytest.fixture
def loop() -> Iterator[StageLoop]:
    made = StageLoop()
    yield made
    made.close()


def test_it_handles_sockets_until_something_is_so(loop: StageLoop) -> None:
    near, far = socket.socketpair()
    got: list[bytes] = []
    with near, far:
        loop.add_reader(near, lambda: got.append(near.recv(100)))
        far.send(b"one")
        assert got == []
        loop.pump(lambda: got, "a letter")
        assert got == [b"one"]
        far.send(b"two")
        loop.turn()
        assert got == [b"one", b"two"]
        loop.remove_reader(near)


def test_what_does_not_arrive_is_told(loop: StageLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.0)
    with pytest.raises(LostOnTheWay, match="a letter did not arrive within 0 s"):
        loop.pump(lambda: False, "a letter")


def test_its_time_is_the_stages_and_alarms_never_ring(loop: StageLoop) -> None:
    rung: list[int] = []
    loop.clock = lambda: 100.0
    loop.call_later(0.0, rung.append, 1).cancel()
    handle = loop.call_at(1.0, rung.append, 2)
    loop.turn()
    assert (loop.time(), handle.when(), rung) == (100.0, 1.0, [])
