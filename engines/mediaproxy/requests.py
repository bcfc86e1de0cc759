"""Requests to a dispatcher of mediaproxy, and its replies (reference 6.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from relayscript.engines.contract import Exchange, Session
from relayscript.engines.errors import EngineError

_PORT = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class AnnouncedStream:
    """A stream as its author announced it."""

    media: str
    host: str
    port: int
    direction: str
    ice: bool

    def __str__(self) -> str:
        return f"{self.media}:{self.host}:{self.port}:{self.direction}:ice={'yes' if self.ice else 'no'}"


@dataclass(frozen=True, slots=True)
class RelayPorts:
    """Where a relay listens for the announced streams; port 0: not active."""

    host: str
    ports: tuple[int, ...]


def update(session: Session, exchange: Exchange, streams: Iterable[AnnouncedStream]) -> bytes:
    """Give the streams of one side; offer and answer are paired by the cseq of their request."""
    from_tag, to_tag = exchange.from_tag, exchange.to_tag
    if exchange.in_reply:
        from_tag, to_tag = to_tag, from_tag
    return _request(
        "update",
        {
            "type": "reply" if exchange.in_reply else "request",
            "dialog_id": decimal_dialog_id(exchange.dialog_id),
            "call_id": session_name(session),
            "cseq": exchange.cseq.split(" ")[0] or "1",
            "from_uri": _bare(exchange.from_uri),
            "to_uri": _bare(exchange.to_uri),
            "from_tag": from_tag,
            "to_tag": to_tag,
            "user_agent": exchange.user_agent or "unknown agent",
            "signaling_ip": exchange.source.strip("[]"),
            "media_relay": exchange.out_iface or exchange.in_iface,
            "media": ",".join(map(str, streams)),
        },
    )


def remove(session: Session) -> bytes:
    """End a session."""
    names = {"call_id": session_name(session), "from_tag": session.from_tag, "to_tag": session.to_tag}
    return _request("remove", names)


def parse_update_reply(reply: bytes, streams: int) -> RelayPorts:
    """Read `ip port port ...`. EngineError if it is an error or does not fit the number of streams."""
    host, *ports = reply.decode("latin-1").split() or [""]
    if host == "error" or not host:
        raise EngineError("the dispatcher of mediaproxy refuses")
    if len(ports) != streams or not all(_PORT.fullmatch(port) for port in ports):
        raise EngineError(f"strange reply '{reply.decode('latin-1')}'")
    return RelayPorts(host, tuple(map(int, ports)))


def session_name(session: Session) -> str:
    """The call-id under which mediaproxy knows a session: with the branch, if it is for one."""
    return session.call_id if session.branch < 0 else f"{session.call_id}-{session.branch}"


def decimal_dialog_id(did: str) -> str:
    """The number that mediaproxy is given for a dialog: hash entry << 32 | hash id; "" for no dialog."""
    entry, mark, number = did.partition(".")
    try:
        return str(int(entry[::-1], 16) << 32 | int(number[::-1], 16)) if mark else ""
    except ValueError:
        return ""


def _request(name: str, headers: Mapping[str, str]) -> bytes:
    lines = [name, *(f"{key}: {value}" for key, value in headers.items() if value), "", ""]
    if any("\r" in line or "\n" in line for line in lines):
        raise EngineError("a value cannot be sent to mediaproxy")
    return "\r\n".join(lines).encode("latin-1")


def _bare(uri: str) -> str:
    bare = re.sub(r"^sips?:", "", uri, flags=re.IGNORECASE).partition(";")[0]
    return bare or "unknown"
