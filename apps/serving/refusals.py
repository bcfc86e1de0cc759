"""What the system tells of datagrams on their way: which ones came back, and which address they leave from."""

from __future__ import annotations

import socket
from contextlib import suppress

from relayscript.sip.transport import Address

IP_RECVERR, IPV6_RECVERR, MSG_ERRQUEUE = 11, 25, 0x2000
"""The options and the flag of those names (ip(7), ipv6(7), recv(2)), which Python's `socket` does not name."""


def hear_of_refusals(sock: socket.socket) -> None:
    """Have the kernel keep what ICMP says of datagrams that were sent; it must be taken away with `refusals`."""
    narrow = sock.family == socket.AF_INET
    level, option = (socket.IPPROTO_IP, IP_RECVERR) if narrow else (socket.IPPROTO_IPV6, IPV6_RECVERR)
    with suppress(OSError):
        sock.setsockopt(level, option, 1)


def refusals(sock: socket.socket) -> list[Address]:
    """The destinations of datagrams that came back since this was last asked, as ICMP told (ip(7), IP_RECVERR)."""
    found: list[Address] = []
    with suppress(OSError):
        while True:
            _, _, _, destination = sock.recvmsg(1, 0, MSG_ERRQUEUE)
            found.append((destination[0], destination[1]))
    return found


def outbound(destination: Address) -> str:
    """The address that the system would send from; empty if there is no way to the destination."""
    family = socket.AF_INET6 if ":" in destination[0] else socket.AF_INET
    with suppress(OSError, OverflowError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(destination)
        return str(probe.getsockname()[0])
    return ""
