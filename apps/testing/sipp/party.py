"""A party that plays a SIPp scenario: it begins calls or takes those that come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.sipp.call import Call
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
    keys = {name: value for name, value in given.items() if name not in OPTIONS}
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
        self._begun = False
        self._is_stopped = False

    # ---- how it goes

    @property
    def failure(self) -> str:
        """What did not go as its scenario says; empty if nothing."""
        failed = (call.failure for call in self._calls.values())
        return next((f"{self.agent.name} failed: {each}" for each in failed if each is not None), "")

    @property
    def lack(self) -> str:
        """What is missing until it is done, in words; empty if all its calls went well."""
        if self.failure:
            return self.failure
        name = self.agent.name
        waiting = next((each for each in self._calls.values() if not each.went_well), None)
        if waiting is not None:
            return f"{name} is at {waiting.place}"
        if len(self._calls) < self._part.calls and not self._is_stopped:
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
            first = Call(SippScenario(scenario.file, scenario.init), self._station, "init", 0)
            first.begin()
            if first.failure is not None:
                self._calls["init"] = first

    def begin(self) -> None:
        """Begin its calls, if it is one who calls and has not begun."""
        if not self._begun and self._part.scenario.is_caller:
            self._station.started = self._station.timers.now
            for number in range(self._part.calls):
                self._station.timers.start(number / self._part.rate, self._call)
        self._begun = True

    def _call(self) -> None:
        if not self._is_stopped:
            number = len(self._calls) + 1
            host = self._station.local[0]
            self._play(f"{number}-{self._station.pid}@{host}", number).begin()
            self._look_around()

    def _play(self, call_id: str, number: int) -> Call:
        call = self._calls[call_id] = Call(self._part.scenario, self._station, call_id, number)
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
        if call is None and message.is_request and not self._part.scenario.is_caller and not self._is_stopped:
            call = self._play(call_id, len(self._calls) + 1)
            call.begin()
        if call is not None:
            call.receive(message)
            self._look_around()

    def _look_around(self) -> None:
        """Where a call has ended the party, end all."""
        if not self._is_stopped and any(call.stops_all for call in self._calls.values()):
            self._is_stopped = True
            for call in self._calls.values():
                call.went_well = call.failure is None
                call.end()

    def contents(self, details: tuple[Detail, ...], with_sdp: bool = False) -> tuple[str, list[Header]]:
        """It writes nothing that is not in its scenario. Raises ScriptedWrongly."""
        raise ScriptedWrongly(f"{self.agent.name} plays {self._part.scenario.file} and does nothing else")


def chance_for(name: str, seed: str) -> Random:
    """The chance of a party: the same for the same name and seed."""
    return Random(f"{name}/{seed}")
