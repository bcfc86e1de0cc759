"""Lines that come in over stream connections (the notifications of relay nodes), over TCP or a Unix socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from relayscript.apps.serving.eventloop import EventLoop

LONGEST = 255
"""Bytes of a line; who sends a longer one is cut off."""

MOST = 256
"""How many connections there may be at a time."""

Receive = Callable[[bytes, Callable[[bytes], None]], None]
Complain = Callable[[str, str], None]


class LineServer:
    """Accepts connections, only from these addresses unless there are none, and hands over each line."""

    def __init__(
        self, events: EventLoop, complain: Complain, receive: Receive, allowed: frozenset[str] = frozenset()
    ) -> None:
        self._events = events
        self._complain = complain
        self._receive = receive
        self._allowed = allowed
        self._listener: socket.socket | None = None
        self._path = ""
        self._open: dict[socket.socket, bytes] = {}

    def listen(self, family: socket.AddressFamily, address: tuple[str, int] | str, url: str) -> None:
        """Take the address. Raises OSError with the URL as its file name."""
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setblocking(False)
            if isinstance(address, str):
                self._path = address
                _remove_stale(address)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
        except OSError as error:
            listener.close()
            error.filename = url
            raise
        self._listener = listener
        self._events.watch(listener, self._accept)

    def close(self) -> None:
        """End all connections and give the address back."""
        for connection in tuple(self._open):
            self._drop(connection)
        if self._listener is not None:
            self._events.unwatch(self._listener)
            self._listener.close()
            self._listener = None
            if self._path and os.path.exists(self._path):
                os.unlink(self._path)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, source = self._listener.accept()
        except OSError:
            return
        host = source[0] if isinstance(source, tuple) else ""
        if len(self._open) >= MOST or (host and self._allowed and host not in self._allowed):
            self._complain("notification", f"a connection from {host} is refused: it is no known relay")
            connection.close()
            return
        connection.setblocking(False)
        self._open[connection] = b""
        self._events.watch(connection, lambda: self._read(connection))

    def _read(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        *lines, rest = (self._open[connection] + data).split(b"\n")
        self._open[connection] = rest
        if not data or len(rest) > LONGEST:
            lines += [rest] if rest and not data else []
            self._drop(connection)
        for line in lines:
            self._receive(line, _unheard)

    def _drop(self, connection: socket.socket) -> None:
        self._open.pop(connection, None)
        self._events.unwatch(connection)
        connection.close()


def _remove_stale(path: str) -> None:
    """Remove what an earlier run left behind, if nobody listens there."""
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(path)
    except ConnectionRefusedError:
        os.unlink(path)
    except OSError:
        return
    finally:
        probe.close()


def _unheard(data: bytes) -> None:
    """Who sends a line expects no answer."""
