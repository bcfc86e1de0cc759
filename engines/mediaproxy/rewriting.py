"""What mediaproxy must know of a session description, and what changes in it (reference 6.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from relayscript.engines.errors import EngineError
from relayscript.engines.mediaproxy.requests import AnnouncedStream, RelayPorts
from relayscript.sip.sdp import Description, MediaAddress, Section, Stream, family_of

PRIORITIES = {"high-priority": 130, "low-priority": 0}
MOST_STREAMS = 32


@dataclass(frozen=True, slots=True)
class Media:
    """A stream with the address that its author announced. Only supported ones are relayed."""

    stream: Stream
    address: MediaAddress
    direction: str
    ice: bool
    supported: bool

    @property
    def announced(self) -> AnnouncedStream:
        """As the dispatcher is told."""
        stream = self.stream
        return AnnouncedStream(stream.media, self.address.host, stream.port, self.direction, self.ice)


def medias(description: Description) -> tuple[Media, ...]:
    """All streams. EngineError for what mediaproxy cannot do: several sessions, multicast, many streams."""
    if len(description.sections) != 1:
        raise EngineError("not exactly one session description")
    (section,) = description.sections
    if not 0 < len(section.streams) <= MOST_STREAMS:
        raise EngineError("no streams, or too many")
    return tuple(_media(description, section, stream) for stream in section.streams)


def _media(description: Description, section: Section, stream: Stream) -> Media:
    line = description.connection_of(section, stream)
    address = description.address(line) if line is not None else None
    if address is None:
        raise EngineError("no c= line for a stream of the session description")
    if _is_multicast(address.host):
        raise EngineError("multicast is not relayed")
    return Media(
        stream,
        address,
        description.direction(section, stream),
        any(True for _ in description.attributes(stream.line, stream.end, "candidate")),
        stream.transport.upper().startswith(("RTP", "UDP")),
    )


def _is_multicast(host: str) -> bool:
    return _is_ip(host) and ip_address(host).is_multicast


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def rewrite(description: Description, streams: Sequence[Media], relay: RelayPorts, ice: str) -> None:
    """Lead the supported streams to the relay's ports; null addresses and inactive streams stay."""
    (section,) = description.sections
    _set_connections(description, section, streams, relay.host)
    ports = iter(relay.ports)
    for media in streams:
        port = next(ports) if media.supported else 0
        if port and media.stream.port:
            _lead(description, media, relay.host, port, ice)


def _lead(description: Description, media: Media, host: str, port: int, ice: str) -> None:
    stream = media.stream
    description.set_port(stream, port)
    for line, value in tuple(description.attributes(stream.line, stream.end, "rtcp")):
        text = f"a=rtcp:{port + 1}"
        description.set_line(line, f"{text} IN {family_of(host)} {host}" if " " in value else text)
    if media.ice and ice in PRIORITIES and _is_ip(host):
        _insert_candidates(description, stream, host, port, PRIORITIES[ice])


def _set_connections(description: Description, section: Section, streams: Sequence[Media], host: str) -> None:
    for media in streams:
        line = media.stream.connection
        if line is not None and media.supported and not media.address.is_null:
            description.set_address(line, host)
    session = section.connection
    if session is None:
        return
    if all(media.supported for media in streams):
        address = description.address(session)
        if address is not None and not address.is_null:
            description.set_address(session, host)
        return
    description.set_line(session, "")
    for media in streams:
        if media.stream.connection is None:
            shown = host if media.supported and not media.address.is_null else media.address.host
            description.insert_after(media.stream.line, f"c=IN {family_of(shown)} {shown}")


def _insert_candidates(
    description: Description, stream: Stream, host: str, port: int, preference: int
) -> None:
    first = next(line for line, _ in description.attributes(stream.line, stream.end, "candidate"))
    for text in _candidates(host, port, preference):
        description.insert_after(first - 1, text)


def _candidates(host: str, port: int, preference: int) -> Iterator[str]:
    """Relay candidates for RTP and RTCP (RFC 8445 5.1.2.1)."""
    foundation = f"R{int(ip_address(host)):x}"
    for component in (1, 2):
        priority = (preference << 24) + (65535 << 8) + 256 - component
        yield f"a=candidate:{foundation} {component} UDP {priority} {host} {port + component - 1} typ relay"
