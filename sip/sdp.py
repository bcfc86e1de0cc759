"""Session descriptions that lose nothing: every line keeps its bytes and its line end until it is edited.

RFC 8866 (SDP). A body may hold several descriptions, one after the other (`v=` starts each).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MEDIA = re.compile(r"(m=[ \t]*([^ \t\r\n]+)[ \t]+)(\d{1,9})((?:/\d+)?[ \t]+([^ \t\r\n]+)[ \t]*([^\r\n]*))")
_ADDRESS = re.compile(r"([oc]=(?:[^\r\n]*[ \t])?)(IP[46])([ \t]+)([^ \t\r\n]+)", re.IGNORECASE)
_NULL_IP6 = frozenset("0:")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """The address of a `c=` or `o=` line: `IP4` or `IP6`, and the host without multicast suffixes."""

    family: str
    host: str

    @property
    def is_null(self) -> bool:
        """`0.0.0.0` or its IPv6 form: on hold in the way of RFC 2543."""
        return is_null_host(self.host)


@dataclass(frozen=True, slots=True)
class Stream:
    """A media section. Numbers are indices into `Description.lines`; `end` is one past its last line.

    A malformed `m=` line has port 0 and no transport.
    """

    line: int
    end: int
    media: str
    port: int
    transport: str
    formats: tuple[str, ...]
    connection: int | None


@dataclass(frozen=True, slots=True)
class Section:
    """One session description: where its `o=` and session-level `c=` lines are, and its streams.

    `directions` are the first lines of each direction that stand before the streams.
    """

    first: int
    end: int
    origin: int | None
    connection: int | None
    streams: tuple[Stream, ...]
    directions: tuple[int, ...] = ()


class Description:
    """The lines of a body, with an index to what relays read and change.

    An edit replaces the text of one entry of `lines`, so that indices stay valid; an inserted line
    shares the entry of the line before it. `str()` gives the whole text, what was not edited byte for byte.
    """

    __slots__ = ("lines", "sections")

    def __init__(self, text: str) -> None:
        self.lines: list[str] = _LINE.findall(text)
        self.sections = tuple(self._section(first, end) for first, end in self._bounds())

    def __str__(self) -> str:
        return "".join(self.lines)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams of all sections, in order."""
        return tuple(stream for section in self.sections for stream in section.streams)

    def address(self, line: int) -> MediaAddress | None:
        """The address in a `c=` or `o=` line; None if there is none that can be read."""
        found = _ADDRESS.match(self.lines[line])
        return MediaAddress(found[2].upper(), found[4].partition("/")[0]) if found else None

    def set_address(self, line: int, host: str) -> None:
        """Put another address (and `IP4` or `IP6` as it needs) into a `c=` or `o=` line."""
        text = self.lines[line]
        if found := _ADDRESS.match(text):
            family = found[2] if family_of(host) == found[2].upper() else family_of(host)
            self.lines[line] = f"{found[1]}{family}{found[3]}{host}{text[found.end() :]}"

    def set_port(self, stream: Stream, port: int) -> None:
        """Put another port into the `m=` line."""
        text = self.lines[stream.line]
        if found := _MEDIA.match(text):
            self.lines[stream.line] = f"{found[1]}{port}{found[4]}{text[found.end() :]}"

    def attributes(self, first: int, end: int, name: str) -> Iterator[tuple[int, str]]:
        """Each `a=name` or `a=name:value` line from `first` up to `end`, with its value ("" if none)."""
        head = f"a={name}"
        for index in range(first, end):
            text = self.lines[index].rstrip("\r\n")
            if text.startswith(head) and (text == head or text[len(head)] == ":"):
                yield index, text[len(head) + 1 :]

    def set_line(self, line: int, text: str) -> None:
        """Give a line another text, keeping its line end; "" removes the line."""
        old = self.lines[line]
        self.lines[line] = text + old[len(old.rstrip("\r\n")) :] if text else ""

    def insert_after(self, line: int, text: str) -> None:
        """Insert a line after another one, with the same line end."""
        self.lines[line] = with_line(self.lines[line], text, self.line_end)

    def append(self, text: str) -> None:
        """Add a line (ended by CRLF) at the very end."""
        before = self.lines.pop() if self.lines else ""
        self.lines.append(with_line(before, text, "\r\n"))

    @property
    def line_end(self) -> str:
        """The line end in use: that of the first line, CRLF if it has none."""
        return "\n" if self.lines and self.lines[0][-2:-1] != "\r" and self.lines[0][-1:] == "\n" else "\r\n"

    def has_line(self, text: str) -> bool:
        """Is there a line with exactly this text?"""
        return any(line.rstrip("\r\n \t") == text for line in self.lines)

    def has_attribute(self, name: str) -> bool:
        """Is there an `a=name` anywhere?"""
        return any(True for _ in self.attributes(0, len(self.lines), name))

    def connection_of(self, section: Section, stream: Stream) -> int | None:
        """The `c=` line that counts for a stream: its own, else that of the session."""
        return stream.connection if stream.connection is not None else section.connection

    def direction(self, section: Section, stream: Stream) -> str:
        """`sendrecv`, `sendonly`, `recvonly` or `inactive` (RFC 8866 6.7)."""
        for lines in (range(stream.line, stream.end), section.directions):
            for name in _DIRECTIONS:
                if any(self._is_attribute(line, name) for line in lines):
                    return name
        return "sendrecv"

    def _is_attribute(self, line: int, name: str) -> bool:
        return any(True for _ in self.attributes(line, line + 1, name))

    def _bounds(self) -> Iterator[tuple[int, int]]:
        starts = [index for index, line in enumerate(self.lines) if line.startswith("v=")]
        starts[:1] = [0] if self.lines else []
        return zip(starts, [*starts[1:], len(self.lines)], strict=False)

    def _section(self, first: int, end: int) -> Section:
        medias = [index for index in range(first, end) if self.lines[index].startswith("m=")]
        head = medias[0] if medias else end
        streams = tuple(
            self._stream(line, stop) for line, stop in zip(medias, [*medias[1:], end], strict=False)
        )
        origin, connection = self._first("o=", first, head), self._first("c=", first, head)
        firsts = (next((line for line, _ in self.attributes(first, head, name)), None) for name in _DIRECTIONS)
        return Section(first, end, origin, connection, streams, tuple(line for line in firsts if line is not None))

    def _stream(self, line: int, end: int) -> Stream:
        connection = self._first("c=", line + 1, end)
        if not (found := _MEDIA.match(self.lines[line])):
            return Stream(line, end, "", 0, "", (), connection)
        return Stream(line, end, found[2], int(found[3]), found[5], tuple(found[6].split()), connection)

    def _first(self, prefix: str, first: int, end: int) -> int | None:
        return next((index for index in range(first, end) if self.lines[index].startswith(prefix)), None)


def with_line(before: str, text: str, line_end: str) -> str:
    """Text with a line added, after making sure that what stands before it is ended."""
    gap = line_end if before and not before.endswith("\n") else ""
    return f"{before}{gap}{text}{line_end}"


def family_of(host: str) -> str:
    """`IP6` for an IPv6 address, else `IP4`."""
    return "IP6" if ":" in host else "IP4"


def is_null_host(host: str) -> bool:
    """`0.0.0.0`, or an IPv6 address of only `0` and `:`."""
    return host == "0.0.0.0" or (":" in host and set(host) <= _NULL_IP6)


def null_host(host: str) -> str:
    """The null address of the same family."""
    return "::" if ":" in host else "0.0.0.0"
