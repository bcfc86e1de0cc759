"""The sockets of parties on loopback: what arrives is kept in order, until its turn comes."""

from __future__ import annotations

import socket
from typing import Protocol

from relayscript.apps.testing.live.loop import StageLoop
from relayscript.sip.stream import PING, Framer
from relayscript.sip.transport import Address

LARGEST = 65535
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def family_of(host: str) -> socket.AddressFamily:
    """IPv6 if the text of the address says so."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


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

    def __init__(self, loop: StageLoop, family: socket.AddressFamily) -> None:
        self.arrived: list[bytes] = []
        self._loop = loop
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((LOOPBACK[family], 0))
        self.address: Address = self._socket.getsockname()[:2]
        loop.add_reader(self._socket, self._readable)

    def send(self, server: Address, data: bytes) -> None:
        self._socket.sendto(data, server)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        self.arrived.append(self._socket.recv(LARGEST))


class StreamParty:
    """A party over TCP: it listens, and connects from the same port, so that it has one address."""

    def __init__(self, loop: StageLoop, family: socket.AddressFamily) -> None:
        self.arrived: list[bytes] = []
        self._loop = loop
        self._family = family
        self._connections: dict[Address, socket.socket] = {}
        self._listening = self._bound(0)
        self._listening.listen()
        self._listening.setblocking(False)
        self.address: Address = self._listening.getsockname()[:2]
        loop.add_reader(self._listening, self._accept)

    def send(self, server: Address, data: bytes) -> None:
        """Over the newest connection from there, or a new one: the server's answers go back the same way."""
        connection = self._connections.get(server)
        if connection is None:
            connection = self._bound(self.address[1])
            connection.connect(server)
            self._keep(connection, server)
        connection.sendall(data)

    def close(self) -> None:
        for each in (self._listening, *self._connections.values()):
            self._loop.remove_reader(each)
            each.close()

    def _bound(self, port: int) -> socket.socket:
        sock = socket.socket(self._family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((LOOPBACK[self._family], port))
        return sock

    def _accept(self) -> None:
        made, peer = self._listening.accept()
        self._keep(made, peer[:2])

    def _keep(self, connection: socket.socket, peer: Address) -> None:
        framer = Framer()
        self._connections[peer] = connection

        def readable() -> None:
            data = connection.recv(LARGEST)
            if data:
                self.arrived.extend(each for each in framer.receive(data) if each != PING)
                return
            self._loop.remove_reader(connection)
            connection.close()
            del self._connections[peer]

        self._loop.add_reader(connection, readable)
