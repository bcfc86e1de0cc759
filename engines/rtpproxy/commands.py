"""Commands to rtpproxy, without the cookie in front of them (reference 5.2, 5.3, 5.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relayscript.engines.errors import EngineError

REPACKETIZE = "20071116"
CODECS = "20081102"
AUTO_BRIDGE = "20090810"
TIMEOUT_NOTIFICATION = "20081224"
STATISTICS = "20080403"
WILDCARD_NOTIFICATION = "20150617"
MORE_STATISTICS = "20150420"
TTL_CHANGE = "20170313"
RECORDING = "20071218"
SUB_COMMANDS = "20191015"
CAPABILITIES = (
    REPACKETIZE,
    CODECS,
    AUTO_BRIDGE,
    TIMEOUT_NOTIFICATION,
    STATISTICS,
    WILDCARD_NOTIFICATION,
    MORE_STATISTICS,
    TTL_CHANGE,
    RECORDING,
    SUB_COMMANDS,
)
PROTOCOL, PROTOCOL_REPLY = "V", "20040107"
BASE_CAPABILITY = "20050322"

_MEDIA = re.compile(
    r"(?P<verb>[UL])(?P<options>\S*) (?P<call_id>\S+) (?P<host>\S+) (?P<port>\d+)"
    r" (?P<tag>\S+);(?P<number>\d+)(?: (?P<other_tag>\S+);(?P=number))?"
    r"(?: (?P<notify_socket>\S+) (?P<notify_tag>[TI]\S*))?"
    r"(?: && M3:1 D(?P<dtmf_tag>\S+)(?: (?P<dtmf_type>\d+))?)?"
)


LONGEST_COMMAND = 8000
"""Bytes; rtpproxy reads 8 KiB at a time, with the cookie. What is longer would be taken for silence."""


@dataclass(frozen=True, slots=True)
class MediaCommand:
    """`U` or `L` for one stream; `number` is that of the stream and goes with both tags."""

    verb: str
    options: str
    call_id: str
    host: str
    port: int
    number: int
    tag: str
    other_tag: str = ""
    notify_socket: str = ""
    notify_tag: str = ""
    dtmf_tag: str = ""
    dtmf_type: str = ""

    def __str__(self) -> str:
        words = [
            self.verb + self.options,
            self.call_id,
            self.host,
            str(self.port),
            f"{self.tag};{self.number}",
        ]
        if self.other_tag:
            words.append(f"{self.other_tag};{self.number}")
        if self.notify_socket:
            words += [self.notify_socket, self.notify_tag]
        if self.dtmf_tag:
            words += ["&& M3:1", f"D{self.dtmf_tag}", *filter(None, [self.dtmf_type])]
        return " ".join(words)


def parse_media_command(text: str) -> MediaCommand:
    """Read a `U` or `L` back. EngineError if it is none."""
    found = _MEDIA.fullmatch(text)
    if found is None:
        raise EngineError(f"no media command: {text}")
    fields = found.groupdict(default="")
    return MediaCommand(port=int(fields.pop("port")), number=int(fields.pop("number")), **fields)


def line(command: object) -> bytes:
    """A command as it goes over the wire. EngineError if it is longer than what rtpproxy reads at a time."""
    data = str(command).encode("latin-1")
    if len(data) > LONGEST_COMMAND:
        raise EngineError(f"a command of {len(data)} bytes is too long for rtpproxy")
    return data


def word(text: str) -> str:
    """The text itself, if it can stand in a command as one word. EngineError if not."""
    if not text or any(char <= " " for char in text):
        raise EngineError(f"'{text}' cannot be sent to rtpproxy")
    return text


def session_name(call_id: str, branch: int) -> str:
    """The call-id under which rtpproxy knows a session: with the branch, if it is for one."""
    return word(call_id if branch < 0 else f"{call_id}-{branch}")


def delete(call_id: str, from_tag: str, to_tag: str = "") -> str:
    """Release all streams of a session."""
    return " ".join(filter(None, ["D", call_id, from_tag, to_tag]))


def play(call_id: str, file: str, count: int, tag: str, other_tag: str = "") -> str:
    """Play a prompt to the owner of the first tag, `count` times (-1: for ever)."""
    return _tagged(f"P{count} {call_id} {word(file)} session", 1, tag, other_tag)


def stop_playing(call_id: str, tag: str, other_tag: str = "") -> str:
    """End a prompt."""
    return _tagged(f"S {call_id}", 1, tag, other_tag)


def query(call_id: str, tag: str, other_tag: str, names: tuple[str, ...] = ()) -> str:
    """Ask for statistics: the five usual numbers, or those named."""
    return " ".join([_tagged(f"Q {call_id}", 1, tag, other_tag), *names])


def record(call_id: str, from_tag: str, to_tag: str = "", flags: str = "") -> str:
    """Record all streams of a session."""
    return " ".join(filter(None, [f"R{flags}", call_id, from_tag, to_tag]))


def copy(call_id: str, to: str, number: int, from_tag: str, to_tag: str = "", flags: str = "") -> str:
    """Copy one stream to a file or to `udp:ip:port`."""
    return _tagged(f"C{flags} {call_id} {word(to)}", number, from_tag, to_tag)


def stop_copying(call_id: str, number: int, from_tag: str, to_tag: str) -> str:
    """End a copy."""
    return _tagged(f"N {call_id}", number, from_tag, to_tag)


def _tagged(head: str, number: int, *tags: str) -> str:
    return " ".join([head, *(f"{tag};{number}" for tag in tags if tag)])
