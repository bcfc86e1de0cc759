"""Channels to relay nodes over real sockets: datagrams, and streams that connect without blocking."""

from __future__ import annotations

import socket
from collections.abc import Callable

from relayscript.apps.serving.eventloop import EventLoop
from relayscript.engines.contract import Channel
from relayscript.sip.transport import Address

LARGEST = 65535
BACKLOG = 64
"""How many commands a datagram channel keeps while the name of its node is being resolved."""

Receive = Callable[[bytes], None]
Resolve = Callable[[str, Callable[[list[str]], None]], None]


class DatagramChannel:
    """Datagrams to and from one node; what others send is refused by the kernel (a connected socket)."""

    def __init__(self, events: EventLoop, receive: Receive) -> None:
        self._events = events
        self._receive = receive
        self._socket: socket.socket | None = None
        self._waiting: list[bytes] = []
        self._closed = False

    def open(self, family: socket.AddressFamily, address: Address | str) -> None:
        """Connect; what was sent before goes out now."""
        if self._closed:
            return
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.connect(address)
        except OSError:
            sock.close()
            return
        self._socket = sock
        self._events.watch(sock, self._readable)
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self.send(data)

    def send(self, data: bytes) -> None:
        if self._socket is None:
            if not self._closed and len(self._waiting) < BACKLOG:
                self._waiting.append(data)
            return
        try:
            self._socket.send(data)
        except OSError:
            return  # a port nobody listens on, a full buffer: the sender's timer notices

    def close(self) -> None:
        self._closed = True
        if self._socket is not None:
            self._events.unwatch(self._socket)
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error of something sent before; reading takes it away
            self._receive(data)


class StreamChannel:
    """A connection to one node, tcp or unix. `b""` is received once when it is refused or ends."""

    def __init__(self, events: EventLoop, receive: Receive) -> None:
        self._events = events
        self._receive = receive
        self._socket: socket.socket | None = None
        self._outgoing = bytearray()
        self._connected = False
        self._closed = False

    def open(self, family: socket.AddressFamily, address: Address | str) -> None:
        """Begin to connect; what is sent meanwhile waits."""
        if self._closed:
            return
        sock = self._socket = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.connect(address)
        except BlockingIOError:
            pass
        except OSError:
            self._events.soon(self._end)
            return
        self._events.watch_writable(sock, self._writable)

    def send(self, data: bytes) -> None:
        if self._closed:
            return
        self._outgoing += data
        if self._connected:
            self._flush()

    def close(self) -> None:
        self._closed = True
        if self._socket is not None:
            self._events.unwatch(self._socket)
            self._socket.close()
            self._socket = None

    def _writable(self) -> None:
        sock = self._socket
        if sock is None:
            return
        if not self._connected:
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._end()
                return
            self._connected = True
            self._events.watch(sock, self._readable)
        self._flush()

    def _flush(self) -> None:
        sock = self._socket
        if sock is None:
            return
        try:
            while self._outgoing:
                del self._outgoing[: sock.send(self._outgoing)]
        except BlockingIOError:
            self._events.watch_writable(sock, self._writable)
        except OSError:
            self._events.soon(self._end)
        else:
            self._events.unwatch_writable(sock)

    def _readable(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(LARGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._receive(data)
        else:
            self._end()

    def _end(self) -> None:
        if not self._closed:
            self.close()
            self._receive(b"")


class SocketNetwork:
    """Opens channels by URL (rtp-relay.md 5.1). A host name is resolved without blocking.

    `media_host` is the address whose ports an embedded relay gives out, that of loopback if empty.
    """

    def __init__(self, events: EventLoop, resolve: Resolve) -> None:
        self._events = events
        self._resolve = resolve
        self.media_host = ""

    def connect(self, url: str, receive: Receive) -> Channel:
        """A channel to `udp:`, `udp6:`, `tcp:`, `tcp6:` host:port, `unix:`, `cunix:` path or `rtp.io:auto`.

        Raises ValueError if the URL is none of these.
        """
        scheme, mark, rest = url.partition(":")
        if not mark or "/" in scheme:
            scheme, rest = "unix", url
        if scheme in ("unix", "cunix"):
            stream = StreamChannel(self._events, receive)
            stream.open(socket.AF_UNIX, rest)
            return stream
        if scheme == "rtp.io":
            return self._embedded(receive)
        if scheme not in ("udp", "udp6", "tcp", "tcp6"):
            raise ValueError(f"{url}: not a way to a relay node")
        channel = (DatagramChannel if scheme.startswith("udp") else StreamChannel)(self._events, receive)
        self._open(channel, *host_and_port(rest))
        return channel

    def _embedded(self, receive: Receive) -> Channel:
        from relayscript.engines.embedded import EmbeddedChannel, EmbeddedSettings

        return EmbeddedChannel(receive, self._events.soon, EmbeddedSettings(host=self.media_host or "127.0.0.1"))

    def _open(self, channel: DatagramChannel | StreamChannel, host: str, port: int) -> None:
        def resolved(addresses: list[str]) -> None:
            if addresses:
                family = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
                channel.open(family, (addresses[0], port))

        self._resolve(host, resolved)


def host_and_port(text: str, default: int = 22222) -> Address:
    """Split `host:port` at the last colon; brackets of an IPv6 address are taken off."""
    host, mark, port = text.rpartition(":")
    if not mark or (text.startswith("[") and text.endswith("]")):
        host, port = text, ""
    if port and not port.isdecimal():
        raise ValueError(f"{text}: not a port")
    return host.strip("[]"), int(port) if port else default
