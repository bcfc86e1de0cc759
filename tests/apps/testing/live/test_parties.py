"""The sockets of parties: what they send and read, over UDP, TCP and WebSocket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from relayscript.apps.serving.streams.wire import Wire
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.apps.testing.live.parties import DatagramParty, StreamParty, flush, wire

HELLO = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def loop() -> Iterator[StageLoop]:
    made = StageLoop()
    yield made
    made.close()


def test_datagrams_are_kept_in_order(loop: StageLoop) -> None:
    one, two = DatagramParty(loop), DatagramParty(loop)
    for data in (b"1", b"", b"2"):
        one.send(two.address, data)
    loop.pump(lambda: len(two.arrived) == 3, "three datagrams")
    assert two.arrived == [b"1", b"", b"2"]
    one.close()
    two.close()


@pytest.mark.parametrize("protocol", ["tcp", "ws"])
def test_both_sides_of_a_connection_speak(loop: StageLoop, protocol: str) -> None:
    one, two = StreamParty(loop, protocol), StreamParty(loop, protocol)
    one.send(two.address, HELLO)
    one.send(two.address, HELLO)
    loop.pump(lambda: len(two.arrived) == 2, "two messages")
    two.send(one.address, HELLO)  # one's connection comes from the port that it listens on
    loop.pump(lambda: one.arrived, "the answer")
    assert (one.arrived, two.arrived) == ([HELLO], [HELLO, HELLO])
    one.close()
    two.close()


@pytest.mark.parametrize("protocol", ["tcp", "ws"])
def test_a_connection_that_was_closed_is_made_anew(loop: StageLoop, protocol: str) -> None:
    party = StreamParty(loop, protocol)
    with socket.create_server(("127.0.0.1", 0)) as server:
        for _ in range(2):
            party.send(server.getsockname(), HELLO)
            connection, _ = server.accept()
            with connection:
                assert received(connection, wire(protocol, ""), loop) == HELLO
            loop.turn()
    party.close()


def received(connection: socket.socket, speech: Wire, loop: StageLoop) -> bytes:
    """The message that comes over a connection that was accepted."""
    while True:
        found = speech.receive(connection.recv(65535))
        flush(connection, speech)
        if found:
            return found[0]
        loop.turn()
