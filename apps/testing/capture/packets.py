"""What captures hold: pieces of traffic, and the Ethernet frames that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

import dpkt

from relayscript.sip.transport import Address


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that went from one address to another at a time (seconds since the epoch).

    `protocol` is `udp` or `tcp`; `number` is that of the first byte in its TCP stream, `acknowledged` that of the
    first byte that the sender has not got of the other one.
    """

    time: float
    protocol: str
    source: Address
    destination: Address
    data: bytes
    number: int = 0
    acknowledged: int = 0


def frame_of(piece: Piece) -> bytes:
    """An Ethernet frame with all its checksums. Raises ValueError for a host that is no IP address."""
    source, destination = ip_address(piece.source[0]), ip_address(piece.destination[0])
    if source.version != destination.version:
        raise ValueError(f"{source} and {destination} are not of one kind")
    transport = _transport(piece)
    number = dpkt.ip.IP_PROTO_UDP if piece.protocol == "udp" else dpkt.ip.IP_PROTO_TCP
    network: dpkt.Packet
    if source.version == 4:
        network = dpkt.ip.IP(src=source.packed, dst=destination.packed, p=number, ttl=64, data=transport)
        network.len, kind = len(network), dpkt.ethernet.ETH_TYPE_IP
    else:
        network = dpkt.ip6.IP6(src=source.packed, dst=destination.packed, nxt=number, hlim=64, data=transport)
        network.plen, kind = len(transport), dpkt.ethernet.ETH_TYPE_IP6
    frame = dpkt.ethernet.Ethernet(src=_card(source.packed), dst=_card(destination.packed), type=kind, data=network)
    return bytes(frame)


def _transport(piece: Piece) -> dpkt.Packet:
    ports = {"sport": piece.source[1], "dport": piece.destination[1]}
    if piece.protocol == "udp":
        return dpkt.udp.UDP(**ports, ulen=8 + len(piece.data), data=piece.data)
    flags = dpkt.tcp.TH_ACK | dpkt.tcp.TH_PUSH
    return dpkt.tcp.TCP(
        **ports, seq=piece.number % 2**32, ack=piece.acknowledged % 2**32, flags=flags, data=piece.data
    )  # fmt: skip


def _card(address: bytes) -> bytes:
    """A made-up hardware address, always the same for an IP address."""
    return b"\x02\x00" + address[-4:]
