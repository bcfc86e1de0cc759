"""Connections over TCP: served, made, found again, limited."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from relayscript.apps.serving.streams.settings import ALWAYS, IF_ASKED, NEVER, StreamSettings
from relayscript.sip.transport import Listener

if TYPE_CHECKING:
    from tests.apps.serving.streams.conftest import Bench

PATIENT = 3.0


def request(body: bytes = b"", via: str = "192.0.2.9:5060") -> bytes:
    return (
        f"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP {via};branch=z9hG4bK1\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def reply(port: int) -> bytes:
    via = f"Via: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bK1"
    return f"SIP/2.0 200 OK\r\n{via}\r\nContent-Length: 0\r\n\r\n".encode()


def in_pieces(most: int) -> StreamSettings:
    """A message may come in so many pieces; 0 for any number."""
    return StreamSettings(connect_timeout=PATIENT, modules={"proto_tcp": {"tcp_max_msg_chunks": most}})


def test_messages_come_in_whole_and_replies_go_back_on_the_connection(bench: Bench) -> None:
    listener = bench.listen(settings=in_pieces(0))
    bench.answer = lambda data, source, through: b"re: " + data[-1:]
    one, two = bench.connect(listener), bench.connect(listener)
    stream = request(b"1") + request(b"2")
    for byte in stream[:-1]:
        one.send(bytes([byte]))
    two.send(request(b"3"))
    two.gets(b"re: 3")
    one.send(stream[-1:])
    one.gets(b"re: 1re: 2")
    assert [(data[-1:], source, through) for data, source, through in bench.got] == [
        (b"1", one.address, listener),
        (b"3", two.address, listener),
        (b"2", one.address, listener),
    ]


def test_a_ping_is_answered_unless_the_script_does_not_want_it(bench: Bench) -> None:
    peer = bench.connect(bench.listen())
    peer.send(b"\r\n\r\n")
    peer.gets(b"\r\n")
    silent = StreamSettings(modules={"proto_tcp": {"tcp_crlf_pingpong": 0}})
    bench.answer = lambda *event: b"alone"
    peer = bench.connect(bench.listen(settings=silent))
    peer.send(b"\r\n\r\n" + request())
    peer.gets(b"alone")


def test_a_connection_is_made_once_and_used_again_in_both_directions(bench: Bench) -> None:
    listener = bench.listen()
    server, address = bench.other()
    for number in range(3):
        bench.host.send(listener, address, b"%d" % number)
    peer = bench.accept(server)
    peer.gets(b"012")
    peer.send(request(b"back"))
    assert bench.messages(1) == [request(b"back")]
    bench.host.send(listener, address, b"again")
    peer.gets(b"again")
    assert len(bench.host.streams) == 1


def test_connections_are_listed_and_closed_by_their_numbers(bench: Bench) -> None:
    listener = bench.listen()
    peer = bench.connect(listener)
    peer.send(request())
    bench.messages(1)
    (one,) = bench.host.connections()
    assert (one.protocol, one.is_connected, one.source) == ("tcp", True, peer.address)
    assert one.destination == bench.host.address_of(listener)
    assert one.aliases == ()
    assert 0 < one.idle_until - bench.host.wall() <= 120
    bench.host.alias(listener, peer.address, 9)
    assert [each.aliases for each in bench.host.connections()] == [(9,)]
    bench.host.close_connection(one.number + 1)
    assert len(bench.host.connections()) == 1
    bench.host.close_connection(one.number)
    assert bench.host.connections() == []


def test_a_connection_that_ended_is_made_again(bench: Bench) -> None:
    listener = bench.listen()
    server, address = bench.other()
    bench.host.send(listener, address, b"first")
    peer = bench.accept(server)
    peer.gets(b"first")
    peer.sock.close()
    bench.until(lambda: not len(bench.host.streams))
    bench.host.send(listener, address, b"second")
    bench.accept(server).gets(b"second")


def test_a_reply_whose_connection_is_gone_goes_to_the_port_in_its_via(bench: Bench) -> None:
    listener = bench.listen()
    server, (_, port) = bench.other()
    peer = bench.connect(listener)
    gone = peer.address
    peer.send(request())
    bench.messages(1)
    peer.sock.close()
    bench.until(lambda: not len(bench.host.streams))
    bench.host.send(listener, gone, reply(port))
    bench.accept(server).gets(reply(port))


@pytest.mark.parametrize(
    ("aliases", "params", "found"),
    [(NEVER, ";alias", False), (IF_ASKED, "", False), (IF_ASKED, ";alias", True), (ALWAYS, "", True)],
)
def test_an_alias_leads_to_the_connection(bench: Bench, aliases: int, params: str, found: bool) -> None:
    listener = bench.listen(settings=StreamSettings(connect_timeout=PATIENT, aliases=aliases))
    server, address = bench.other()
    peer = bench.connect(listener)
    peer.send(request(via=f"127.0.0.1:{address[1]}{params}"))
    bench.messages(1)
    bench.host.send(listener, address, b"hello")
    (peer if found else bench.accept(server)).gets(b"hello")


def test_an_alias_does_not_take_over_another_connection(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(connect_timeout=PATIENT, aliases=ALWAYS))
    victim, thief = bench.connect(listener), bench.connect(listener)
    bench.until(lambda: len(bench.host.streams) == 2)
    thief.send(request(via=f"127.0.0.1:{victim.address[1]};alias"))
    bench.messages(1)
    bench.host.send(listener, victim.address, b"secret")
    victim.gets(b"secret")


def test_a_script_may_make_an_alias(bench: Bench) -> None:
    listener = bench.listen()
    peer = bench.connect(listener)
    bench.until(lambda: len(bench.host.streams))
    assert bench.host.alias(listener, peer.address, 9)
    assert not bench.host.alias(listener, ("127.0.0.1", 9999), 9)
    bench.host.send(listener, ("127.0.0.1", 9), b"hello")
    peer.gets(b"hello")
    assert len(bench.host.streams) == 1


def test_nothing_waits_for_a_name_or_without_limit(bench: Bench) -> None:
    listener = bench.listen()
    bench.host.send(listener, ("localhost", 5060), b"x")
    assert bench.count("send") == 1
    _, address = bench.other()
    for _ in range(12):
        bench.host.send(listener, address, b"x" * 100_000)
    assert b"too much to send before it is connected" in bench.log.getvalue()


def test_more_connections_than_allowed_are_refused(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(max_connections=2))
    first, second, third = (bench.connect(listener) for _ in range(3))
    bench.until(third.is_left)
    assert not first.is_left()
    assert not second.is_left()
    bench.host.send(listener, ("127.0.0.1", 9), b"x")
    assert bench.count("connections") == 2
    second.sock.close()
    bench.until(lambda: len(bench.host.streams) == 1)
    bench.answer = lambda *event: b"taken"
    fourth = bench.connect(listener)
    fourth.send(request())
    fourth.gets(b"taken")


HUGE = request().replace(b"Content-Length: 0", b"Content-Length: 9999999")


@pytest.mark.parametrize("junk", [b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", b"x" * 70000, HUGE])
def test_a_broken_peer_is_closed_and_harms_nobody(bench: Bench, junk: bytes) -> None:
    listener = bench.listen()
    good, bad = bench.connect(listener), bench.connect(listener)
    good.send(request(b"half")[:-1])
    bad.send(junk)
    bench.until(bad.is_left)
    good.send(b"f")
    assert bench.messages(1) == [request(b"half")]
    assert bench.count("connection") == 1


def test_half_a_message_is_not_waited_for_for_ever(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(message_time=0.05))
    slow, idle = bench.connect(listener), bench.connect(listener)
    idle.send(b"\r\n")
    slow.send(request()[:20])
    bench.until(slow.is_left)
    assert not idle.is_left()
    assert b"a message took too long" in bench.log.getvalue()


def test_an_idle_connection_is_closed(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(lifetime=0.05))
    peer = bench.connect(listener)
    bench.until(peer.is_left)
    assert bench.log.getvalue() == b""


def test_a_connection_is_kept_as_long_as_somebody_wants_it(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(lifetime=0.05))
    kept, idle = bench.connect(listener), bench.connect(listener)
    bench.until(lambda: len(bench.host.connections()) == 2)
    bench.host.keep(listener, kept.address, 500)
    bench.host.keep(listener, ("127.0.0.1", 1), 500)
    bench.until(idle.is_left)
    (left,) = bench.host.connections()
    assert left.source == kept.address
    assert 400 < left.idle_until - bench.host.wall() <= 500
    bench.host.keep(listener, kept.address, 0)
    assert bench.host.connections()[0].idle_until <= bench.host.wall() + 0.1


def test_a_peer_that_does_not_read_is_given_up(bench: Bench) -> None:
    listener = bench.listen()
    peer = bench.connect(listener)
    peer.send(request())
    bench.messages(1)

    def flooded() -> bool:
        bench.host.send(listener, peer.address, b"x" * 200_000)
        return bench.count("connection") > 0

    bench.until(flooded)
    assert b"does not read" in bench.log.getvalue()
    assert len(bench.host.streams) <= 1


def test_nobody_there_is_counted(bench: Bench) -> None:
    listener = bench.listen()
    server, address = bench.other()
    server.close()
    bench.host.send(listener, address, b"x")
    bench.until(lambda: bench.count("connection") == 1)
    assert b"connection refused" in bench.log.getvalue()
    bench.host.send(listener, ("127.0.0.1", 70000), b"x")
    bench.host.send(listener, ("::1", 5060), b"x")
    bench.host.send(Listener("tcp", "127.0.0.1", 1), address, b"x")
    assert len(bench.host.streams) == 0
    assert bench.count("connection") + bench.count("send") == 4


def test_an_event_that_fails_does_not_end_the_connection(bench: Bench) -> None:
    listener = bench.listen()

    def answer(data: bytes, *where: object) -> bytes:
        if data.endswith(b"bad"):
            raise ZeroDivisionError("on purpose")
        return b"ok"

    bench.answer = answer
    peer = bench.connect(listener)
    peer.send(request(b"bad") + request(b"good"))
    peer.gets(b"ok")
    assert bench.count("receive") == 1


def test_it_is_told_whether_a_connection_comes_about(bench: Bench) -> None:
    listener, (server, there) = bench.listen(settings=StreamSettings(connect_timeout=PATIENT)), bench.other()
    reached: list[bool] = []
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for address in (there, there, nobody.getsockname()):
            bench.host.reach(listener, address, reached.append, connect=True)
        bench.until(lambda: len(reached) == 3)
    assert sorted(reached) == [False, True, True]
    assert len(bench.host.streams) == 1
    bench.accept(server)


def test_without_leave_no_connection_is_made(bench: Bench) -> None:
    listener, (server, there) = bench.listen(settings=StreamSettings(connect_timeout=PATIENT)), bench.other()
    reached: list[bool] = []
    bench.host.reach(listener, there, reached.append, connect=False)
    assert (reached, len(bench.host.streams)) == ([False], 0)
    bench.host.reach(listener, there, reached.append, connect=True)
    bench.host.reach(listener, there, reached.append, connect=False)
    bench.until(lambda: len(reached) == 3)
    assert reached == [False, True, True]
    bench.accept(server)


def test_what_was_sent_to_nobody_is_undeliverable(bench: Bench) -> None:
    listener = bench.listen(settings=StreamSettings(connect_timeout=PATIENT))
    lost: list[tuple[Listener, tuple[str, int], bool]] = []
    bench.host.undeliverable = lambda *event: lost.append(event)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for _ in range(2):
            bench.host.send(listener, nobody.getsockname(), request())
        bench.until(lambda: lost)
        assert lost[0] == (listener, nobody.getsockname(), False)


def test_the_end_of_a_connection_is_told(bench: Bench) -> None:
    listener = bench.listen()
    left: list[tuple[Listener, tuple[str, int]]] = []
    bench.host.disconnected = lambda *event: left.append(event)
    peer = bench.connect(listener)
    address = peer.sock.getsockname()
    bench.until(lambda: len(bench.host.streams) == 1)
    peer.sock.close()
    bench.until(lambda: left)
    assert left == [(listener, address)]
