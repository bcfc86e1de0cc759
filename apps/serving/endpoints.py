"""Where management requests and notifications come in, by URL: datagrams, a named pipe, HTTP, lines."""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

from relayscript.apps.serving.channels import LARGEST, host_and_port
from relayscript.apps.serving.datagrams import bound
from relayscript.apps.serving.eventloop import EventLoop
from relayscript.apps.serving.fifo import Fifo, Pipe
from relayscript.apps.serving.httpserver import HttpWires, Site
from relayscript.apps.serving.lineserver import LineServer
from relayscript.apps.serving.streams.table import Streams
from relayscript.sip.transport import Address, Listener

AT_ONCE = 64
"""How many datagrams one wake-up takes before others get their turn."""

Answer = Callable[[bytes], None]
Receive = Callable[[bytes, Answer], None]
Complain = Callable[[str, str], None]


class Endpoints:
    """Serves URLs (`interpreter.host.Host.serve`) until it is closed."""

    def __init__(self, events: EventLoop, complain: Complain) -> None:
        self._events = events
        self._complain = complain
        self._closers: list[Callable[[], None]] = []

    def serve(self, url: str, receive: Receive) -> None:
        """Give each request that comes to `receive`, with a way to answer it. Raises OSError."""
        scheme = url.partition(":")[0]
        if scheme in ("udp", "udp6"):
            self._serve_datagrams(url, receive)
        elif scheme == "fifo":
            self._serve_fifo(url, receive)
        elif scheme in ("http", "https"):
            self._serve_http(url, receive)
        elif scheme in ("tcp", "tcp6", "unix"):
            self._serve_lines(url, receive)
        else:
            raise OSError(f"{url}: only udp, fifo, http, tcp and unix are served")

    def close(self) -> None:
        """Serve nothing any more."""
        for closer in self._closers:
            closer()
        self._closers.clear()

    # ---- datagrams

    def _serve_datagrams(self, url: str, receive: Receive) -> None:
        sock = bound(*host_and_port(url.partition(":")[2], 8080), url)
        self._events.watch(sock, lambda: self._read(sock, receive))

        def close() -> None:
            self._events.unwatch(sock)
            sock.close()

        self._closers.append(close)

    def _read(self, sock: socket.socket, receive: Receive) -> None:
        for _ in range(AT_ONCE):
            try:
                data, source = sock.recvfrom(LARGEST)
            except OSError:
                return
            receive(data, self._answer(sock, source))

    def _answer(self, sock: socket.socket, source: Address) -> Answer:
        def answer(data: bytes) -> None:
            try:
                sock.sendto(data, source)
            except OSError as error:
                self._complain("answer", f"cannot answer {source[0]}:{source[1]}: {error}")

        return answer

    # ---- lines

    def _serve_lines(self, url: str, receive: Receive) -> None:
        scheme, _, rest = url.partition(":")
        place, _, query = rest.partition("?")
        allowed = frozenset(filter(None, dict(parse_qsl(query)).get("from", "").split(",")))
        server = LineServer(self._events, self._complain, receive, allowed)
        if scheme == "unix":
            server.listen(socket.AF_UNIX, place, url)
        else:
            host, port = host_and_port(place, 9999)
            server.listen(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port), url)
        self._closers.append(server.close)

    # ---- named pipes

    def _serve_fifo(self, url: str, receive: Receive) -> None:
        path, _, query = url.partition(":")[2].partition("?")
        given = dict(parse_qsl(query))
        pipe = Pipe(
            unquote(path), given.get("reply_dir", "/tmp/"), int(given.get("mode", "432")), given.get("user", ""),
            given.get("group", ""),
        )  # fmt: skip
        fifo = Fifo(self._events, self._complain, pipe, receive)
        fifo.open()
        self._closers.append(fifo.close)

    # ---- HTTP

    def _serve_http(self, url: str, receive: Receive) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
        site = Site(
            unquote(parts.path), login, given.get("realm", ""), given.get("certificate", ""),
            given.get("private_key", ""), float(given.get("timeout", "30")),
        )  # fmt: skip
        streams = Streams(self._events, self._complain, HttpWires(site))
        streams.bind(Listener(parts.scheme, parts.hostname or "127.0.0.1", parts.port or 8888))

        def received(data: bytes, source: Address, listener: Listener) -> None:
            receive(data, lambda reply: streams.send(listener, source, reply))

        streams.open(received)
        self._closers.append(streams.close)
