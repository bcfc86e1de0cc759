"""SIP is found in captures of all kinds, and what is wrong with a file is said."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.apps.testing.capture.packets import Piece, frame_of
from relayscript.apps.testing.capture.reading import CaptureError, read
from relayscript.apps.testing.capture.streams import Direction

ALICE, PROXY = ("192.0.2.1", 5060), ("192.0.2.100", 5060)
WIDE = (("2001:db8::1", 5060), ("2001:db8::2", 5060))
OPTIONS = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\nContent-Length: %d\r\n\r\n%b"


def options(number: int = 1, body: bytes = b"") -> bytes:
    return OPTIONS % (number, len(body), body)


def udp(data: bytes, time: float = 1.0) -> Piece:
    return Piece(time, "udp", ALICE, PROXY, data)


def tcp(data: bytes, number: int, time: float = 1.0) -> Piece:
    return Piece(time, "tcp", ALICE, PROXY, data, number)


def saved(path: Path, frames: Iterable[bytes], link: int = dpkt.pcap.DLT_EN10MB) -> Path:
    with path.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream, linktype=link)
        for number, frame in enumerate(frames):
            writer.writepkt(frame, ts=1000.25 + number)
    return path


def calls(path: Path) -> list[str]:
    return [each.message.call_id for each in read(path).messages]


def network(piece: Piece) -> bytes:
    """The frame without its Ethernet header."""
    return frame_of(piece)[14:]


WRAPPED: dict[int, Callable[[bytes], bytes]] = {
    dpkt.pcap.DLT_EN10MB: lambda data: b"\2" * 12 + b"\x81\x00\x00\x05\x08\x00" + data,  # a VLAN
    dpkt.pcap.DLT_LINUX_SLL: lambda data: struct.pack(">HHH8sH", 0, 1, 6, b"", 0x800) + data,
    dpkt.pcap.DLT_LINUX_SLL2: lambda data: struct.pack(">HHIHBB8s", 0x800, 0, 1, 1, 0, 6, b"") + data,
    dpkt.pcap.DLT_NULL: lambda data: b"\2\0\0\0" + data,
    dpkt.pcap.DLT_LOOP: lambda data: b"\0\0\0\2" + data,
    dpkt.pcap.DLT_RAW: lambda data: data,
}


@pytest.mark.parametrize("link", WRAPPED)
def test_link_layers(tmp_path: Path, link: int) -> None:
    path = saved(tmp_path / "x.pcap", [WRAPPED[link](network(udp(options())))], link)
    (found,) = read(path).messages
    assert (found.time, found.protocol, found.source, found.destination) == (1000.25, "udp", ALICE, PROXY)
    assert found.data == options()


def test_two_vlans_and_ip_of_version_6(tmp_path: Path) -> None:
    frame = frame_of(Piece(0.0, "udp", *WIDE, options()))
    tagged = frame[:12] + b"\x88\xa8\x00\x07\x81\x00\x00\x05" + frame[12:]
    (found,) = read(saved(tmp_path / "x.pcap", [tagged])).messages
    assert (found.source, found.destination) == WIDE


def test_pcapng(tmp_path: Path) -> None:
    with (tmp_path / "x.pcapng").open("wb") as stream:
        writer = dpkt.pcapng.Writer(stream)
        writer.writepkt(frame_of(udp(options(1))), ts=5.5)
        writer.writepkt(frame_of(tcp(options(2), 1)), ts=6.5)
    found = read(tmp_path / "x.pcapng").messages
    seen = [(each.time, each.protocol, each.message.call_id) for each in found]
    assert seen == [(5.5, "udp", "1"), (6.5, "tcp", "2")]


def fragments_4(piece: Piece, size: int) -> list[bytes]:
    packet = dpkt.ip.IP(network(piece))
    carried = bytes(packet.data)
    made = []
    for offset in range(0, len(carried), size):
        part = dpkt.ip.IP(src=packet.src, dst=packet.dst, p=packet.p, id=7, data=carried[offset : offset + size])
        part.offset, part.mf = offset, int(offset + size < len(carried))
        part.len = 20 + len(part.data)
        made.append(b"\2" * 12 + b"\x08\x00" + bytes(part))
    return made


def fragments_6(piece: Piece, size: int) -> list[bytes]:
    packet = network(piece)
    carried = packet[40:]
    made = []
    for offset in range(0, len(carried), size):
        more = int(offset + size < len(carried))
        part = struct.pack(">BBHI", 17, 0, offset | more, 7) + carried[offset : offset + size]
        made.append(b"\2" * 12 + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(part), 44, 64) + packet[8:40] + part)
    return made


@given(st.permutations(range(4)), st.booleans())
def test_fragments_in_any_order(tmp_path_factory: pytest.TempPathFactory, order: list[int], wide: bool) -> None:
    whole = options(1, b"b" * 1000)
    ends = WIDE if wide else (ALICE, PROXY)
    parts = (fragments_6 if wide else fragments_4)(Piece(0.0, "udp", *ends, whole), 296)
    assert len(parts) == 4
    path = saved(tmp_path_factory.mktemp("x") / "x.pcap", [parts[place] for place in order])
    assert [each.data for each in read(path).messages] == [whole]


def test_a_fragment_that_is_missing(tmp_path: Path) -> None:
    parts = fragments_4(udp(options(1, b"b" * 1000)), 296)
    assert calls(saved(tmp_path / "x.pcap", [*parts[:2], parts[3], frame_of(udp(options(2)))])) == ["2"]


# ---- TCP


def test_segments_late_twice_and_overlapping(tmp_path: Path) -> None:
    whole = options(1, b"one") + b"\r\n\r\n" + options(2, b"two") + options(3)
    cuts = [(100, 40, 60), (100, 0, 40), (100, 0, 40), (100, 90, 130), (100, 50, 100), (100, 130, len(whole))]
    frames = [frame_of(tcp(whole[begin:end], first + begin)) for first, begin, end in cuts]
    syn = dpkt.tcp.TCP(sport=5060, dport=5060, seq=99, flags=dpkt.tcp.TH_SYN)
    packet = dpkt.ip.IP(src=b"\xc0\0\2\1", dst=b"\xc0\0\2\x64", p=6, data=syn)
    packet.len = len(packet)
    path = saved(tmp_path / "x.pcap", [b"\2" * 12 + b"\x08\x00" + bytes(packet), *frames])
    assert calls(path) == ["1", "2", "3"]


@given(st.data(), st.integers(0, 2**32 - 1))
def test_any_cuts_in_any_order(data: st.DataObject, first: int) -> None:
    whole = b"".join(options(number, b"x" * number) for number in range(5))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=8)))
    parts = [(begin, whole[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    direction = Direction()
    direction.open((first - 1) % 2**32)
    order = data.draw(st.permutations(parts))
    found = [each for begin, part in order for each in direction.receive((first + begin) % 2**32, part)]
    assert b"".join(found) == whole
    assert direction.lost == 0


def test_a_gap_is_given_up_after_a_while(tmp_path: Path) -> None:
    texts = [options(number) for number in range(100)]
    starts = [sum(map(len, texts[:number])) for number in range(100)]
    pieces = [frame_of(tcp(text, start)) for text, start in zip(texts, starts, strict=True)]
    del pieces[3]
    capture = read(saved(tmp_path / "x.pcap", pieces))
    assert [each.message.call_id for each in capture.messages] == [str(each) for each in range(100) if each != 3]
    assert capture.lost == 1


# ---- what is no SIP


def test_what_is_not_sip_is_counted(tmp_path: Path) -> None:
    frames = [
        frame_of(udp(b"\r\n\r\n")), frame_of(udp(b"\x80\0\1\2rtp")), b"\2" * 12 + b"\x08\x06" + b"arp", b"short",
        frame_of(tcp(b"GET / HTTP/1.1\r\n\r\n", 1)), frame_of(udp(options(4))),
        frame_of(udp(b"OPTIONS sip:x HTTP/1.1\r\n\r\n")),
    ]  # fmt: skip
    capture = read(saved(tmp_path / "x.pcap", frames))
    assert [each.message.call_id for each in capture.messages] == ["4"]
    assert (capture.passed_over, capture.lost) == (6, 0)


@given(st.binary(max_size=200))
def test_junk_in_frames_harms_nobody(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    good = frame_of(udp(options()))
    frames = [junk + b"x", good[:14] + junk, good[:34] + junk, b"\2" * 12 + b"\x86\xdd" + junk, good]
    assert calls(saved(tmp_path_factory.mktemp("x") / "x.pcap", frames))[-1:] == ["1"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not a capture"),
        (b"# a script\nroute {}\n" * 5, "not a capture"),
        (b"\x0a\x0d\x0d\x0a" + b"\0" * 60, "not a capture"),
    ],
)
def test_files_that_are_no_captures(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "x.pcap").write_bytes(data)
    with pytest.raises(CaptureError, match=f"x.pcap: {expected}"):
        read(tmp_path / "x.pcap")


def test_a_capture_that_is_cut_off(tmp_path: Path) -> None:
    whole = saved(tmp_path / "x.pcap", [frame_of(udp(options(each))) for each in range(3)]).read_bytes()
    size = (len(whole) - 24) // 3
    for cut in (5, 20, size - 1):
        (tmp_path / "cut.pcap").write_bytes(whole[: 24 + size + cut])
        with pytest.raises(CaptureError, match=r"cut.pcap: (it ends within packet 2|broken after packet 1)"):
            read(tmp_path / "cut.pcap")


def test_a_link_type_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="link type 105"):
        read(saved(tmp_path / "x.pcap", [b"x"], 105))
