"""Tells what has happened since the last time, in the words of transcripts but without every header line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.recorder import Event, Judged, Logged, Ran, Said
from relayscript.apps.testing.transcript import Transcript
from relayscript.sip.transport import Address

_CHANGES = re.compile(r"^ *[\d.]* *\|   [-+] ")
_INTERNAL = "internal error"


class Tags:
    """The tags that the parties of a player have chosen so far."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def __contains__(self, tag: object) -> bool:
        calls = (call for actor in self._player.actors.values() for call in actor.agent.calls.values())
        return tag in self._player.actors or any(tag == call.local.rpartition("tag=")[2] for call in calls)


class Telling:
    """What one player records, a part at a time."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._told = len(player.recorder.events)
        self._transcript = Transcript(self._name_of, Tags(player))

    def _name_of(self, address: Address) -> str:
        actors = self._player.actors.items()
        return next((name for name, actor in actors if actor.agent.address == address), f"{address[0]}:{address[1]}")

    def news(self, typed: str = "") -> list[str]:
        """The lines for what is new; the statement that was typed is not said again."""
        events = self._player.recorder.events[self._told :]
        self._told += len(events)
        fresh = (each for each in joined(events) if not (isinstance(each, Said) and each.text == typed))
        rows = self._transcript.text(fresh).splitlines()
        return list(counted(readable(row) for row in rows if not _CHANGES.match(row)))


def counted(rows: Iterable[str]) -> Iterator[str]:
    """The rows; of several alike, one behind the other, the first and how many there are."""
    for text, group in groupby(rows, key=lambda row: row[8:]):
        alike = list(group)
        yield f"{alike[0]}  ({len(alike)} times)" if alike[1:] and text.strip() else alike[0]


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """Events as people like to read them: lines of the script that ran one after the other in one piece."""
    running: Ran | None = None
    for event in events:
        if isinstance(event, Judged):
            continue
        if isinstance(event, Ran):
            if running is not None and running.file == event.file and running.time == event.time:
                running.lines.extend(event.lines)
                continue
            if running is not None:
                yield running
            running = Ran(event.time, event.file, list(event.lines))
            continue
        if running is not None:
            yield running
            running = None
        yield _short(event) if isinstance(event, Logged) else event
    if running is not None:
        yield running


def _short(event: Logged) -> Logged:
    """A mistake of ours without its traceback."""
    if not event.text.startswith(_INTERNAL):
        return event
    lines = event.text.rstrip("\n").split("\n")
    return replace(event, text=f"{lines[0]} {lines[-1]}")
