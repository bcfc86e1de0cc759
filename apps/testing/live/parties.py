"""The sockets of parties on loopback: what arrives is kept in order, until its turn comes."""

from __future__ import annotations

import socket
from typing import Protocol

from relayscript.apps.serving.streams.websocket import WebSocketWire
from relayscript.apps.serving.streams.wire import SipWire, Wire
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.sip.transport import Address

LARGEST = 65535
LOOPBACK = "127.0.0.1"
"""Where all sockets are, also those that stand for IPv6 addresses: not every machine has IPv6."""


class PartySocket(Protocol):
    """Where a party is reached: a real address. `arrived` are all messages that were read."""

    address: Address
    arrived: list[bytes]

    def send(self, server: Address, data: bytes) -> None:
        """Send one message to a socket of the server."""

    def close(self) -> None:
        """Give the port back."""


class DatagramParty:
    """A party over UDP."""

    def __init__(self, loop: StageLoop) -> None:
        self.arrived: list[bytes] = []
        self._loop = loop
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((LOOPBACK, 0))
        self.address: Address = self._socket.getsockname()[:2]
        loop.add_reader(self._socket, self._readable)

    def send(self, server: Address, data: bytes) -> None:
        self._socket.sendto(data, server)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        self.arrived.append(self._socket.recv(LARGEST))


def wire(protocol: str, host: str) -> Wire:
    """What a party speaks on a connection over TCP or WebSocket: to that host, or as who was connected to if empty."""
    return WebSocketWire(host) if protocol == "ws" else SipWire(answers_pings=False)


class StreamParty:
    """A party over TCP or WebSocket: it listens, and connects from the same port, so that it has one address."""

    def __init__(self, loop: StageLoop, protocol: str) -> None:
        self.arrived: list[bytes] = []
        self._loop = loop
        self._protocol = protocol
        self._connections: dict[Address, tuple[socket.socket, Wire]] = {}
        self._listening = self._bound(0)
        self._listening.listen()
        self._listening.setblocking(False)
        self.address: Address = self._listening.getsockname()[:2]
        loop.add_reader(self._listening, self._accept)

    def send(self, server: Address, data: bytes) -> None:
        """Over the connection that there is, or a new one: the server's answers go back the same way."""
        if server not in self._connections:
            made = self._bound(self.address[1])
            made.connect(server)
            self._keep(made, server, wire(self._protocol, f"{server[0]}:{server[1]}"))
        connection, speech = self._connections[server]
        speech.send(data)
        flush(connection, speech)

    def close(self) -> None:
        for each in (self._listening, *(connection for connection, _ in self._connections.values())):
            self._loop.remove_reader(each)
            each.close()

    def _bound(self, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((LOOPBACK, port))
        return sock

    def _accept(self) -> None:
        made, peer = self._listening.accept()
        self._keep(made, peer[:2], wire(self._protocol, ""))

    def _keep(self, connection: socket.socket, peer: Address, speech: Wire) -> None:
        self._connections[peer] = connection, speech
        self._loop.add_reader(connection, self._readable, peer)
        speech.start()
        flush(connection, speech)

    def _readable(self, peer: Address) -> None:
        connection, speech = self._connections[peer]
        data = connection.recv(LARGEST)
        self.arrived += speech.receive(data) if data else ()
        flush(connection, speech)
        if data and not speech.is_over:
            return
        self._loop.remove_reader(connection)
        connection.close()
        del self._connections[peer]


def flush(connection: socket.socket, speech: Wire) -> None:
    """Write what is to be written."""
    connection.sendall(speech.outgoing)
    speech.outgoing.clear()
