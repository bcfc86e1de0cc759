"""What connections may do to each other and to us: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relayscript.apps.serving.streams.connection import AT_ONCE, MESSAGES_AT_ONCE
from relayscript.apps.serving.streams.settings import MESSAGE_CHUNKS, StreamSettings
from tests.apps.serving.streams.test_table import PATIENT, in_pieces, request

if TYPE_CHECKING:
    from tests.apps.serving.streams.conftest import Bench, Peer


def send_apart(bench: Bench, peer: Peer, pieces: list[bytes]) -> None:
    """Send pieces so that each is read by itself."""
    connections = bench.host.streams
    bench.until(lambda: len(connections) == 1)
    for piece in pieces:
        (link,) = connections._links
        before = link.connection._chunks if link.connection is not None else 0
        peer.send(piece)
        bench.until(lambda link=link, before=before: is_read(link.connection, before))  # type: ignore[misc]


def is_read(connection: object, before: int) -> bool:
    """The connection has read something since, or is over."""
    return bool(getattr(connection, "_is_closed") or getattr(connection, "_chunks") != before)  # noqa: B009


@pytest.mark.parametrize(("most", "pieces", "is_taken"), [(4, 4, True), (4, 5, False), (0, 30, True), (1, 2, False)])
def test_a_message_may_come_in_so_many_pieces(bench: Bench, most: int, pieces: int, is_taken: bool) -> None:
    peer = bench.connect(bench.listen(settings=in_pieces(most)))
    data = request(b"body")
    size = len(data) // pieces
    send_apart(bench, peer, [data[size * n : size * (n + 1)] for n in range(min(pieces, most or pieces) - 1)])
    if is_taken:
        peer.send(data[size * (pieces - 1) :])
        assert bench.messages(1) == [data]
        return
    peer.send(data[size * (min(pieces, most) - 1) : -1])
    bench.until(peer.is_left)
    assert b"a message came in too many pieces" in bench.log.getvalue()


def test_pieces_are_counted_for_each_message() -> None:
    assert StreamSettings().limits("tcp").chunks == MESSAGE_CHUNKS == 4
    assert StreamSettings(modules={"proto_ws": {"ws_max_msg_chunks": 9}}).limits("ws").chunks == 9


def test_one_that_sends_much_does_not_starve_another(bench: Bench) -> None:
    listener = bench.listen()
    loud, quiet = bench.connect(listener), bench.connect(listener)
    bench.until(lambda: len(bench.host.streams) == 2)
    many = AT_ONCE // len(request())
    loud.sock.setblocking(True)
    loud.sock.sendall(request() * many)
    loud.sock.setblocking(False)
    quiet.sock.send(request(b"quiet"))
    bench.until(lambda: len(bench.got) > many)
    place = [data for data, _, _ in bench.got].index(request(b"quiet"))
    assert place <= 2 * MESSAGES_AT_ONCE
    assert [data for data, _, _ in bench.got].count(request()) == many


def test_all_that_was_sent_before_a_fault_is_handled(bench: Bench) -> None:
    peer = bench.connect(bench.listen())
    peer.send(request() * (3 * MESSAGES_AT_ONCE) + b"OPTIONS sip:h SIP/2.0\r\nl: -1\r\n\r\n")
    bench.until(peer.is_left)
    assert [data for data, _, _ in bench.got] == [request()] * (3 * MESSAGES_AT_ONCE)


def test_all_that_was_sent_before_the_end_is_handled(bench: Bench) -> None:
    peer = bench.connect(bench.listen())
    peer.send(request() * (3 * MESSAGES_AT_ONCE))
    peer.sock.close()
    bench.until(lambda: not len(bench.host.streams))
    assert len(bench.got) == 3 * MESSAGES_AT_ONCE


HEADS = (b"l: 1\r\nContent-Length: 2\r\n", b"l: 0\r\nl: x\r\n", b"l: -1\r\n", b"l: 99999999999\r\n", b"")


@pytest.mark.parametrize("head", HEADS)
def test_a_stream_that_cannot_be_framed_is_closed(bench: Bench, head: bytes) -> None:
    peer = bench.connect(bench.listen())
    peer.send(b"OPTIONS sip:h SIP/2.0\r\n" + head + b"\r\nxx")
    bench.until(peer.is_left)
    assert bench.got == []


@pytest.mark.parametrize("junk", [b"\r\n" * 30_000, b"\0" * 70_000, b"x" * 70_000, b"a: b\r\n" * 20_000])
def test_junk_without_end_is_not_kept(bench: Bench, junk: bytes) -> None:
    listener = bench.listen(settings=StreamSettings(connect_timeout=PATIENT, message_time=0.3))
    bad, good = bench.connect(listener), bench.connect(listener)
    bad.sock.setblocking(True)
    bad.sock.sendall(junk)
    bad.sock.setblocking(False)
    good.send(request(b"fine"))
    assert bench.messages(1) == [request(b"fine")]
    bench.until(lambda: bad.is_left() or not junk.strip(b"\r\n"))


def test_half_open_connections_are_closed_and_then_others_get_in(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(max_connections=3, lifetime=0.1, connect_timeout=PATIENT))
    idle = [bench.connect(listener) for _ in range(3)]
    bench.until(lambda: len(bench.host.streams) == 3)
    late = bench.connect(listener)
    bench.until(late.is_left)
    bench.until(lambda: all(peer.is_left() for peer in idle))
    peer = bench.connect(listener)
    peer.send(request())
    assert bench.messages(1) == [request()]
