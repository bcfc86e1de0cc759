"""Writes what a scenario did as a capture (pcap): SIP messages, and the commands to relay nodes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import dpkt

from relayscript.apps.simulator import EPOCH
from relayscript.apps.testing.capture.packets import Piece, frame_of
from relayscript.apps.testing.recorder import Event, Fired, RelaySeen, SipSeen
from relayscript.sip.transport import Address, Listener

LONGEST = 262144
"""Bytes of a packet that are kept (tcpdump's own limit)."""

CONTROL_PORT = 22221
"""Where commands to relay nodes come from; the capture has to say something."""

LOCAL_NODE = ("127.0.0.1", 22222)
"""Where a node without an IP address of its own is shown (in the process, or behind a unix socket)."""


def write(path: Path, events: Iterable[Event], listener: Listener) -> int:
    """Write all that crossed the network; returns how many packets. Raises OSError.

    `listener` is the first socket of the script: relay nodes get their commands from its host. Left out is what
    went between hosts that are no IP addresses of one version.
    """
    written = 0
    with path.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream, snaplen=LONGEST)
        for piece in pieces_of(events, listener):
            with suppress(ValueError):
                writer.writepkt(frame_of(piece), ts=piece.time)
                written += 1
    return written


def pieces_of(events: Iterable[Event], listener: Listener) -> Iterator[Piece]:
    """What crossed the network, at the virtual host's wall-clock times. Streams have no beginning and no end."""
    numbers: dict[tuple[Address, Address], int] = {}
    control = _Control(listener)
    for event in events:
        if isinstance(event, SipSeen):
            protocol = "udp" if event.listener.protocol == "udp" else "tcp"
            ends = (event.listener.address, event.address)
            data = event.data
        elif isinstance(event, RelaySeen):
            protocol, ends, data = control.shown(event)
        else:
            if isinstance(event, Fired):
                control.not_answered(event.name.rpartition(" of ")[2])
            continue
        source, destination = ends if event.sent else ends[::-1]
        number = numbers.get((source, destination), 1)
        numbers[source, destination] = number + len(data)
        other = numbers.get((destination, source), 1)
        yield Piece(EPOCH + event.time, protocol, source, destination, data, number, other)


class _Control:
    """Relay commands as they are on the wire. Datagrams get cookies; a reply has that of the oldest open command."""

    def __init__(self, listener: Listener) -> None:
        self._host = listener.host
        self._count = 0
        self._open: dict[str, deque[str]] = {}

    def shown(self, event: RelaySeen) -> tuple[str, tuple[Address, Address], bytes]:
        """Protocol, the ends (ours first), and the bytes."""
        data = event.text.encode("latin-1", "replace")
        found = re.fullmatch(r"(udp|tcp)6?:(.+):(\d+)", event.node)
        with suppress(ValueError):
            if found is not None:
                node = (str(ip_address(found[2].strip("[]"))), int(found[3]))
                data = data + b"\n" if found[1] == "tcp" else self._cookie(event).encode() + b" " + data
                return found[1], ((self._host, CONTROL_PORT), node), data
        return "udp", ((LOCAL_NODE[0], CONTROL_PORT), LOCAL_NODE), self._cookie(event).encode() + b" " + data

    def not_answered(self, node: str) -> None:
        """A node has not answered in time: what it says from now on is for later commands."""
        self._open.pop(node, None)

    def _cookie(self, event: RelaySeen) -> str:
        waiting = self._open.setdefault(event.node, deque())
        if not event.sent and waiting:
            return waiting.popleft()
        self._count += 1
        if event.sent:
            waiting.append(str(self._count))
        return str(self._count)
