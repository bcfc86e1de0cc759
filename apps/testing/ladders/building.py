"""Makes the rows of a ladder from recorded events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from relayscript.apps.simulator.relays import command_in
from relayscript.apps.testing.ladders.readable import readable
from relayscript.apps.testing.ladders.rows import PROXY, Arrow, Kind, Ladder, Line, Note, Row
from relayscript.apps.testing.questions import Questions
from relayscript.apps.testing.recorder import Event, Fired, Flow, Logged, Ran, RelaySeen, Result, Said, SipSeen
from relayscript.apps.testing.useragent import media_of
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address


def ladder_of(
    events: Iterable[Event],
    name_of: Callable[[Address], str],
    sources: Mapping[str, str],
    title: str = "",
    columns: tuple[str, ...] = (),
    relay_name: Callable[[str], str] = str,
) -> Ladder:
    """The ladder of what was recorded.

    `name_of` gives the party at an address, `relay_name` the lifeline of a relay node (its URL if nothing else is
    said). `sources` has the byte text of the script files, to show the lines that ran. `columns` come in that order;
    without them the parties stand as they appear, the proxy after the first of them, relay nodes at the right.
    """
    building = _Building(name_of, sources, relay_name)
    rows = tuple(row for event in events for row in building.rows(event))
    return Ladder(readable(title), columns or columns_of(rows), rows, tuple(map(readable, building.calls)))


def columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """The lifelines in a good order: first party, proxy, other parties, relay nodes."""
    parties: dict[str, None] = {}
    relays: dict[str, None] = {}
    for row in rows:
        if isinstance(row, Arrow) and row.kind is not Kind.SOUND:
            for name in (row.source, row.destination):
                (relays if row.kind is Kind.RELAY else parties).setdefault(name)
    names = [name for name in parties if name != PROXY]
    return (*names[:1], PROXY, *names[1:], *(name for name in relays if name != PROXY))


class _Building:
    def __init__(
        self, name_of: Callable[[Address], str], sources: Mapping[str, str], relay_name: Callable[[str], str]
    ) -> None:
        self._name_of, self._relay_name = name_of, relay_name
        self._sources = {file: text.split("\n") for file, text in sources.items()}
        self._questions = Questions()
        self._originals: dict[tuple[str, str, str], list[str]] = {}
        self._seen: set[tuple[bool, Address, bytes]] = set()
        self.calls: dict[str, int] = {}

    def rows(self, event: Event) -> Iterator[Row]:
        """The rows of one event."""
        match event:
            case SipSeen():
                yield self._sip(event)
            case RelaySeen():
                yield from self._relay(event)
            case Ran():
                yield from self._script(event)
            case Logged():
                yield from self._notes(event.time, Kind.LOG, event.text.rstrip("\n").split("\n"))
            case Flow():
                label = f"{event.packets} RTP packets"
                yield Arrow(event.time, Kind.SOUND, event.source, event.destination, label)
            case Fired():
                yield from self._notes(event.time, Kind.TIMER, [str(event)])
            case Said():
                yield from self._notes(event.time, Kind.SAID, [event.text])
            case Result():
                yield from self._notes(event.time, Kind.RESULT, event.lines)

    @staticmethod
    def _notes(time: float, kind: Kind, lines: Iterable[str]) -> Iterator[Row]:
        return (Note(time, kind, readable(line)) for line in lines)

    def _script(self, event: Ran) -> Iterator[Row]:
        lines = self._sources.get(event.file, [])
        for number in dict.fromkeys(event.lines):
            text = f"  {lines[number - 1].strip()}" if number <= len(lines) else ""
            yield Note(event.time, Kind.SCRIPT, readable(f"{number:3}{text}"))

    # ---- relays

    def _relay(self, event: RelaySeen) -> Iterator[Row]:
        text = event.text.strip()
        if self._questions.has(event) or not text:
            return
        node = readable(self._relay_name(event.node))
        ends = (PROXY, node) if event.sent else (node, PROXY)
        lines = tuple(Line(" ", readable(line)) for line in text.replace("\r\n", "\n").split("\n"))
        yield Arrow(event.time, Kind.RELAY, *ends, self._command(text), lines)

    @staticmethod
    def _command(text: str) -> str:
        """What a command or reply says in short: the first line, or the word of the ng protocol."""
        if text.startswith("d") and text[1:2].isdigit():
            word = command_in(text.encode("latin-1", "replace"))
            return readable(word) if "7:command" in text else readable(result_in(text))
        return readable(text.split("\n")[0])

    # ---- SIP

    def _sip(self, event: SipSeen) -> Row:
        party = readable(self._name_of(event.address))
        party = f"{party} (party)" if party == PROXY else party
        ends = (PROXY, party) if event.sent else (party, PROXY)
        again = (event.sent, event.address, event.data) in self._seen
        self._seen.add((event.sent, event.address, event.data))
        try:
            message = Message.parse(event.data)
        except SipError:
            text = "not SIP"
            lines = (Line(" ", readable(event.data.decode("latin-1"))),)
            return Arrow(event.time, Kind.JUNK, *ends, text, lines, again=again)
        kind = Kind.REQUEST if message.is_request else Kind.REPLY if message.status < 300 else Kind.FAILURE
        call = self.calls.setdefault(message.call_id, len(self.calls) + 1) if message.call_id else 0
        return Arrow(event.time, kind, *ends, labelled(message), self._lines(event, message), call, again)

    def _lines(self, event: SipSeen, message: Message) -> tuple[Line, ...]:
        """The message, marked with what was changed since it came in."""
        lines = event.data.decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
        key = (message.call_id, message.header("cseq") or "", str(message.status or message.method))
        if not event.sent:
            self._originals.setdefault(key, lines)
            return tuple(Line(" ", readable(line)) for line in lines)
        return tuple(marked(self._originals.get(key, lines), lines))


def labelled(message: Message) -> str:
    """A message in short: the method or the status, and the port of its session description."""
    label = message.method if message.is_request else f"{message.status} {message.reason}"
    try:
        media = media_of(message.body)
    except (ValueError, IndexError):
        media = None
    return readable(f"{label}, sdp port {media[1]}" if media else label)


def result_in(text: str) -> str:
    """What a reply of the ng protocol says: the text after its key `result`."""
    _, mark, rest = text.partition("6:result")
    length, colon, value = rest.partition(":")
    return value[: int(length)] if mark and colon and length.isdigit() else text


def marked(before: list[str], after: list[str]) -> Iterator[Line]:
    """The lines of a message beside those it was made from, in order."""
    for operation, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            yield from (Line(" ", readable(line)) for line in after[k:m])
        else:
            yield from (Line("-", readable(line)) for line in before[i:j])
            yield from (Line("+", readable(line)) for line in after[k:m])
