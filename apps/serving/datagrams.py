"""UDP sockets that never block."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

BUFFER = 4 * 1024 * 1024
"""Bytes asked of the kernel for each direction of a socket."""

SO_TIMESTAMPNS = 35
"""The option and the note of that name (socket(7)), which Python's `socket` does not name."""

TIMESPEC = struct.Struct("@ll")
NOTES = socket.CMSG_SPACE(TIMESPEC.size)


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


def stamp_arrivals(sock: socket.socket) -> None:
    """Have the kernel note when each datagram comes, for `delay`; where it cannot, `delay` is 0."""
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def delay(sock: socket.socket, now: float) -> float:
    """Seconds that the datagram which is read next has waited; `now` are seconds since the epoch."""
    try:
        _, notes, _, _ = sock.recvmsg(1, NOTES, socket.MSG_PEEK)
    except OSError:
        return 0.0
    for level, kind, data in notes:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(data) == TIMESPEC.size:
            seconds, nanoseconds = TIMESPEC.unpack(data)
            return max(0.0, now - float(seconds + nanoseconds / 1e9))
    return 0.0
