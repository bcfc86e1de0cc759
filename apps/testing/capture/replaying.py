"""Plays what came to a recorded proxy against a script, on the virtual clock at the recorded times.

What the recorded proxy made up (branches, tags, ids of dialogs) comes back in later messages of the capture. These
are translated: as soon as a message of the script is known to be the one that the proxy sent then, each value of the
one stands for that of the other.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.capture.circumstances import Circumstances
from relayscript.apps.testing.capture.comparing import Comparison, Sent
from relayscript.apps.testing.capture.proxy import Proxy, local_addresses, moved, socket_for
from relayscript.apps.testing.capture.reading import Capture, Carried
from relayscript.apps.testing.capture.report import TOLERANCE, Kind, Pair, Report, misplaced
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.apps.testing.player import Player
from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import ScriptError, Severity
from relayscript.dsl.parser import parse_file
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.timers import Timers
from relayscript.sip.transport import Address, Listener


def replay(capture: Capture, proxy: Proxy, script: Path, around: Circumstances) -> tuple[Report, Player]:
    """Play a capture against a script; what differs, and who has recorded what happened now.

    Raises ScriptError, OSError, and ScenarioFailure from `prepare`.
    """
    messages = [each for each in capture.messages if proxy.gets(each) or proxy.sends(each)]
    host = VirtualHost()
    start = messages[0].time - around.lead
    host.epoch, host.ids = start, around.ids
    runtime = Runtime(_parsed(script, messages, proxy), host, target=around.target, mocks=around.mocks)
    player = Player(runtime, host, trace=around.lines)
    around.prepare(player)
    replaying = _Replay(messages, proxy, host.timers, start, around)
    runtime.observers.append(replaying)
    try:
        replaying.run(host, runtime, player)
    finally:
        runtime.stop()
    return replaying.report(capture, proxy), player


def _parsed(script: Path, messages: list[Carried], proxy: Proxy) -> nodes.Script:
    """The script at the addresses of the proxy. Raises ScriptError, OSError."""
    parsed = parse_file(str(script))
    if parsed.script is None or any(each.severity is Severity.ERROR for each in parsed.diagnostics):
        raise ScriptError(parsed.with_chain(parsed.diagnostics))
    return moved(parsed.script, local_addresses(messages, proxy))


@dataclass(slots=True)
class _Open:
    """Messages that the proxy sent then and the script has not sent yet: by key and Call-ID; those of calls that the
    proxy made itself by key alone as well."""

    by_call: dict[tuple[object, str], list[Sent]] = field(default_factory=dict)
    made: dict[object, list[Sent]] = field(default_factory=dict)

    def add(self, sent: Sent, is_made: bool) -> None:
        """The proxy sent it; `is_made`: its Call-ID came in no message before."""
        self.by_call.setdefault((sent.key, sent.message.call_id), []).append(sent)
        if is_made:
            self.made.setdefault(sent.key, []).append(sent)

    def take(self, now: Sent, comparison: Comparison) -> Sent | None:
        """The one that this is; of several the one with the same Request-URI, or the first."""
        fit = self.by_call.get((now.key, comparison.pairs.was(now.message.call_id)), [])
        if not fit and comparison.is_made(now):
            fit = self.made.get(now.key, [])
        if not fit:
            return None
        found = next((each for each in fit if each.message.uri == now.message.uri), fit[0])
        self.by_call[found.key, found.message.call_id].remove(found)
        if found in self.made.get(found.key, []):
            self.made[found.key].remove(found)
        return found

    def left(self) -> list[Sent]:
        """Those that were not taken."""
        return [each for waiting in self.by_call.values() for each in waiting]


class _Replay:
    """An `interpreter.observer.Observer` that compares what the script sends with what the proxy sent."""

    def __init__(
        self, messages: list[Carried], proxy: Proxy, timers: Timers, start: float, around: Circumstances
    ) -> None:
        self._comparison = Comparison()
        self._incoming: list[Carried] = []
        self._open = _Open()
        self._timers, self._start, self._lead, self._lines = timers, start, around.lead, around.lines
        self._end = messages[-1].time - start
        self._pairs: list[Pair] = []
        self._new: list[Sent] = []
        self._seen: set[tuple[Address, bytes]] = set()
        self._heard = self._sent = 0
        known: set[tuple[Address, bytes]] = set()
        for each in messages:
            if proxy.sends(each) and (each.destination, each.data) not in known:
                known.add((each.destination, each.data))
                sent = self._sent_then(each, len(known))
                self._open.add(sent, self._comparison.was_made(sent))
            if proxy.gets(each):
                self._incoming.append(each)
                self._comparison.then.add(each.message)

    def _sent_then(self, each: Carried, place: int) -> Sent:
        return Sent(
            each.time - self._start - self._lead, each.protocol, each.destination, each.message, place,
            len(self._incoming),
        )  # fmt: skip

    def run(self, host: VirtualHost, runtime: Runtime, player: Player) -> None:
        """Hand in everything at its time."""
        trace = LineTrace(runtime.files, player.recorder.line, headers(runtime.script))
        with trace if self._lines else nullcontext():
            for each in self._incoming:
                self._timers.fire(each.time - self._start)
                data = self._comparison.pairs.translate(each.message, each.data)
                self._comparison.now.add(Message.parse(data))
                self._heard += 1
                runtime.receive(data, each.source, socket_for(runtime.listeners, each.protocol, each.destination))
                host.settle()
            self._timers.fire(self._end + TOLERANCE)

    # ---- Observer

    def message(self, sent: bool, listener: Listener, address: Address, data: bytes) -> None:
        """The script sent something: find what the proxy sent, learn from it, note what differs."""
        if not sent or (address, data) in self._seen or self._timers.now < self._lead:
            return
        self._seen.add((address, data))
        try:
            message = Message.parse(data)
        except SipError:
            return
        protocol = "udp" if listener.protocol == "udp" else "tcp"
        self._sent += 1
        now = Sent(self._timers.now - self._lead, protocol, address, message, self._sent, self._heard)
        then = self._open.take(now, self._comparison)
        if then is not None:
            self._pairs.append(Pair(then, now, self._comparison.differences(then, now)))
        else:
            self._new.append(now)

    def relay(self, node: str, sent: bool, text: str) -> None:
        """Of no interest."""

    def log(self, level: int, text: str) -> None:
        """Of no interest."""

    def timer(self, name: str, seconds: float) -> None:
        """Of no interest."""

    # ---- the end

    def report(self, capture: Capture, proxy: Proxy) -> Report:
        """What came of it."""
        made = Report(capture.path.name, proxy.address, len(self._incoming), capture.passed_over, capture.lost)
        for pair in self._pairs:
            if pair.differences:
                made.add(Kind.CHANGED, pair.then, pair.differences)
        made.same = sum(not pair.differences for pair in self._pairs)
        for missing in self._open.left():
            made.add(Kind.MISSING, missing)
        for new in self._new:
            if new.time <= self._end - self._lead:
                made.add(Kind.NEW, new)
        for pair in misplaced(self._pairs):
            made.add(Kind.MISPLACED, pair.then)
        return made
