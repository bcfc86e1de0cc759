"""Frames that are written are read back as they were, with checksums that are right."""

from __future__ import annotations

import struct
from typing import Literal

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.testing.capture.frames import Opener
from relayscript.apps.testing.capture.packets import Piece, frame_of
from relayscript.sip.transport import Address

PORTS = st.integers(1, 65535)


def ends(version: Literal[4, 6]) -> st.SearchStrategy[tuple[Address, Address]]:
    address = st.tuples(st.ip_addresses(v=version).map(str), PORTS)
    return st.tuples(address, address)


def folded(data: bytes) -> int:
    """The sum of RFC 1071: 0xffff if a checksum among the data is right."""
    total: int = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def sums(frame: bytes) -> list[int]:
    """The folded sums of the IP header (version 4) and of what it carries, with the pseudo header."""
    packet = frame[14:]
    if packet[0] >> 4 == 4:
        header, carried = packet[:20], packet[20:]
        pseudo = packet[12:20] + struct.pack(">BBH", 0, packet[9], len(carried))
        return [folded(header), folded(pseudo + carried)]
    carried = packet[40:]
    return [folded(packet[8:40] + struct.pack(">II", len(carried), packet[6]) + carried)]


@given(st.one_of(ends(4), ends(6)), st.sampled_from(["udp", "tcp"]), st.binary(min_size=1, max_size=2000))
def test_round_trip(ends: tuple[Address, Address], protocol: str, data: bytes) -> None:
    number = 77 if protocol == "tcp" else 0
    piece = Piece(12.5, protocol, *ends, data, number, number)
    frame = frame_of(piece)
    opened = Opener(dpkt.pcap.DLT_EN10MB).open(12.5, frame)
    assert opened == (piece, False)
    assert [each for each in sums(frame) if each != 0xFFFF] == []


def test_hosts_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="not of one kind"):
        frame_of(Piece(0.0, "udp", ("192.0.2.1", 1), ("2001:db8::1", 1), b"x"))
    with pytest.raises(ValueError, match=r"example\.com"):
        frame_of(Piece(0.0, "udp", ("example.com", 1), ("192.0.2.1", 1), b"x"))
