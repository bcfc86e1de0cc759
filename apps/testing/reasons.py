"""Why a call ended as it did: the conditions that were asked on the way to its final reply, and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from relayscript.apps.testing.expecting import shown
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.recorder import Event, Judged, Logged, Recorder, SipSeen
from relayscript.dsl import nodes
from relayscript.dsl.source import Span
from relayscript.dsl.visitor import walk
from relayscript.interpreter.context import Context
from relayscript.interpreter.marks import Mark, Truth
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.transport import Address

TRUTHS = {True: "true", False: "false"}


class Reasons:
    """An `interpreter.marks.Marks` that has each condition recorded, with the values of its variables."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None

    def record(self, player: Player) -> None:
        """From now on, have what is asked recorded by this player."""
        self._recorder = player.recorder

    def begin(self, script: nodes.Script) -> None:
        """Nothing has to be known beforehand."""

    def mark(self, node: nodes.Condition) -> Mark:
        """The mark of a condition; those that are made of others say nothing that their parts do not."""
        if isinstance(node, nodes.Logical | nodes.Not):
            return lambda context, truth: truth
        variables = {each.raw: each for each in walk(node) if isinstance(each, nodes.Variable) and each.raw}

        def note(context: Context, truth: Truth) -> Truth:
            if self._recorder is not None:
                registry = context.runtime.registry
                values = tuple((raw, shown(registry.access(each)[0](context))) for raw, each in variables.items())
                route = context.stack[-1] if context.stack else ""
                self._recorder.judged(node.span, route, context.message.call_id, truth > 0, values)
            return truth

        return note


@dataclass(frozen=True, slots=True)
class Why:
    """Tells of one call. `name_of` gives the party at an address, `text_of` the script's text of a place."""

    call_id: str
    name_of: Callable[[Address], str]
    text_of: Callable[[Span], str]

    def rows(self, events: Iterable[Event]) -> Iterator[str]:
        """One line for each message, condition and log line up to the last final reply to the caller."""
        mine = list(self._mine(events))
        begun = next((message.method for _, message in mine if message is not None and message.is_request), "")
        finals = [index for index, (event, message) in enumerate(mine) if is_final(event, message, begun)]
        route = ""
        for event, message in mine[: finals[-1] + 1] if finals else mine:
            if isinstance(event, Judged):
                if event.route != route:
                    yield f"{'':>8}    in {event.route}"
                route = event.route
                yield self._condition(event)
            elif isinstance(event, Logged):
                yield f"{'':>8}      log: {event.text.rstrip()}"
            elif message is not None and isinstance(event, SipSeen):
                route = ""
                arrow = "<-" if event.sent else "->"
                what = f"{message.status} {message.reason} ({message.method})" if message.status else message.first_line
                yield f"{event.time:8.3f}  {self.name_of(event.address)} {arrow} {what}"
        if not finals:
            yield f"the call {self.call_id} had no final reply"

    def _mine(self, events: Iterable[Event]) -> Iterator[tuple[Event, Message | None]]:
        judging = False
        for event in events:
            if isinstance(event, SipSeen):
                message = parsed(event.data)
                judging = message is not None and message.call_id == self.call_id
                if judging:
                    yield event, message
            elif isinstance(event, Judged):
                judging = event.call_id == self.call_id
                if judging:
                    yield event, None
            elif judging and isinstance(event, Logged):
                yield event, None

    def _condition(self, event: Judged) -> str:
        values = ", ".join(f"{name} is {value}" for name, value in event.values)
        place = f"{event.span.file.rpartition('/')[2]}:{event.span.line}"
        outcome = f"{TRUTHS[event.truth]}  ({values})" if values else TRUTHS[event.truth]
        return f"{'':>8}      {place}: {self.text_of(event.span)}  {outcome}"


def is_final(event: Event, message: Message | None, method: str) -> bool:
    """A final reply to a request of that method, that was sent."""
    if message is None or not isinstance(event, SipSeen):
        return False
    return event.sent and message.status >= 200 and message.method == method


def parsed(data: bytes) -> Message | None:
    """The message; None if it is none."""
    try:
        return Message.parse(data)
    except SipError:
        return None
