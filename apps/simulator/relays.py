"""Relay nodes in memory for the simulator: they hold sessions, ports and errors as the real daemons do.

A node finds out from its first command whether it is an rtpproxy (control protocol of rtpproxy 3.2) or an
rtpengine (ng protocol of rtpengine 10.5). Framing as in rtp-relay.md 5.1 and 6.1: datagrams carry a cookie,
streams one command per line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from relayscript.apps.simulator.rtpengine import Rtpengine
from relayscript.apps.simulator.rtpproxy import Rtpproxy

FIRST_PORT, LAST_PORT = 40000, 65534
"""The media ports that a node gives out, one after the other and then from the start."""

REMEMBERED = 1000
"""How many replies a node keeps for commands that are repeated."""


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
    """A relay node at a URL.

    `mood` is `answers`, `silent`, `refuses` with a `reason`, or `dies` at the first command named by `reason`
    (offer, answer or delete), which makes it silent. Its replies take `delay` seconds.
    """

    url: str
    host: str
    mood: str = "answers"
    reason: str = ""
    delay: float = 0.0
    ports: int = FIRST_PORT
    daemon: Daemon | None = None
    answered: dict[bytes, bytes] = field(default_factory=dict)

    def next_port(self) -> int:
        """A media port that nobody has; the one above it is for RTCP."""
        port = self.ports
        self.ports = port + 2 if port < LAST_PORT else FIRST_PORT
        return port

    def receive(self, data: bytes) -> list[bytes]:
        """The datagrams (or chunks of the stream) that answer this one."""
        if not self.url.startswith("udp"):
            return [self._reply(line) for line in data.split(b"\n") if line and not self._keeps_silent(line)]
        cookie, _, command = data.partition(b" ")
        if self._keeps_silent(command):
            return []
        reply = self.answered.get(cookie)
        if reply is None:
            reply = self.answered[cookie] = self._reply(command)
            if len(self.answered) > REMEMBERED:
                del self.answered[next(iter(self.answered))]
        return [cookie + b" " + reply]

    def sessions(self) -> list[str]:
        """What the node holds now, one line per session."""
        return self.daemon.sessions() if self.daemon is not None else []

    def _keeps_silent(self, command: bytes) -> bool:
        if self.mood == "dies" and command_in(command) == self.reason:
            self.mood = "silent"
        return self.mood == "silent"

    def _reply(self, command: bytes) -> bytes:
        if self.daemon is None:
            is_ng = re.match(rb"d\d", command) is not None
            self.daemon = Rtpengine(self.host, self.next_port) if is_ng else Rtpproxy(self.host, self.next_port)
        if self.mood == "refuses" and (refusal := self.daemon.refusal(command, self.reason)) is not None:
            return refusal
        return self.daemon.answer(command)


_LETTERS = {b"U": "offer", b"L": "answer", b"D": "delete"}


def command_in(data: bytes) -> str:
    """What a command without cookie asks for: `offer`, `answer`, `delete`, or another word of its protocol."""
    if (found := re.search(rb"7:command(\d+):", data)) is not None:
        return data[found.end() : found.end() + int(found[1])].decode("latin-1")
    letter = data[:1].upper()
    return _LETTERS.get(letter, letter.decode("latin-1"))
