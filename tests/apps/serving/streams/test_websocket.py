"""SIP over WebSocket: shaken hands, framed, refused, secured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

from relayscript.apps.serving.streams.settings import StreamSettings

if TYPE_CHECKING:
    from tests.apps.serving.streams.conftest import Bench, Peer

ORIGIN = [(b"Origin", b"http://web.example")]
OPTIONS = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n\r\n"


class Browser:
    """The other end of a WebSocket: it writes events and reads events."""

    def __init__(self, bench: Bench, peer: Peer, side: ConnectionType = ConnectionType.CLIENT) -> None:
        self._bench = bench
        self._peer = peer
        self._side = WSConnection(side)
        self._read = 0

    def send(self, event: Event) -> None:
        self._peer.send(self._side.send(event))

    def gets(self) -> Event:
        """The next event."""
        found: list[Event] = []

        def came() -> bool:
            data = self._peer.read()[self._read :]
            self._read += len(data)
            if data:
                self._side.receive_data(data)
            found.extend(event for event in self._side.events() if not isinstance(event, RejectData))
            return bool(found)

        self._bench.until(came)
        assert len(found) == 1
        return found[0]


def browser(
    bench: Bench, target: str = "/", protocol: str = "sip", origin: bool = True, **options: object
) -> tuple[Browser, Peer]:  # fmt: skip
    """One that has asked to be let in."""
    peer = bench.connect(bench.listen("ws", StreamSettings(modules={"proto_ws": options})))
    made = Browser(bench, peer)
    made.send(Request("h", target, subprotocols=[protocol], extra_headers=ORIGIN if origin else []))
    return made, peer


def test_one_sip_message_in_each_websocket_message(bench: Bench) -> None:
    bench.answer = lambda data, *where: b"re: " + data[-3:]
    phone, peer = browser(bench)
    accepted = phone.gets()
    assert isinstance(accepted, AcceptConnection)
    assert accepted.subprotocol == "sip"
    phone.send(TextMessage(OPTIONS[:9], message_finished=False))
    phone.send(TextMessage(OPTIONS[9:] + "\u00e9"))
    assert phone.gets() == TextMessage("re: \n\u00e9")
    phone.send(BytesMessage(OPTIONS.encode() + b"\xff"))
    assert phone.gets() == BytesMessage(b"re: \r\n\xff")
    assert bench.messages(2) == [OPTIONS.encode() + "\u00e9".encode(), OPTIONS.encode() + b"\xff"]
    bench.host.send(bench.listener, peer.address, b"later")
    assert phone.gets() == TextMessage("later")


def test_pings_of_both_kinds_are_answered(bench: Bench) -> None:
    phone, _ = browser(bench)
    phone.gets()
    phone.send(Ping(b"abc"))
    assert phone.gets() == Pong(b"abc")
    phone.send(TextMessage("\r\n\r\n"))
    assert phone.gets() == TextMessage("\r\n")
    phone.send(CloseConnection(1000))
    assert isinstance(phone.gets(), CloseConnection)
    bench.until(lambda: not len(bench.host.streams))
    assert bench.log.getvalue() == b""


@pytest.mark.parametrize(
    ("target", "protocol", "origin", "options", "status"),
    [
        ("/", "chat", True, {}, 400),
        ("/other", "sip", True, {}, 404),
        ("/", "sip", True, {"ws_resource": "/sip"}, 404),
        ("/", "sip", False, {}, 403),
        ("/", "sip", False, {"require_origin": 0}, 0),
        ("/sip?x=1", "sip", True, {"ws_resource": "/sip"}, 0),
    ],
)
def test_who_is_let_in(
    bench: Bench, target: str, protocol: str, origin: bool, options: dict[str, object], status: int
) -> None:  # fmt: skip
    phone, peer = browser(bench, target, protocol, origin, **options)
    answer = phone.gets()
    if status:
        assert isinstance(answer, RejectConnection)
        assert answer.status_code == status
        bench.until(peer.is_left)
    else:
        assert isinstance(answer, AcceptConnection)


@pytest.mark.parametrize("junk", [b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\xff" * 99])
def test_what_is_no_websocket_is_closed(bench: Bench, junk: bytes) -> None:
    peer = bench.connect(bench.listen("ws"))
    peer.send(junk)
    bench.until(peer.is_left)
    assert bench.count("connection") == 1


@pytest.mark.parametrize("junk", [b"\xff\xff\xff\xff", b"\x81\x05hello"])
def test_a_broken_frame_ends_the_connection(bench: Bench, junk: bytes) -> None:
    phone, peer = browser(bench)
    phone.gets()
    peer.send(junk)
    bench.until(peer.is_left)
    assert bench.count("connection") == 1


def test_a_message_without_end_is_not_kept(bench: Bench) -> None:
    phone, peer = browser(bench)
    phone.gets()
    phone.send(TextMessage("x" * 100_000, message_finished=False))
    phone.send(TextMessage("x" * 100_000, message_finished=False))
    bench.until(peer.is_left)
    assert b"a message is too large" in bench.log.getvalue()


def test_a_websocket_is_made(bench: Bench) -> None:
    listener = bench.listen("ws")
    server, address = bench.other()
    bench.host.send(listener, address, b"first")
    there = Browser(bench, bench.accept(server), ConnectionType.SERVER)
    asked = there.gets()
    assert isinstance(asked, Request)
    assert (asked.host, asked.target, asked.subprotocols) == (f"127.0.0.1:{address[1]}", "/", ["sip"])
    there.send(AcceptConnection(subprotocol="sip"))
    assert there.gets() == TextMessage("first")
    there.send(TextMessage(OPTIONS))
    assert bench.messages(1) == [OPTIONS.encode()]


def test_a_websocket_that_is_refused_is_given_up(bench: Bench) -> None:
    listener = bench.listen("ws")
    server, address = bench.other()
    bench.host.send(listener, address, b"first")
    there = Browser(bench, bench.accept(server), ConnectionType.SERVER)
    there.gets()
    there.send(RejectConnection(status_code=403))
    bench.until(lambda: bench.count("connection") == 1)
    assert b"refused with 403" in bench.log.getvalue()
