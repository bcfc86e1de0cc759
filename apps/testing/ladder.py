"""Ladders: recorded events as arrows between lifelines, with the script lines that ran beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from rich.text import Text

from relayscript.apps.testing.recorder import Event, Flow, Logged, Ran, RelaySeen, Result, Said, SipSeen
from relayscript.apps.testing.useragent import media_of
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

STYLES = {
    "request": "bold cyan",
    "reply": "green",
    "failure": "red",
    "relay": "magenta",
    "script": "dim",
    "log": "yellow",
    "sound": "bold blue",
}
INDENT = 9


class Ladder:
    """Draws events between columns: names from left to right, `proxy` and `relay` among them.

    `sources` has the text of the script files, to show the lines that ran.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        name_of: Callable[[Address], str],
        sources: Mapping[str, str],
        gap: int = 27,
    ) -> None:
        self._columns = columns
        self._name_of = name_of
        self._sources = {file: text.split("\n") for file, text in sources.items()}
        self._gap = gap

    def draw(self, events: Iterable[Event]) -> Iterator[Text]:
        """The rows of the ladder, the names first."""
        yield self._head()
        for event in events:
            if isinstance(event, SipSeen):
                yield self._sip(event)
            elif isinstance(event, RelaySeen):
                yield from self._relay(event)
            elif isinstance(event, Ran):
                yield from self._script(event)
            elif isinstance(event, Logged):
                yield self._beside(f"log: {event.text.strip()}", "log")
            elif isinstance(event, Flow):
                yield self._arrow(event.time, event.source, event.destination, f"{event.packets} RTP packets", "sound")
            elif isinstance(event, Said):
                yield Text(f"{event.time:7.3f}  {event.text}", style="bold")
            elif isinstance(event, Result):
                yield from (self._beside(line, "log") for line in event.lines)

    def _head(self) -> Text:
        return Text(
            " " * (INDENT - 3) + "".join(name.ljust(self._gap) for name in self._columns).rstrip(),
            style="bold",
        )

    def _sip(self, event: SipSeen) -> Text:
        party = self._name_of(event.address)
        ends = ("proxy", party) if event.sent else (party, "proxy")
        try:
            message = Message.parse(event.data)
        except SipError:
            return self._arrow(event.time, *ends, "not SIP", "failure")
        label = message.method if message.is_request else f"{message.status} {message.reason}"
        media = media_of(message.body)
        style = "request" if message.is_request else "reply" if message.status < 300 else "failure"
        return self._arrow(event.time, *ends, f"{label}, sdp port {media[1]}" if media else label, style)

    def _relay(self, event: RelaySeen) -> Iterator[Text]:
        ends = ("proxy", "relay") if event.sent else ("relay", "proxy")
        text = event.text.strip()
        if text:
            yield self._arrow(event.time, *ends, text.split("\n")[0], "relay")

    def _script(self, event: Ran) -> Iterator[Text]:
        lines = self._sources.get(event.file, [])
        for number in dict.fromkeys(event.lines):
            if number <= len(lines):
                yield self._beside(f"{number:3}  {lines[number - 1].strip()}", "script")

    def _beside(self, text: str, style: str) -> Text:
        """Text to the right of the proxy's lifeline."""
        place = INDENT + self._gap * self._columns.index("proxy")
        row = Text(self._lifelines()[: place + 1].ljust(place + 3))
        row.append(text, style=STYLES[style])
        return row

    def _arrow(self, time: float, source: str, destination: str, label: str, style: str) -> Text:
        left, right = (self._place(source), self._place(destination))
        forward = left < right
        left, right = min(left, right), max(left, right)
        room = right - left - 1
        label = label if len(label) <= room - 6 else f"{label[: room - 7]}…"
        line = f"── {label} ".ljust(room - 1, "─")
        shaft = f"{line}▶" if forward else f"◀{line}"
        base = self._lifelines()
        row = Text(f"{time:7.3f}{base[7 : left + 1]}")
        row.append(shaft, style=STYLES[style])
        row.append(base[right:])
        return row

    def _place(self, name: str) -> int:
        at = self._columns.index(name) if name in self._columns else len(self._columns) - 1
        return INDENT + self._gap * at

    def _lifelines(self) -> str:
        return " " * INDENT + "".join("│".ljust(self._gap) for _ in self._columns).rstrip()
