"""Copies of a call's media for somebody else, as a recorder (reference 5.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relayscript.engines.contract import Copy, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy import commands
from relayscript.engines.rtpproxy.flags import Options
from relayscript.engines.rtpproxy.rewriting import Relayed, relayed_streams
from relayscript.engines.rtpproxy.settings import RtpproxySettings
from relayscript.sip.sdp import Description

SILENT = ("inactive", "recvonly")


@dataclass(frozen=True, slots=True)
class Source:
    """A stream that is copied: who sends it (0 the caller, 1 the callee), and what it is in the description."""

    side: int
    description: Description
    relayed: Relayed

    @property
    def mark(self) -> str:
        """How a copy remembers it."""
        return f"{self.side}:{self.relayed.number}"


def sources(copy: Copy) -> tuple[Source, ...]:
    """The RTP streams of both sides. EngineError if a description cannot be understood."""
    return tuple(_sources(copy))


def _sources(copy: Copy) -> Iterator[Source]:
    for side, body in enumerate(copy.bodies):
        description = Description(body)
        for relayed in relayed_streams(description, Options(), ""):
            if relayed.payload_types:
                yield Source(side, description, relayed)


def offered(copy: Copy, settings: RtpproxySettings) -> str:
    """The description to offer to whoever gets the copy; rtpproxy has none of its own, so the ports are made up.

    EngineError if there are more streams than ports.
    """
    host = copy.flags or settings.generated_sdp_media_ip
    family = "IP6" if ":" in host else "IP4"
    lines = ["v=0", f"o=- 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0"]
    for label, source in enumerate(sources(copy), 1):
        port = settings.generated_sdp_port_min + 2 * (label - 1)
        if port > settings.generated_sdp_port_max:
            raise EngineError("there are more streams to copy than generated_sdp_port_max allows")
        lines += _media(source, port, label)
    return "".join(f"{line}\r\n" for line in lines)


def _media(source: Source, port: int, label: int) -> Iterator[str]:
    description, stream = source.description, source.relayed.stream
    yield f"m={stream.media} {port} {stream.transport} {' '.join(stream.formats)}"
    for name in ("rtpmap", "fmtp"):
        yield from (f"a={name}:{value}" for _, value in description.attributes(stream.line, stream.end, name))
    silent = description.direction(source.relayed.section, stream) in SILENT
    yield "a=inactive" if silent else "a=sendonly"
    yield f"a=label:{label}"


def started(session: Session, copy: Copy, answer: str) -> list[str]:
    """The commands that an answer leads to: a copy of each stream that is wanted, the end of each that is not.

    The copy learns what was started. EngineError if the answer does not fit the offer.
    """
    description, found = Description(answer), sources(copy)
    wanted = [(section, stream) for section in description.sections for stream in section.streams]
    if len(wanted) != len(found):
        raise EngineError(f"{len(wanted)} streams are answered, {len(found)} were offered")
    made, running = [], set(copy.handle.split())
    for source, (section, stream) in zip(found, wanted, strict=True):
        line = description.connection_of(section, stream)
        address = description.address(line) if line is not None else None
        goes = stream.port and address and not address.is_null
        if goes and address and description.direction(section, stream) not in ("inactive", "sendonly"):
            made.append(_copy(session, source, f"udp:{address.host}:{stream.port}"))
            running.add(source.mark)
        elif source.mark in running:
            made.append(_stop(session, source.mark))
            running.discard(source.mark)
    copy.handle = " ".join(sorted(running))
    return made


def stopped(session: Session, copy: Copy) -> list[str]:
    """The commands that end a copy; it is over then."""
    marks, copy.handle = copy.handle.split(), ""
    return [_stop(session, mark) for mark in marks]


def _copy(session: Session, source: Source, to: str) -> str:
    name = commands.session_name(session.call_id, session.branch)
    return commands.copy(name, to, source.relayed.number, *_tags(session, source.side))


def _stop(session: Session, mark: str) -> str:
    side, _, number = mark.partition(":")
    name = commands.session_name(session.call_id, session.branch)
    return commands.stop_copying(name, int(number), *_tags(session, int(side)))


def _tags(session: Session, side: int) -> tuple[str, str]:
    return (session.to_tag, session.from_tag) if side else (session.from_tag, session.to_tag)
