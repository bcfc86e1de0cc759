"""Reads SIP out of captures: pcap and pcapng files, over UDP and TCP."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import dpkt

from relayscript.apps.testing.capture.frames import LINKS, Opener
from relayscript.apps.testing.capture.packets import Piece
from relayscript.apps.testing.capture.streams import Streams
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

START = re.compile(rb"\A(?:[A-Za-z0-9.!%*_+`'~-]+ [^ \r\n]+ SIP/2\.0|SIP/2\.0 \d{3}\b[^\r\n]*)\r?\n")


class CaptureError(Exception):
    """A file that is no capture, or not one that can be read: the file and what is wrong with it."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(f"{path}: {text}")


@dataclass(frozen=True, slots=True)
class Carried:
    """A SIP message on its way, at a time (seconds since the epoch). `protocol` is `udp` or `tcp`."""

    time: float
    protocol: str
    source: Address
    destination: Address
    data: bytes
    message: Message


@dataclass(frozen=True, slots=True)
class Capture:
    """The SIP messages of a capture by time; `passed_over` counts packets with something else in them,
    `lost` how often a TCP stream could not be followed."""

    path: Path
    messages: tuple[Carried, ...]
    passed_over: int = 0
    lost: int = 0


def read(path: Path) -> Capture:
    """All SIP messages in a file. Raises CaptureError, OSError."""
    found: list[Carried] = []
    streams, others = Streams(), 0
    for opened in _opened(path):
        if opened is not None and opened[0].protocol == "tcp":
            found += _streamed(*opened, streams)
        else:
            message = _message(opened[0]) if opened is not None else None
            found += [message] if message is not None else []
            others += message is None
    found.sort(key=lambda each: each.time)
    return Capture(path, tuple(found), others + streams.foreign, streams.lost)


def _streamed(piece: Piece, opens: bool, streams: Streams) -> Iterator[Carried]:
    """The messages that a segment completes."""
    if opens:
        streams.open(piece)
    elif piece.data:
        for data in streams.receive(piece):
            if (message := _message(replace(piece, data=data))) is not None:
                streams.understood(piece)
                yield message


def _message(piece: Piece) -> Carried | None:
    """The message that a piece of traffic is; None if it is something else."""
    if not START.match(piece.data):
        return None
    try:
        message = Message.parse(piece.data)
    except SipError:
        return None
    return Carried(piece.time, piece.protocol, piece.source, piece.destination, piece.data, message)


def _opened(path: Path) -> Iterator[tuple[Piece, bool] | None]:
    """What each packet of a file carries."""
    with path.open("rb") as stream:
        whole = _Whole(stream)
        number = 0
        try:
            reader = dpkt.pcap.UniversalReader(whole)
            if reader.datalink() not in LINKS:
                raise CaptureError(path, f"link type {reader.datalink()} is none that is known here")
            opener = Opener(reader.datalink())
            for number, (time, frame) in enumerate(reader, 1):
                if whole.ended_within or not frame:
                    raise CaptureError(path, f"it ends within packet {number}")
                yield opener.open(float(time), bytes(frame))
        except (dpkt.Error, struct.error, ValueError, IndexError) as error:
            text = f"broken after packet {number}" if number else "not a capture (pcap or pcapng)"
            raise CaptureError(path, f"{text}: {error}") from None
        if whole.ended_within:
            raise CaptureError(path, f"it ends after packet {number}, within another one")


class _Whole:
    """A file that notices when it ends where more was wanted."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.name = stream.name
        self.ended_within = False

    def read(self, size: int) -> bytes:
        if size < 0:
            raise ValueError(f"a length of {size}")
        data = self._stream.read(size)
        self.ended_within = 0 < len(data) < size
        return data

    def seek(self, place: int) -> None:
        self._stream.seek(place)
        self.ended_within = False
