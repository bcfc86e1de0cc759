"""UDP sockets that never block."""

from __future__ import annotations

import socket

BUFFER = 4 * 1024 * 1024
"""Bytes asked of the kernel for each direction of a socket."""


def bound(host: str, port: int, url: str) -> socket.socket:
    """A non-blocking UDP socket on that address. Raises OSError with the URL as its file name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        error.filename = url
        raise
    return sock
