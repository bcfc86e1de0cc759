"""Puts TCP segments together again: what each side of a connection said, in order."""

from __future__ import annotations

from relayscript.apps.testing.capture.packets import Piece
from relayscript.sip.stream import PING, Framer
from relayscript.sip.transport import Address

HALF = 2**31
FULL = 2**32
MOST_WAITING = 64
"""Segments that wait for an earlier one before that one is given up: the capture does not have it."""


class Direction:
    """One direction of a connection: segments in any order, once or again, become messages.

    `is_sip` is set by whoever finds a SIP message among them; `segments` counts all that have data.
    """

    def __init__(self) -> None:
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}
        self._framer = Framer()
        self.lost = 0
        self.segments = 0
        self.is_sip = False

    def open(self, number: int) -> None:
        """A connection begins (SYN) with that number."""
        self._next = (number + 1) % FULL
        self._waiting.clear()
        self._framer = Framer()

    def receive(self, number: int, data: bytes) -> list[bytes]:
        """A segment came; the messages that it completes. `lost` counts the gaps that stay."""
        self.segments += 1
        if self._next is None:
            self._next = number
        known = self._waiting.get(number, b"")
        if len(data) > len(known):
            self._waiting[number] = data
        found = self._in_order()
        if len(self._waiting) > MOST_WAITING:
            self._skip()
            found += self._in_order()
        return found

    def _in_order(self) -> list[bytes]:
        """Take what continues the stream; what repeats it is dropped."""
        found: list[bytes] = []
        while (number := self._continuing()) is not None:
            assert self._next is not None
            data = self._waiting.pop(number)[(self._next - number) % FULL :]
            self._next = (self._next + len(data)) % FULL
            found += [message for message in self._framer.receive(data) if message != PING]
            if self._framer.fault is not None:
                self._framer = Framer()
                self.lost += 1
        return found

    def _continuing(self) -> int | None:
        assert self._next is not None
        return next((number for number in self._waiting if (self._next - number) % FULL < HALF), None)

    def _skip(self) -> None:
        """Go on behind a gap, at the message that begins next."""
        assert self._next is not None
        here = self._next
        self._next = min(self._waiting, key=lambda number: (number - here) % FULL)
        self._framer = Framer()
        self.lost += 1


class Streams:
    """All TCP connections of a capture."""

    def __init__(self) -> None:
        self._directions: dict[tuple[Address, Address], Direction] = {}

    def open(self, piece: Piece) -> None:
        """A SYN was sent."""
        self._direction(piece).open(piece.number)

    def receive(self, piece: Piece) -> list[bytes]:
        """The messages that a segment completes."""
        return self._direction(piece).receive(piece.number, piece.data)

    @property
    def lost(self) -> int:
        """How often a stream of SIP could not be followed."""
        return sum(each.lost for each in self._directions.values() if each.is_sip)

    @property
    def foreign(self) -> int:
        """How many segments belong to streams without any SIP."""
        return sum(each.segments for each in self._directions.values() if not each.is_sip)

    def understood(self, piece: Piece) -> None:
        """The stream of this segment has SIP in it."""
        self._direction(piece).is_sip = True

    def _direction(self, piece: Piece) -> Direction:
        return self._directions.setdefault((piece.source, piece.destination), Direction())
