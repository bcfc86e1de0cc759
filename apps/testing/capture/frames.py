"""Takes frames apart: link layers, IP of both versions with its fragments, UDP and TCP."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

import dpkt

from relayscript.apps.testing.capture.packets import Piece

BROKEN = (dpkt.Error, struct.error, ValueError, IndexError, AttributeError)
"""What dpkt raises for packets that are none."""

FRAGMENT = 44
"""The extension header of IPv6 for fragments (RFC 8200 4.5)."""


def _raw(data: bytes) -> dpkt.Packet:
    """IP without a link layer: the first half byte says which version."""
    return dpkt.ip6.IP6(data) if data[0] >> 4 == 6 else dpkt.ip.IP(data)


def _after_family(data: bytes) -> dpkt.Packet:
    """The loopback of BSD: four bytes of an address family, in the order of whoever captured."""
    return _raw(data[4:])


def _carried(kind: type[dpkt.Packet]) -> Callable[[bytes], dpkt.Packet]:
    return lambda data: kind(data).data


LINKS: dict[int, Callable[[bytes], dpkt.Packet]] = {
    dpkt.pcap.DLT_NULL: _after_family,
    dpkt.pcap.DLT_LOOP: _after_family,
    dpkt.pcap.DLT_EN10MB: _carried(dpkt.ethernet.Ethernet),
    dpkt.pcap.DLT_LINUX_SLL: _carried(dpkt.sll.SLL),
    dpkt.pcap.DLT_LINUX_SLL2: _carried(dpkt.sll2.SLL2),
    dpkt.pcap.DLT_RAW: _raw,
    12: _raw,
    14: _raw,
    dpkt.pcap.DLT_IPV4: _raw,
    dpkt.pcap.DLT_IPV6: _raw,
}
"""How IP is found in a frame, by the link type of the capture (12 and 14 are raw IP as some systems number it)."""


@dataclass(slots=True)
class _Parts:
    """The fragments of one datagram so far; `size` is known once the last one is there."""

    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int | None = None

    def whole(self) -> bytes | None:
        """The datagram, if nothing is missing."""
        data = b""
        for offset in sorted(self.pieces):
            if offset > len(data):
                return None
            data = data[:offset] + self.pieces[offset]
        return data if self.size is not None and len(data) >= self.size else None


class Opener:
    """Takes the frames of a capture apart, one after the other."""

    def __init__(self, link: int) -> None:
        self._link = LINKS[link]
        self._parts: dict[tuple[bytes, bytes, int, int], _Parts] = {}

    def open(self, time: float, frame: bytes) -> tuple[Piece, bool] | None:
        """What a frame carries, and whether it begins a connection (a SYN).

        None if it is neither UDP nor TCP, broken, or a part of a datagram that is not complete yet.
        """
        try:
            packet = self._link(frame)
            if isinstance(packet, dpkt.ip.IP | dpkt.ip6.IP6):
                return self._transport(time, packet)
        except BROKEN:
            return None
        return None

    def _transport(self, time: float, packet: dpkt.ip.IP | dpkt.ip6.IP6) -> tuple[Piece, bool] | None:
        carried = self._whole(packet)
        hosts = [str(ip_address(each)) for each in (packet.src, packet.dst)]
        if isinstance(carried, dpkt.udp.UDP):
            ends = ((hosts[0], carried.sport), (hosts[1], carried.dport))
            return Piece(time, "udp", *ends, bytes(carried.data)), False
        if isinstance(carried, dpkt.tcp.TCP):
            ends = ((hosts[0], carried.sport), (hosts[1], carried.dport))
            opens = bool(carried.flags & dpkt.tcp.TH_SYN)
            return Piece(time, "tcp", *ends, bytes(carried.data), carried.seq, carried.ack), opens
        return None

    def _whole(self, packet: dpkt.ip.IP | dpkt.ip6.IP6) -> object:
        """What an IP packet carries; of fragments, the datagram that this one completes."""
        if isinstance(packet, dpkt.ip.IP):
            fragment = (packet.offset, bool(packet.mf), packet.id) if packet.mf or packet.offset else None
        else:
            header = packet.extension_hdrs.get(FRAGMENT)
            fragment = (header.frag_off * 8, bool(header.m_flag), header.id) if header is not None else None
        if fragment is None:
            return packet.data
        offset, more, number = fragment
        key = (packet.src, packet.dst, packet.p, number)
        parts = self._parts.setdefault(key, _Parts())
        parts.pieces[offset] = data = bytes(packet.data)
        if not more:
            parts.size = offset + len(data)
        whole = parts.whole()
        if whole is None:
            return None
        del self._parts[key]
        kinds = {dpkt.ip.IP_PROTO_UDP: dpkt.udp.UDP, dpkt.ip.IP_PROTO_TCP: dpkt.tcp.TCP}
        return kinds[packet.p](whole) if packet.p in kinds else None
