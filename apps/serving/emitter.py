"""Datagrams to whoever wants to know of events: over UDP, and over sockets in the file system."""

from __future__ import annotations

import socket
from collections.abc import Callable

from relayscript.apps.serving.channels import host_and_port

Resolve = Callable[[str, Callable[[list[str]], None]], None]
Complain = Callable[[str, str], None]

UNIX, UDP = "unix", "udp"


class Emitter:
    """Sends without waiting for anything; `complain(kind, text)` gets what goes wrong."""

    def __init__(self, resolve: Resolve, complain: Complain) -> None:
        self._resolve = resolve
        self._complain = complain
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}

    def emit(self, url: str, data: bytes) -> None:
        """Send a datagram to `udp:host:port` or `unix:path`."""
        scheme, _, rest = url.partition(":")
        if scheme == UNIX:
            self._send(socket.AF_UNIX, rest, data)
            return
        try:
            host, port = host_and_port(rest)
        except ValueError as error:
            self._complain("emit", str(error))
            return
        self._resolve(host, lambda addresses: self._resolved(addresses, port, data))

    def close(self) -> None:
        """Give the sockets back."""
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()

    def _resolved(self, addresses: list[str], port: int, data: bytes) -> None:
        if addresses:
            family = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
            self._send(family, (addresses[0], port), data)

    def _send(self, family: socket.AddressFamily, address: tuple[str, int] | str, data: bytes) -> None:
        try:
            if family not in self._sockets:
                self._sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
                self._sockets[family].setblocking(False)
            self._sockets[family].sendto(data, address)
        except (OSError, OverflowError) as error:
            self._complain("emit", f"cannot send to {address}: {error}")
