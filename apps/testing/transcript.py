"""Transcripts: what happened to a script as text, the same from run to run.

A transcript is in the line language: times stand in front, messages are statements, and what the script
did (lines run, log, relay commands, changes of a message) stands behind `|`, which begins a comment. So it
can be read back as a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator

from relayscript.apps.serving.logline import LEVELS
from relayscript.apps.testing.actor import shown_media
from relayscript.apps.testing.naming import Namer
from relayscript.apps.testing.questions import Questions
from relayscript.apps.testing.recorder import Event, Fired, Flow, Logged, Ran, RelaySeen, Result, Said, SipSeen
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

MARGIN = "|   "
TAG = re.compile(r";\s*tag\s*=\s*([^;,\s>]+)")
"""The tag in a From or To."""

MECHANICAL = frozenset(("via", "from", "to", "call-id", "cseq", "content-length", "max-forwards", "server"))
"""Headers that every message has; those of a message made by the server are not shown."""


def ranges(numbers: Iterable[int]) -> str:
    """Line numbers in the order they ran, neighbours joined: `4 7-9 7`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1]:
            continue
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


class Transcript:
    """Writes recorded events as text. `name_of` gives the party at an address."""

    def __init__(self, name_of: Callable[[Address], str], known_tags: Container[str] = frozenset()) -> None:
        self._name_of = name_of
        self._namer = Namer(known_tags)
        self._originals: dict[tuple[str, ...], list[str]] = {}
        self._questions = Questions()

    def text(self, events: Iterable[Event]) -> str:
        """All events, each line ended."""
        return "".join(f"{row}\n" for row in self._timed(events))

    def _timed(self, events: Iterable[Event]) -> Iterator[str]:
        """All rows with their time in front, in seconds; what belongs to the row above has none."""
        last = -1.0
        for event in events:
            for row in self.rows(event):
                beside = row.startswith(MARGIN) and event.time == last
                yield f"{'' if beside else f'{event.time:.3f}':>8}  {row}".rstrip()
                last = event.time

    def rows(self, event: Event) -> Iterator[str]:
        """The lines for one event, without their time."""
        if isinstance(event, SipSeen):
            yield from self._message(event)
        elif isinstance(event, Said):
            yield f"| {event.text}" if event.done else event.text
        elif isinstance(event, Fired):
            yield f"{MARGIN}{event}"
        elif isinstance(event, Result):
            yield from (f"{MARGIN}= {self._namer.text(line)}" for line in event.lines)
        elif isinstance(event, RelaySeen):
            yield from self._relay(event)
        elif isinstance(event, Logged):
            level = LEVELS.get(event.level, "DBG").lower()
            yield from (f"{MARGIN}{level}: {self._namer.text(line)}" for line in event.text.rstrip("\n").split("\n"))
        elif isinstance(event, Flow):
            yield f"| {event.source} -> {event.destination} {event.packets} RTP packets"
        elif isinstance(event, Ran):
            yield f"{MARGIN}{event.file.rpartition('/')[2]}: {ranges(event.lines)}"

    def _relay(self, event: RelaySeen) -> Iterator[str]:
        if self._questions.has(event):
            return
        first, *more = event.text.replace("\r\n", "\n").rstrip("\n").split("\n")
        yield f"{MARGIN}{event.node} {'<' if event.sent else '>'} {self._namer.text(first)}"
        yield from (f"{MARGIN}      {self._namer.text(line)}" for line in more)

    def _message(self, event: SipSeen) -> Iterator[str]:
        party = self._name_of(event.address)
        arrow = "<-" if event.sent else "->"
        try:
            message = Message.parse(event.data)
        except SipError:
            yield f"| {party} {arrow} {len(event.data)} bytes that are not SIP"
            return
        yield f"{party} {arrow} {self._start(message)}"
        key = origin(message)
        lines = content(message)
        if event.sent:
            yield from (f"{MARGIN}{row}" for row in self._changes(self._originals.get(key), lines, message))
        else:
            self._originals.setdefault(key, lines)

    def _start(self, message: Message) -> str:
        media = shown_media(message.body)
        words = [f"{message.method} {message.uri}"] if message.is_request else [f"{message.status} {message.method}"]
        return " ".join([*map(self._namer.text, words), *((f"sdp={media}",) if media else ())])

    def _changes(self, original: list[str] | None, lines: list[str], message: Message) -> Iterator[str]:
        """What a message has more (`+`) and less (`-`) than the one it was made from."""
        if original is None:
            made = (line for line, key in zip(message.lines, message.keys, strict=True) if key not in MECHANICAL)
            yield from (f"+ {self._namer.text(line)}" for line in made)
            return
        yield from (f"- {self._namer.text(line)}" for line in missing(original, lines))
        yield from (f"+ {self._namer.text(line)}" for line in missing(lines, original))


def origin(message: Message) -> tuple[str, ...]:
    """What a message has in common with the one that it was made from: the call, the sides, the request."""
    tags = [TAG.search(message.header(name) or "") for name in ("from", "to")]
    sides = (each[1] if each else "" for each in tags)
    return (message.call_id, message.header("cseq") or "", str(message.status or message.method), *sides)


def content(message: Message) -> list[str]:
    """Header and body lines, without the length of the body and without what the topmost hop knows."""
    lines = [line for line, key in zip(message.lines, message.keys, strict=True) if key != "content-length"]
    return [*lines, *(line for line in message.body.split("\r\n") if line)]


def missing(lines: list[str], others: list[str]) -> list[str]:
    """The lines that the others do not have, as often as they lack them."""
    left = list(others)
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            found.append(line)
    return found
