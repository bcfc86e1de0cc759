"""Relay nodes behind real sockets: the doubles of the simulator, reached as the real daemons are."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from relayscript.apps.serving.channels import SocketNetwork
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.simulator.host import node_at
from relayscript.apps.simulator.relays import Node
from relayscript.apps.testing.live.loop import StageLoop
from relayscript.apps.testing.live.parties import LOOPBACK
from relayscript.sip.transport import Address

LARGEST = 65535
Receive = Callable[[bytes], None]


class DatagramSide:
    """The node's end of a channel of datagrams; `url` leads to it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((LOOPBACK, 0))
        self._peer: Address = ("", 0)
        self.url = f"udp:{LOOPBACK}:{self._socket.getsockname()[1]}"

    def read(self) -> bytes:
        """The datagram that was sent last: on loopback it is there as soon as it is sent."""
        data, self._peer = self._socket.recvfrom(LARGEST)
        return data

    def write(self, data: bytes) -> None:
        self._socket.sendto(data, self._peer)

    def close(self) -> None:
        self._socket.close()


class StreamSide:
    """The node's end of a connection to a unix socket, for all that are streams; `url` leads to it."""

    def __init__(self, loop: StageLoop, path: Path) -> None:
        self._loop = loop
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(path))
        self._listening.listen()
        self._connection: socket.socket | None = None
        self._buffer = bytearray()
        self._loop.add_reader(self._listening, self._accept)
        self.url = f"unix:{path}"

    def read(self, count: int) -> bytes:
        """The next bytes, so many. Raises LostOnTheWay."""
        self._loop.pump(lambda: len(self._buffer) >= count, "a command to a relay node")
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def write(self, data: bytes) -> None:
        if self._connection is not None:
            self._connection.sendall(data)

    def close(self) -> None:
        for each in (self._listening, self._connection):
            if each is not None:
                self._loop.remove_reader(each)
                each.close()

    def _accept(self) -> None:
        self._connection, _ = self._listening.accept()
        self._loop.add_reader(self._connection, self._readable)

    def _readable(self) -> None:
        assert self._connection is not None
        data = self._connection.recv(LARGEST)
        self._buffer += data
        if not data:
            self._loop.remove_reader(self._connection)


class NodeChannel:
    """A channel of the live host to a node. What the node answers comes back when a timer of the stage says so."""

    def __init__(self, network: NodeNetwork, node: Node, side: DatagramSide | StreamSide, receive: Receive) -> None:
        self._network, self._node, self._side, self._receive = network, node, side, receive
        self._channel = network.sockets.connect(side.url, self._received)
        self._received_so_far = 0
        self._closed = False

    def send(self, data: bytes) -> None:
        if self._closed:
            return
        self._channel.send(data)
        if isinstance(self._side, DatagramSide):
            self._serve(self._side.read())
        else:
            self._network.timers.start(0.0, partial(self._read, self._side, len(data)))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._channel.close()
            self._side.close()

    def _read(self, side: StreamSide, count: int) -> None:
        if not self._closed:
            self._serve(side.read(count))

    def _serve(self, data: bytes) -> None:
        for reply in self._node.receive(data):
            self._network.timers.start(self._node.delay, partial(self._reply, reply))

    def _reply(self, data: bytes) -> None:
        if self._closed:
            return
        before = self._received_so_far
        self._side.write(data)
        self._network.loop.pump(lambda: self._received_so_far > before, f"a reply of {self._node.url}")

    def _received(self, data: bytes) -> None:
        self._received_so_far += 1
        self._receive(data)


class NodeNetwork:
    """`engines.contract.Network` whose nodes are doubles, each channel over a socket of its own."""

    def __init__(self, loop: StageLoop, events: EventLoop) -> None:
        self.loop = loop
        self.timers = events.timers
        self.sockets = SocketNetwork(events, lambda name, done: done([name]))
        self._nodes: dict[str, Node] = {}
        self._folder = tempfile.TemporaryDirectory()
        self._channels: list[NodeChannel] = []

    def node(self, url: str) -> Node:
        """The node at a URL; one that is not known yet is a healthy one."""
        found = self._nodes.get(url)
        if found is None:
            found = self._nodes[url] = node_at(url)
        return found

    def connect(self, url: str, receive: Receive) -> NodeChannel:
        """A channel to the node at a URL, over UDP or a unix socket."""
        if url.startswith("udp"):
            side: DatagramSide | StreamSide = DatagramSide()
        else:
            side = StreamSide(self.loop, Path(self._folder.name) / str(len(self._channels)))
        channel = NodeChannel(self, self.node(url), side, receive)
        self._channels.append(channel)
        return channel

    def close(self) -> None:
        """Give all sockets back."""
        for channel in self._channels:
            channel.close()
        self._folder.cleanup()
