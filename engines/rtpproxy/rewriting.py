"""What rtpproxy must know of a session description, and what changes in it (reference 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy.flags import Options
from relayscript.sip.sdp import Description, MediaAddress, Section, Stream, family_of, null_host

_RTP = frozenset(
    f"{prefix}RTP/{profile}"
    for prefix, profiles in (
        ("", ("AVP", "AVPF", "SAVP", "SAVPF")),
        ("UDP/TLS/", ("SAVP", "SAVPF")),
        ("DCCP/TLS/", ("SAVP", "SAVPF")),
    )
    for profile in profiles
)
_OTHER = frozenset({"UDP", "UDPTL", "UDP/BFCP"})


@dataclass(frozen=True, slots=True)
class Relayed:
    """A stream to be relayed: its number for rtpproxy, the line with its address, and that address."""

    section: Section
    stream: Stream
    number: int
    connection: int
    address: MediaAddress

    @property
    def payload_types(self) -> tuple[str, ...]:
        """The formats of an RTP stream."""
        return self.stream.formats if self.stream.transport.upper() in _RTP else ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a stream's receiver shall send instead."""

    host: str
    port: int


def relayed_streams(description: Description, options: Options, marker: str) -> tuple[Relayed, ...]:
    """The streams that need a command: those with a port, over a transport that rtpproxy knows.

    EngineError if another relay has put its marker, or a line is missing that must be there.
    """
    if marker and not options.force and description.has_line(marker):
        raise EngineError("the session description is relayed already")
    if not any(section.origin is not None for section in description.sections):
        raise EngineError("no o= line in the session description")
    if not description.streams:
        raise EngineError("no m= line in the session description")
    return tuple(_relayed(description))


def _relayed(description: Description) -> Iterator[Relayed]:
    number = 0
    for section in description.sections:
        for stream in section.streams:
            transport = stream.transport.upper()
            if transport not in _RTP and transport not in _OTHER:
                continue
            number += 1
            if stream.port:
                line = description.connection_of(section, stream)
                address = description.address(line) if line is not None else None
                if line is None or address is None:
                    raise EngineError("no c= line for a stream of the session description")
                yield Relayed(section, stream, number, line, address)


def rewrite(
    description: Description,
    relayed: Sequence[Relayed],
    allocations: Sequence[Allocation],
    options: Options,
    marker: str,
) -> None:
    """Lead the streams to where they were allocated; null addresses stay (hold as in RFC 2543)."""
    done: set[int] = set()
    for each, allocation in zip(relayed, allocations, strict=True):
        description.set_port(each.stream, allocation.port)
        _set_rtcp(description, each.stream, allocation)
        section = each.section
        lines = [each.connection, section.connection if options.session_connection else None]
        for line in lines:
            if line is not None and line not in done:
                done.add(line)
                _set_connection(description, line, allocation.host)
        if options.origin and section.origin is not None and section.origin not in done:
            done.add(section.origin)
            host = null_host(allocation.host) if each.address.is_null else allocation.host
            description.set_address(section.origin, host)
    if marker and not description.has_line(marker):
        description.append(marker)


def _set_connection(description: Description, line: int, host: str) -> None:
    address = description.address(line)
    if address is not None and not address.is_null:
        description.set_address(line, host)


def _set_rtcp(description: Description, stream: Stream, allocation: Allocation) -> None:
    for line, _ in tuple(description.attributes(stream.line, stream.end, "rtcp")):
        family = family_of(allocation.host)
        description.set_line(line, f"a=rtcp:{allocation.port + 1} IN {family} {allocation.host}")
