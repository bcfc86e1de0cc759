"""Relay nodes in memory for the simulator: they hold sessions, ports and errors as the real daemons do.

A node finds out from its first command whether it is an rtpproxy (control protocol of rtpproxy 3.2) or an
rtpengine (ng protocol of rtpengine 10.5). Framing as in rtp-relay.md 5.1 and 6.1: datagrams carry a cookie,
streams one command per line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import bencodepy

FIRST_PORT = 40000
"""The first media port that a node gives out."""


class RelayFailure(Exception):  # noqa: N818 - what the daemon answers
    """A command that the daemon refuses; the text is what it answers."""


class Daemon(Protocol):
    """One protocol: a command in, its reply out, both without cookie."""

    def answer(self, command: bytes) -> bytes:
        """The reply to a command, with the line end that belongs to the protocol."""

    def refusal(self, command: bytes, reason: str) -> bytes | None:
        """The reply that refuses it; None if this command (a probe) is answered all the same."""

    def sessions(self) -> list[str]:
        """What is held now, one line per session."""


@dataclass
class Node:
    """A relay node at a URL. `mood` is `answers`, `silent`, or `refuses` with a `reason`."""

    url: str
    host: str
    mood: str = "answers"
    reason: str = ""
    ports: int = FIRST_PORT
    daemon: Daemon | None = None
    answered: dict[bytes, bytes] = field(default_factory=dict)

    def next_port(self) -> int:
        """A media port that nobody has; the one above it is for RTCP."""
        self.ports += 2
        return self.ports - 2

    def receive(self, data: bytes) -> list[bytes]:
        """The datagrams (or chunks of the stream) that answer this one."""
        if self.mood == "silent":
            return []
        if not self.url.startswith("udp"):
            return [self._reply(line) for line in data.split(b"\n") if line]
        cookie, _, command = data.partition(b" ")
        reply = self.answered.get(cookie)
        if reply is None:
            reply = self.answered[cookie] = self._reply(command)
        return [cookie + b" " + reply]

    def sessions(self) -> list[str]:
        """What the node holds now, one line per session."""
        return self.daemon.sessions() if self.daemon is not None else []

    def _reply(self, command: bytes) -> bytes:
        if self.daemon is None:
            is_ng = re.match(rb"d\d", command) is not None
            self.daemon = Rtpengine(self) if is_ng else Rtpproxy(self)
        if self.mood == "refuses" and (refusal := self.daemon.refusal(command, self.reason)) is not None:
            return refusal
        return self.daemon.answer(command)


# ---- rtpproxy


@dataclass
class ProxySession:
    """One stream of a call. Side 0 is who offered first; `ports[n]` is where the other one sends to n."""

    tag: str
    other: str = ""
    ports: dict[int, int] = field(default_factory=dict)
    remote: dict[int, tuple[str, int]] = field(default_factory=dict)


CAPABILITIES = frozenset(
    ("20050322", "20071116", "20071218", "20080403", "20081102", "20081224", "20090810", "20150420")
)
PROXY_WORDS = {
    "U": (5, 9),
    "L": (5, 9),
    "D": (3, 4),
    "P": (5, 6),
    "S": (3, 4),
    "R": (3, 4),
    "C": (4, 5),
    "N": (3, 4),
}
PROXY_TAGS = {"U": 4, "L": 4, "D": 2, "P": 4, "S": 2, "R": 2, "C": 3, "N": 2, "Q": 2}


class Rtpproxy:
    """The command language of rtpproxy: one line in, one line out."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._calls: dict[str, list[ProxySession]] = {}

    def answer(self, command: bytes) -> bytes:
        words = command.decode("latin-1").partition("&&")[0].split()
        try:
            return self._run(words).encode("latin-1") + b"\n"
        except RelayFailure as failure:
            return f"{failure}\n".encode()

    def refusal(self, command: bytes, reason: str) -> bytes | None:
        return None if command[:1].upper() == b"V" else f"{reason or 'E72'}\n".encode()

    def sessions(self) -> list[str]:
        return [f"{call} {each.tag} {each.other}".strip() for call, held in self._calls.items() for each in held]

    def _run(self, words: list[str]) -> str:
        verb = words[0].upper() if words else ""
        if verb == "V":
            return "20040107"
        if verb == "VF":
            return str(int(words[-1] in CAPABILITIES))
        letter = verb[:1]
        if letter == "I":
            return f"sessions created: {sum(map(len, self._calls.values()))}"
        if letter == "X":
            self._calls.clear()
            return "0"
        fewest, most = PROXY_WORDS.get(letter, (3, 99) if letter == "Q" else (0, 0))
        if not most:
            raise RelayFailure("E3")
        if not fewest <= len(words) <= most:
            raise RelayFailure("E1")
        tags = words[PROXY_TAGS[letter] :][:2]
        return self._on_session(letter, words, tags[0], tags[1] if len(tags) > 1 else "")

    def _on_session(self, letter: str, words: list[str], tag: str, other: str) -> str:
        if letter in "UL":
            return self._media(letter, words, tag, other)
        if letter == "D":
            return self._delete(words[1], tag, other)
        session, _ = self._find(words[1], tag, other)
        if session is None:
            raise RelayFailure("E50")
        return "0 0 0 0 0" if letter == "Q" else "0"

    def _media(self, letter: str, words: list[str], tag: str, other: str) -> str:
        call, host, port = words[1], words[2], int(words[3]) if words[3].isdigit() else 0
        session, side = self._find(call, tag, other)
        if session is None:
            if letter == "L":
                return "0"
            session, side = ProxySession(tag), 0
            self._calls.setdefault(call, []).append(session)
        elif letter == "L":
            side = 1 - side
        session.other = session.other or (other if side == 0 or other != session.tag else tag)
        session.remote[side] = (host, port)
        if side not in session.ports:
            session.ports[side] = self._node.next_port()
        wide = " 6" if ":" in self._node.host else ""
        return f"{session.ports[side]} {self._node.host}{wide}"

    def _find(self, call: str, tag: str, other: str) -> tuple[ProxySession | None, int]:
        for session in self._calls.get(call, []):
            if session.tag == tag:
                return session, 0
            if other and same_stream(session.tag, other, tag):
                return session, 1
        return None, -1

    def _delete(self, call: str, tag: str, other: str) -> str:
        held = self._calls.get(call, [])
        left = [each for each in held if each.tag.partition(";")[0] not in (tag, other)]
        left = [each for each in left if each.tag not in (tag, other)]
        if len(left) == len(held):
            raise RelayFailure("E50")
        self._calls[call] = left
        if not left:
            del self._calls[call]
        return "0"


def same_stream(known: str, tag: str, by: str) -> bool:
    """A known tag (with stream number) is this one, which may lack the number that its companion has."""
    return known == tag or (
        ";" in known and known.partition(";")[0] == tag and known.split(";")[-1] == by.split(";")[-1]
    )


# ---- rtpengine


@dataclass
class Participant:
    """One side of a call at an rtpengine; `tag` is empty as long as its branch has not answered."""

    tag: str = ""
    branch: str = ""
    ports: dict[int, int] = field(default_factory=dict)


class Rtpengine:
    """The ng protocol of rtpengine: a bencoded dictionary in, one out."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._calls: dict[str, list[Participant]] = {}

    def answer(self, command: bytes) -> bytes:
        try:
            fields = decoded(command)
        except (ValueError, bencodepy.BencodeDecodeError):
            return ng_error("Could not decode dictionary")
        verb = fields.get("command")
        if verb == "ping":
            return encoded({"result": "pong"})
        handlers: dict[object, Callable[[dict[str, object]], dict[str, object]]] = {
            "offer": self._offer, "answer": self._answer, "delete": self._delete, "query": self._query,
        }  # fmt: skip
        handler = handlers.get(verb)
        if handler is None:
            known = str(fields.get("call-id")) in self._calls
            return encoded({"result": "ok"}) if known else ng_error("Unknown call-id")
        try:
            return encoded(handler(fields))
        except RelayFailure as failure:
            return ng_error(str(failure))

    def refusal(self, command: bytes, reason: str) -> bytes | None:
        return None if b"4:ping" in command else ng_error(reason or "Refused")

    def sessions(self) -> list[str]:
        return [f"{call} {' '.join(each.tag or '?' for each in held)}" for call, held in self._calls.items()]

    def _offer(self, fields: dict[str, object]) -> dict[str, object]:
        call, tag = str(fields.get("call-id", "")), str(fields.get("from-tag", ""))
        if not call or not tag:
            raise RelayFailure("No call-id in message" if not call else "No from-tag in message")
        held = self._calls.setdefault(call, [])
        return self._rewritten(self._participant(held, tag, ""), fields)

    def _answer(self, fields: dict[str, object]) -> dict[str, object]:
        call, tag = str(fields.get("call-id", "")), str(fields.get("to-tag", ""))
        if call not in self._calls:
            raise RelayFailure("Unknown call-id")
        if not tag:
            raise RelayFailure("No to-tag in message")
        branch = str(fields.get("via-branch", ""))
        return self._rewritten(self._participant(self._calls[call], tag, branch), fields)

    def _participant(self, held: list[Participant], tag: str, branch: str) -> Participant:
        for each in held:
            if each.tag == tag and (not branch or each.branch in ("", branch)):
                return each
        held.append(made := Participant(tag, branch))
        return made

    def _delete(self, fields: dict[str, object]) -> dict[str, object]:
        call, branch = str(fields.get("call-id", "")), str(fields.get("via-branch", ""))
        held = self._calls.get(call)
        if held is None:
            return {"result": "ok", "warning": "Call-ID not found or tags didn't match"}
        if branch and "from-tag" in fields:
            held[:] = [each for each in held if each.branch != branch]
        if len(held) < 2 or not branch or "from-tag" not in fields:
            del self._calls[call]
        return {"result": "ok"}

    def _query(self, fields: dict[str, object]) -> dict[str, object]:
        held = self._calls.get(str(fields.get("call-id", "")))
        if held is None:
            raise RelayFailure("Unknown call-id")
        return {"result": "ok", "tags": {each.tag: {} for each in held if each.tag}}

    def _rewritten(self, author: Participant, fields: dict[str, object]) -> dict[str, object]:
        replace = fields.get("replace")
        origin = isinstance(replace, list) and "origin" in replace
        protocol = str(fields.get("transport-protocol", ""))
        family = "IP6" if ":" in self._node.host else "IP4"
        address = f"{family} {self._node.host}"
        lines: list[str] = []
        stream = -1
        for line in str(fields.get("sdp", "")).replace("\r\n", "\n").rstrip("\n").split("\n"):
            if line.startswith("m="):
                stream += 1
                lines.append(self._media(author, stream, line, protocol))
            elif line.startswith("c="):
                lines.append(f"c=IN {address}")
            elif line.startswith("o=") and origin:
                lines.append(" ".join(line.split(" ")[:3]) + f" IN {address}")
            else:
                lines.append(line)
        return {"result": "ok", "sdp": "\r\n".join([*lines, ""])}

    def _media(self, author: Participant, stream: int, line: str, protocol: str) -> str:
        words = line.split(" ")
        if len(words) < 3 or words[1] == "0":
            return line
        if stream not in author.ports:
            author.ports[stream] = self._node.next_port()
        words[1] = str(author.ports[stream])
        words[2] = protocol or words[2]
        return " ".join(words)


def ng_error(reason: str) -> bytes:
    """An ng reply that refuses."""
    return encoded({"result": "error", "error-reason": reason})


def encoded(fields: dict[str, object]) -> bytes:
    """A dictionary as bencode; byte text goes out byte for byte."""

    def raw(value: object) -> object:
        if isinstance(value, str):
            return value.encode("latin-1", "replace")
        if isinstance(value, dict):
            return {name: raw(each) for name, each in value.items()}
        return value

    return bytes(bencodepy.encode(raw(fields)))


def decoded(data: bytes) -> dict[str, object]:
    """A bencoded dictionary with its strings as byte text. Raises ValueError if it is none."""

    def text(value: object) -> object:
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, list):
            return [text(each) for each in value]
        if isinstance(value, dict):
            return {text(name): text(each) for name, each in value.items()}
        return value

    found = text(bencodepy.decode(data))
    if not isinstance(found, dict):
        raise ValueError("not a dictionary")
    return {str(name): value for name, value in found.items()}
