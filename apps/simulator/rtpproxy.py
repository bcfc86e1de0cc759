"""An rtpproxy in memory: the command language of rtpproxy 3.2, one line in, one line out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


class Refused(Exception):  # noqa: N818 - what it answers
    """A command that the daemon refuses; the text is what it answers."""


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
    """Sessions, and the replies to commands. `next_port` gives a media port that nobody has."""

    def __init__(self, host: str, next_port: Callable[[], int]) -> None:
        self._host = host
        self._next_port = next_port
        self._calls: dict[str, list[ProxySession]] = {}

    def answer(self, command: bytes) -> bytes:
        words = command.decode("latin-1").partition("&&")[0].split()
        try:
            return self._run(words).encode("latin-1") + b"\n"
        except Refused as failure:
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
            raise Refused("E3")
        if not fewest <= len(words) <= most:
            raise Refused("E1")
        tags = words[PROXY_TAGS[letter] :][:2]
        return self._on_session(letter, words, tags[0], tags[1] if len(tags) > 1 else "")

    def _on_session(self, letter: str, words: list[str], tag: str, other: str) -> str:
        if letter in "UL":
            return self._media(letter, words, tag, other)
        if letter == "D":
            return self._delete(words[1], tag, other)
        session, _ = self._find(words[1], tag, other)
        if session is None:
            raise Refused("E50")
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
            session.ports[side] = self._next_port()
        wide = " 6" if ":" in self._host else ""
        return f"{session.ports[side]} {self._host}{wide}"

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
            raise Refused("E50")
        self._calls[call] = left
        if not left:
            del self._calls[call]
        return "0"


def same_stream(known: str, tag: str, by: str) -> bool:
    """A known tag (with stream number) is this one, which may lack the number that its companion has."""
    return known == tag or (
        ";" in known and known.partition(";")[0] == tag and known.split(";")[-1] == by.split(";")[-1]
    )
