"""A party that plays a SIPp scenario: it begins calls or takes those that come."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from random import Random

from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.sipp.call import Call
from relayscript.apps.testing.sipp.document import byte_text
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.injection import Injection, read_injection
from relayscript.apps.testing.sipp.reading import read_sipp
from relayscript.apps.testing.sipp.station import Station
from relayscript.apps.testing.sipp.steps import SippScenario
from relayscript.apps.testing.sipp.variables import Value
from relayscript.apps.testing.statements import Detail, Party
from relayscript.apps.testing.useragent import Header, ScriptedWrongly, UserAgent
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

OPTIONS = ("calls", "rate", "inf", "pause", "seed", "aa")
"""Keys that say how the scenario is played; all others are keywords of it, or Global variables."""

RATE = 10.0
"""Calls per second, as in SIPp."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a party plays: the scenario, and what the statement gave it.

    `calls`: how many it begins, or takes until it is done. `rate` is per second, `pause` in milliseconds.
    """

    scenario: SippScenario
    keys: dict[str, str]
    shared: dict[str, Value | None]
    injection: Injection | None
    calls: int
    rate: float
    pause: float
    seed: str
    answers_all: bool


def read_part(statement: Party, folder: Path) -> Part:
    """What a statement `party NAME plays FILE` says; its paths are from a folder. Raises SippError."""
    given = {name: str(value) for name, value in statement.given}
    keys = {name: byte_text(value) for name, value in given.items() if name not in OPTIONS}
    scenario = read_sipp(_content(folder, statement.plays), statement.plays, frozenset(keys))
    injection = None
    if "inf" in given:
        injection = read_injection(_content(folder, given["inf"]).decode("latin-1"), given["inf"])
    calls = _number(statement, given, "calls", 1)
    rate = _number(statement, given, "rate", RATE)
    if calls < 1 or calls != int(calls) or rate <= 0:
        raise SippError(statement.plays, 1, "expected calls as a whole number from 1 and rate above 0")
    pause = _number(statement, given, "pause", 0)
    shared: dict[str, Value | None] = {name: keys.get(name) for name in scenario.shared}
    answers_all = given.get("aa", "0") not in ("0", "no", "false")
    return Part(scenario, keys, shared, injection, int(calls), rate, pause, given.get("seed", ""), answers_all)


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise SippError(name, 1, f"cannot be read: {reason}") from None


def _number(statement: Party, given: dict[str, str], name: str, default: float) -> float:
    text = given.get(name, str(default))
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 1e9:
        raise SippError(statement.plays, 1, f"expected a number from 0 as {name}, found {text[:40]}")
    return number


class SippParty(Actor):
    """A party that does what its SIPp scenario says, and nothing else.

    What reached it may be expected by our scenario as well, but need not be.
    """

    def __init__(self, agent: UserAgent, media_port: int, part: Part, station: Station) -> None:
        super().__init__(agent, media_port)
        self._part = part
        self._station = station
        station.keys, station.shared, station.injection = part.keys, part.shared, part.injection
        station.pause, station.answers_all, station.started = part.pause, part.answers_all, station.timers.now
        self._calls: dict[str, Call] = {}
        self._waiting: deque[Call] = deque()
        self._has_begun = False

    # ---- how it goes

    @property
    def failure(self) -> str:
        """What did not go as its scenario says; empty if nothing."""
        failures = self._station.failures
        return f"{self.agent.name} failed: {failures[0]}" if failures else ""

    @property
    def lack(self) -> str:
        """What is missing until it is done, in words; empty if all its calls went well."""
        if self.failure or self._station.is_stopped:
            return self.failure
        while self._waiting and self._waiting[0].went_well:
            self._waiting.popleft()
        name = self.agent.name
        if self._waiting:
            return f"{name} is at {self._waiting[0].place}"
        if len(self._calls) < self._part.calls:
            verb = "begun" if self._part.scenario.is_caller else "taken"
            return f"{name} has {verb} {len(self._calls)} of {self._part.calls} calls"
        return ""

    @property
    def unfinished(self) -> str:
        """As `lack`, of a party that begins calls: it is to have ended them when our scenario ends."""
        return self.lack if self._part.scenario.is_caller else ""

    # ---- what it does

    def prepare(self) -> None:
        """Do the `init` section."""
        scenario = self._part.scenario
        if scenario.init:
            Call(SippScenario(scenario.file, scenario.init), self._station, "init", 0).begin()

    def begin(self) -> None:
        """Begin its calls, if it is one who calls and has not begun."""
        if self._part.scenario.is_caller and not self._has_begun:
            self._has_begun = True
            self._station.started = self._station.timers.now
            self._call()

    def _call(self) -> None:
        """Begin the next call, and those behind it in their time."""
        number = len(self._calls) + 1
        if number < self._part.calls:
            self._station.timers.start(1 / self._part.rate, self._call)
        self._new_call(f"{number}-{self._station.pid}@{self._station.local[0]}").begin()

    def _new_call(self, call_id: str) -> Call:
        call = self._calls[call_id] = Call(self._part.scenario, self._station, call_id, len(self._calls) + 1)
        self._waiting.append(call)
        return call

    def receive(self, data: bytes) -> None:
        """A message reached the party. What is not SIP, and what belongs to no call of it, it passes over."""
        try:
            message = Message.parse(data)
        except SipError:
            return
        self.inbox.append(message)
        self.optional = len(self.inbox)
        call_id = message.call_id.rpartition("///")[2]
        call = self._calls.get(call_id)
        if call is None and message.is_request and not self._part.scenario.is_caller:
            call = self._new_call(call_id)
            call.begin()
        if call is not None:
            call.receive(message)

    def contents(self, details: tuple[Detail, ...], with_sdp: bool = False) -> tuple[str, list[Header]]:
        """It writes nothing that is not in its scenario. Raises ScriptedWrongly."""
        raise ScriptedWrongly(f"{self.agent.name} plays {self._part.scenario.file} and does nothing else")


def chance_for(name: str, seed: str) -> Random:
    """The chance of a party: the same for the same name and seed."""
    return Random(f"{name}/{seed}")
