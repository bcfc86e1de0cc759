"""A loop that serves our sockets and timers itself, and lets asyncio have its own."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.turns import ServingLoop

LIMIT = 5.0
Pair = tuple[socket.socket, socket.socket]


class Bench:
    """A loop with the errors that events left behind; it stops by itself after a while."""

    def __init__(self) -> None:
        self.loop = ServingLoop()
        self.errors: list[Exception] = []
        self.events = EventLoop(self.loop, self.errors.append)

    def run(self) -> None:
        """Run until somebody stops the loop."""
        late = self.loop.call_later(LIMIT, self.loop.stop)
        self.loop.run_forever()
        assert self.loop.time() < late.when(), "nobody stopped the loop"
        late.cancel()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.loop.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with one, other:
        one.setblocking(False)
        yield one, other


def test_a_reader_is_called_within_the_wait_until_asyncio_has_something_to_do(bench: Bench, pair: Pair) -> None:
    got: list[bytes] = []

    def ready() -> None:
        got.append(pair[0].recv(1))
        if len(got) == 3:
            bench.loop.call_soon(bench.loop.stop)

    bench.events.watch(pair[0], ready)
    pair[1].send(b"abc")
    bench.run()
    assert got == [b"a", b"b", b"c"]


def test_a_stop_out_of_an_event_ends_the_wait(bench: Bench, pair: Pair) -> None:
    bench.events.watch(pair[0], bench.loop.stop)
    pair[1].send(b"a")
    bench.run()


def test_timers_fire_within_the_wait_at_their_time(bench: Bench) -> None:
    begun, fired = bench.loop.time(), list[float]()
    bench.events.tick()
    bench.events.timers.start(0.03, lambda: fired.append(bench.loop.time()))
    bench.events.timers.start(0.05, bench.loop.stop)
    bench.run()
    assert len(fired) == 1
    assert fired[0] >= begun + 0.03


def test_a_timer_that_fails_is_told_and_the_next_one_fires(bench: Bench) -> None:
    def fail() -> None:
        raise ValueError("no")

    bench.events.timers.start(0.0, fail)
    bench.events.timers.start(0.0, bench.loop.stop)
    bench.run()
    assert [str(error) for error in bench.errors] == ["no"]


def test_an_answer_in_time_is_handled_before_the_time_out_however_late_we_are(bench: Bench, pair: Pair) -> None:
    calls: list[str] = []

    def stop() -> None:
        calls.append("time-out")
        bench.loop.stop()

    def ready() -> None:
        calls.append(pair[0].recv(10).decode())

    pair[1].send(b"answer")
    bench.events.watch(pair[0], ready)
    bench.events.timers.start(0.0, stop)
    bench.events.soon(lambda: calls.append("thread"))
    bench.run()
    assert calls == ["answer", "thread", "time-out"]


def test_asyncio_s_timers_and_its_own_sockets_have_their_turn(bench: Bench, pair: Pair) -> None:
    """While a socket of ours is always ready."""
    turns = 0
    got: list[bytes] = []
    mine, theirs = socket.socketpair()

    def ready() -> None:
        nonlocal turns
        turns += 1

    def read() -> None:
        got.append(pair[0].recv(1))
        bench.loop.remove_reader(pair[0])
        bench.loop.call_later(0.001, bench.loop.stop)

    with mine, theirs:
        bench.events.watch(mine, ready)
        bench.loop.add_reader(pair[0], read)
        theirs.send(b"x")
        pair[1].send(b"a")
        bench.run()
        bench.events.unwatch(mine)
    assert got == [b"a"]
    assert turns


def test_a_socket_is_watched_for_reading_and_writing_apart(bench: Bench, pair: Pair) -> None:
    calls: list[str] = []

    def write() -> None:
        calls.append("write")
        bench.events.unwatch_writable(pair[0])
        pair[1].send(b"a")

    def read() -> None:
        calls.append("read")
        bench.events.unwatch(pair[0])
        bench.loop.stop()

    bench.events.watch(pair[0], read)
    bench.events.watch_writable(pair[0], write)
    bench.run()
    assert calls == ["write", "read"]
    assert pair[0] not in bench.loop.turns.get_map()


def test_what_another_event_of_the_same_wait_gave_up_is_not_called(bench: Bench, pair: Pair) -> None:
    """Both are ready at once; whoever comes first gives up the other."""
    calls: list[int] = []
    pair[1].setblocking(False)

    def ready(own: int) -> None:
        calls.append(own)
        bench.events.unwatch(pair[1 - own])
        bench.loop.stop()

    bench.events.watch(pair[0], lambda: ready(0))
    bench.events.watch(pair[1], lambda: ready(1))
    pair[0].send(b"a")
    pair[1].send(b"b")
    bench.run()
    assert len(calls) == 1


def test_a_signal_gets_through(bench: Bench) -> None:
    bench.loop.add_signal_handler(signal.SIGUSR1, bench.loop.stop)
    bench.events.timers.start(0.0, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    bench.run()


def test_a_thread_s_event_gets_through(bench: Bench) -> None:
    bench.events.timers.start(0.0, lambda: bench.loop.run_in_executor(None, bench.events.soon, bench.loop.stop))
    bench.run()
