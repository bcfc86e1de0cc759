"""Fills the keywords of a text in: what stands in a message that a call sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.keywords import Keyword, Template
from relayscript.apps.testing.sipp.memory import PEER_TAG, Memory, whole
from relayscript.apps.testing.sipp.station import SERVICE, Station
from relayscript.sip.digest import Credentials, answer
from relayscript.sip.transport import bracketed

END = "\r\n"
LATE = ("len", "authentication")
"""Keywords that need the rest of the message."""

VANISHING = ("header", "routes")
"""Keywords that leave no empty line where they stand for nothing."""

FIRST_DYNAMIC_ID = 10_000
LONGEST = 65_535
"""How many bytes a text may have, as many as a datagram."""


class Substitution:
    """Fills in keywords for one call of a party."""

    def __init__(self, file: str, station: Station, memory: Memory) -> None:
        self._file = file
        self._station = station
        self._memory = memory

    def text(self, template: Template) -> str:
        """The text with all keywords filled in. Raises SippError."""
        parts: list[str] = []
        late: list[tuple[int, Keyword]] = []
        is_blank = False
        for part in template.parts:
            if isinstance(part, str):
                parts.append(part.removeprefix(END) if is_blank else part)
                is_blank = False
                continue
            if part.kind in LATE:
                late.append((len(parts), part))
            parts.append("" if part.kind in LATE else self._value(part))
            is_blank = part.kind in VANISHING and not parts[-1] and _ends_a_line(parts)
        text = self._finished(parts, late)
        if len(text) > LONGEST:
            line = next((part.line for part in template.parts if isinstance(part, Keyword)), 1)
            raise SippError(self._file, line, f"{len(text)} bytes are more than a message may have")
        return text

    def _finished(self, parts: list[str], late: list[tuple[int, Keyword]]) -> str:
        for at, keyword in late:
            if keyword.kind == "len":
                length = len("".join(parts).partition(END * 2)[2])
                parts[at] = f"{length + keyword.offset:5d}"
        for at, keyword in late:
            if keyword.kind == "authentication":
                parts[at] = self._authentication(keyword, "".join(parts))
        return "".join(parts)

    def _value(self, keyword: Keyword) -> str:
        match keyword.kind:
            case "variable":
                return self._memory.variables.text(keyword.name)
            case "header":
                return self._memory.header_line(keyword.name)
            case "key":
                return self._station.keys[keyword.name]
            case "field":
                return self._field(keyword)
        return _KNOWN[keyword.kind](self._station, self._memory, keyword.offset)

    def _wrong(self, keyword: Keyword, text: str) -> SippError:
        return SippError(self._file, keyword.line, text)

    def _field(self, keyword: Keyword) -> str:
        injection = self._station.injection
        named = keyword.argument("file")
        if injection is None:
            raise self._wrong(keyword, f"[field{keyword.name}] needs an injection file: give the party inf=FILE")
        if named is not None and self.text(named).rpartition("/")[2] != injection.file.rpartition("/")[2]:
            raise self._wrong(keyword, f"expected {injection.file} as file of a field, found {self.text(named)[:40]}")
        if keyword.argument("line") is not None:
            raise self._wrong(keyword, "line= of a field is not supported in scenarios")
        if self._memory.fields is None:
            self._memory.fields = injection.row(self._memory.number, self._station.chance)
        number = int(keyword.name)
        return self._memory.fields[number] if number < len(self._memory.fields) else ""

    def _authentication(self, keyword: Keyword, message: str) -> str:
        """The line that answers the last challenge (RFC 7616 3.4); the URI is that of the server, as in SIPp."""
        memory, keys = self._memory, self._station.keys
        if memory.challenge is None:
            raise self._wrong(keyword, '[authentication] needs a 401 or 407 that was received with auth="true"')
        given = {name: self.text(value) for name, value in keyword.arguments}
        user = given.get("username", keys.get("au", keys.get("service", SERVICE)))
        host, port = self._station.remote
        uri = keys.get("auth_uri") or f"{bracketed(host)}:{port}"
        uri = uri if uri.startswith(("sip:", "sips:")) else f"sip:{uri}"
        count = memory.uses[memory.challenge.nonce] = memory.uses.get(memory.challenge.nonce, 0) + 1
        cnonce = f"{self._station.chance.getrandbits(32):08x}"
        who = Credentials(user, given.get("password", keys.get("ap", "password")))
        body = message.partition(END * 2)[2]
        value = answer(memory.challenge, who, message.partition(" ")[0], uri, body, cnonce, count)
        if value is None:
            raise self._wrong(keyword, "the challenge asks for an algorithm or protection that is not known here")
        return f"{'Proxy-' if memory.challenge_status == 407 else ''}Authorization: {value}"


def _ends_a_line(parts: list[str]) -> bool:
    return next((each for each in reversed(parts) if each), END).endswith(END)


def branch_of(station: Station, memory: Memory, offset: int = 0) -> str:
    """The branch of a message: SIPp makes it of process, call and step."""
    return f"z9hG4bK-{station.pid}-{memory.number}-{memory.index + offset}"


def _tick(station: Station, memory: Memory, offset: int) -> str:
    return str(round((station.timers.now - station.started) * 1000) + offset)


def _now(station: Station) -> datetime:
    return datetime.fromtimestamp(station.wall(), UTC)


def _timestamp(station: Station, memory: Memory, offset: int) -> str:
    return f"{_now(station):%Y-%m-%d\t%H:%M:%S.%f}\t{station.wall():.6f}"


def _family(host: str) -> str:
    return "6" if ":" in host else "4"


def _last_cseq(station: Station, memory: Memory, offset: int) -> str:
    number = ((memory.last and memory.last.header("cseq")) or "0").partition(" ")[0]
    return str((int(number) if number.isascii() and number.isdigit() and len(number) < 11 else 0) + offset)


def _media_port(station: Station, memory: Memory, offset: int) -> str:
    return str(station.media_port + offset)


def _auto_media_port(station: Station, memory: Memory, offset: int) -> str:
    return str(station.media_port + 4 * (memory.number - 1) % 10_000 + offset)


_KNOWN: dict[str, Callable[[Station, Memory, int], str]] = {
    "service": lambda station, memory, offset: station.keys.get("service", SERVICE),
    **dict.fromkeys(("remote_ip", "remote_host"), lambda station, memory, offset: bracketed(station.remote[0])),
    "remote_port": lambda station, memory, offset: str(station.remote[1] + offset),
    **dict.fromkeys(("local_ip", "server_ip"), lambda station, memory, offset: bracketed(station.local[0])),
    "media_ip": lambda station, memory, offset: station.local[0],
    **dict.fromkeys(("local_ip_type", "media_ip_type"), lambda station, memory, offset: _family(station.local[0])),
    "local_port": lambda station, memory, offset: str(station.local[1] + offset),
    "transport": lambda station, memory, offset: station.transport,
    "media_port": _media_port,
    **dict.fromkeys(("auto_media_port", "rtpstream_audio_port"), _auto_media_port),
    "rtpstream_video_port": lambda station, memory, offset: _auto_media_port(station, memory, offset + 2),
    "call_id": lambda station, memory, offset: memory.call_id,
    "call_number": lambda station, memory, offset: str(memory.number + offset),
    "cseq": lambda station, memory, offset: str(memory.cseq + offset),
    "branch": branch_of,
    "pid": lambda station, memory, offset: str(station.pid + offset),
    "msg_index": lambda station, memory, offset: str(memory.index + offset),
    "last_cseq_number": _last_cseq,
    "last_message": lambda station, memory, offset: whole(memory.last) if memory.last is not None else "",
    "last_Request_URI": lambda station, memory, offset: _last_uri(memory),
    "peer_tag_param": lambda station, memory, offset: f"{PEER_TAG}{memory.peer_tag}" if memory.peer_tag else "",
    "routes": lambda station, memory, offset: f"Route: {', '.join(memory.routes)}" if memory.routes else "",
    "next_url": lambda station, memory, offset: memory.next_url,
    "clock_tick": _tick,
    "timestamp": _timestamp,
    "date": lambda station, memory, offset: f"{_now(station):%a, %d %b %Y %H:%M:%S} GMT",
    "sipp_version": lambda station, memory, offset: "3.6.1",
    "users": lambda station, memory, offset: "-1",
    "userid": lambda station, memory, offset: "0",
    "dynamic_id": lambda station, memory, offset: str(FIRST_DYNAMIC_ID + memory.number - 1 + offset),
}


def _last_uri(memory: Memory) -> str:
    """The URI in the To of the last message, as SIPp has it, without what stands around it."""
    value = (memory.last.header("to") or "") if memory.last is not None else ""
    return value.partition("<")[2].partition(">")[0]
