"""The live host on loopback sockets: datagrams, timers, channels, names, management."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relayscript.apps.serving.channels import host_and_port
from relayscript.apps.serving.live import LiveHost
from relayscript.apps.serving.refusals import outbound
from relayscript.apps.serving.turns import ServingLoop
from relayscript.sip.transport import Address, Listener


class Bench:
    """A live host with a log to read, and an end to each wait."""

    def __init__(self) -> None:
        self.loop = ServingLoop()
        self.log = io.BytesIO()
        self.host = LiveHost(self.loop, self.log)

    def until(self, done: Callable[[], object], limit: float = 3.0) -> None:
        """Run the loop until something is so."""

        def look() -> None:
            if self.loop.time() > end or done():
                self.loop.stop()
            else:
                self.loop.call_later(0.001, look)

        end = self.loop.time() + limit
        self.loop.call_soon(look)
        self.loop.run_forever()
        assert done(), self.log.getvalue().decode()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.host.close()
    made.loop.close()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(3)
        yield sock


def listen(bench: Bench, receive: Callable[[bytes, Address, Listener], None]) -> tuple[Listener, Address]:
    listener = Listener("udp", "127.0.0.1", 0)
    bench.host.bind(listener)
    bench.host.open(receive)
    return listener, bench.host.address_of(listener)


def test_datagrams_come_in_in_order_and_go_out(bench: Bench, peer: socket.socket) -> None:
    got: list[tuple[bytes, Address]] = []

    def receive(data: bytes, source: Address, through: Listener) -> None:
        got.append((data, source))
        bench.host.send(through, source, b"re: " + data)

    _, address = listen(bench, receive)
    for number in range(100):
        peer.sendto(b"%d" % number, address)
    bench.until(lambda: len(got) == 100)
    assert got == [(b"%d" % number, peer.getsockname()) for number in range(100)]
    assert peer.recv(100) == b"re: 0"


def test_an_event_that_fails_is_logged_and_the_next_is_handled(bench: Bench, peer: socket.socket) -> None:
    got: list[bytes] = []

    def receive(data: bytes, source: Address, through: Listener) -> None:
        if data == b"bad":
            raise ZeroDivisionError("on purpose")
        got.append(data)

    _, address = listen(bench, receive)
    for data in (b"bad", b"bad", b"good"):
        peer.sendto(data, address)
    bench.until(lambda: got)
    assert bench.log.getvalue().count(b"an event could not") == 1
    assert bench.host.statistics == {"net:ZeroDivisionError_failures": 2}


def test_sending_failures_are_counted_not_raised(bench: Bench) -> None:
    listener, _ = listen(bench, lambda *event: None)
    bench.host.send(listener, ("127.0.0.1", 70000), b"x")
    bench.host.send(listener, ("::1", 5060), b"x")
    bench.host.send(Listener("tcp", "127.0.0.1", 1), ("127.0.0.1", 5060), b"x")
    assert bench.host.statistics == {"net:send_failures": 3}
    assert bench.log.getvalue().count(b"cannot send") == 1


def test_timers_fire_in_order_without_other_events(bench: Bench) -> None:
    fired: list[str] = []
    bench.host.timers.start(0.02, lambda: fired.append("second"))

    def again() -> None:
        bench.host.timers.start(0.0, lambda: fired.append("first"))

    bench.host.timers.start(0.01, again)
    bench.host.timers.start(0.015, lambda: fired.append("never")).cancel()
    bench.host.open(lambda *event: None)
    bench.until(lambda: len(fired) == 2)
    assert fired == ["first", "second"]


def test_a_port_in_use_is_an_error(bench: Bench, peer: socket.socket) -> None:
    with pytest.raises(OSError, match="in use"):
        bench.host.bind(Listener("udp", *peer.getsockname()))


def test_management_datagrams_are_answered(bench: Bench, peer: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bench.host.serve(f"udp:127.0.0.1:{port}", lambda data, answer: answer(data[::-1]))
    peer.sendto(b"abc", ("127.0.0.1", port))
    bench.loop.call_later(0.01, bench.loop.stop)
    bench.loop.run_forever()
    assert peer.recv(100) == b"cba"
    with pytest.raises(OSError, match="are served"):
        bench.host.serve("smtp:127.0.0.1:1", lambda data, answer: None)


def test_names_are_resolved_and_unknown_ones_have_no_address(bench: Bench) -> None:
    found: list[list[str]] = []
    for name in ("127.0.0.9", "[::1]", "localhost", "no.such.name.invalid", "\xff"):
        bench.host.resolve(name, found.append)
    bench.until(lambda: len(found) == 5, 10)
    assert found[:2] == [["127.0.0.9"], ["::1"]]
    assert ["127.0.0.1"] in [each[:1] for each in found]
    assert found.count([]) == 2


def test_a_datagram_channel_sends_what_was_kept_while_its_name_was_resolved(bench: Bench, peer: socket.socket) -> None:
    got: list[bytes] = []
    channel = bench.host.network.connect(f"udp:localhost:{peer.getsockname()[1]}", got.append)
    channel.send(b"1 V")
    seen: list[bytes] = []
    peer.setblocking(False)

    def arrived() -> bool:
        try:
            data, source = peer.recvfrom(100)
        except BlockingIOError:
            return bool(seen)
        seen.append(data)
        peer.sendto(b"1 20040107\n", source)
        return True

    bench.until(arrived)
    bench.until(lambda: got)
    assert (seen, got) == ([b"1 V"], [b"1 20040107\n"])
    channel.close()


def test_a_stream_channel_connects_converses_and_tells_the_end(bench: Bench, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "node"))
        server.listen()
        got: list[bytes] = []
        channel = bench.host.network.connect(f"cunix:{tmp_path / 'node'}", got.append)
        channel.send(b"V\n")
        bench.loop.call_later(0.01, bench.loop.stop)
        bench.loop.run_forever()
        end, _ = server.accept()
        with end:
            assert end.recv(100) == b"V\n"
            end.sendall(b"20040107\n")
            bench.until(lambda: got)
        bench.until(lambda: len(got) == 2)
    assert got == [b"20040107\n", b""]


def test_a_stream_nobody_serves_ends_at_once(bench: Bench, tmp_path: Path) -> None:
    got: list[bytes] = []
    bench.host.network.connect(f"unix:{tmp_path / 'nobody'}", got.append).send(b"V\n")
    bench.until(lambda: got)
    assert got == [b""]


def test_the_embedded_relay_answers(bench: Bench) -> None:
    got: list[bytes] = []
    channel = bench.host.network.connect("rtp.io:auto", got.append)
    channel.send(b"V\n")
    bench.until(lambda: got)
    channel.close()
    assert got == [b"20040107\n"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("10.0.0.1:99", ("10.0.0.1", 99)),
        ("node", ("node", 22222)),
        ("[::1]:9", ("::1", 9)),
        ("[::1]", ("::1", 22222)),
        ("::1:9", ("::1", 9)),
    ],
)
def test_host_and_port(text: str, parts: Address) -> None:
    assert host_and_port(text) == parts


def test_what_is_no_way_to_a_node_is_refused(bench: Bench) -> None:
    for url in ("smtp:host:25", "udp:host:port"):
        with pytest.raises(ValueError, match=r"not a"):
            bench.host.network.connect(url, lambda data: None)


def test_datagrams_that_come_back_are_told_and_harm_no_others(bench: Bench, peer: socket.socket) -> None:
    listener, _ = listen(bench, lambda *event: None)
    lost: list[tuple[Listener, Address, bool]] = []
    bench.host.undeliverable = lambda *event: lost.append(event)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone: Address = nobody.getsockname()
    for number in range(3):
        bench.host.send(listener, gone, b"x")
        bench.host.send(listener, peer.getsockname(), b"%d" % number)
    bench.until(lambda: lost)
    assert set(lost) == {(listener, gone, True)}
    assert [peer.recv(10) for _ in range(3)] == [b"0", b"1", b"2"]


def test_what_cannot_be_sent_at_all_is_told(bench: Bench) -> None:
    listener, _ = listen(bench, lambda *event: None)
    lost: list[tuple[Listener, Address, bool]] = []
    bench.host.undeliverable = lambda *event: lost.append(event)
    bench.host.send(listener, ("::1", 5060), b"x")
    assert lost == []
    bench.until(lambda: lost)
    assert lost == [(listener, ("::1", 5060), False)]


def test_the_way_out() -> None:
    assert outbound(("127.0.0.1", 9)) == "127.0.0.1"
    assert outbound(("127.0.0.1", 70000)) == ""
