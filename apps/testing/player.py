"""Plays scenarios: the statements of the line language against a script on the virtual host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from relayscript.apps.simulator.impairment import Impairment
from relayscript.apps.testing.actor import Actor, word_of
from relayscript.apps.testing.acts import begin, react
from relayscript.apps.testing.expecting import wrong_with
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.apps.testing.recorder import Recorder, RelaySeen
from relayscript.apps.testing.running import NoSuchRoute, message_from, route_of, run_alone
from relayscript.apps.testing.scenario import Scenario
from relayscript.apps.testing.sipp.company import begin_calls, engaged, failure_in, unfinished_in
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.party import SippParty
from relayscript.apps.testing.stage import Stage
from relayscript.apps.testing.statements import (
    Act,
    Expect,
    Manage,
    Name,
    Network,
    Packet,
    Party,
    Raw,
    Relay,
    Repeat,
    Run,
    Statement,
    Wait,
)
from relayscript.apps.testing.useragent import ScriptedWrongly, UserAgent
from relayscript.apps.testing.words import milliseconds
from relayscript.interpreter.context import Context
from relayscript.interpreter.management import CommandError, Management
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.waiting import spawn
from relayscript.sip.message import Message
from relayscript.sip.transport import Address, Listener

PATIENCE = 32.0
"""Seconds of virtual time in which what is expected must happen unless the scenario says more (64*T1)."""

FIRST_MEDIA_PORT = 4000


class ScenarioFailure(Exception):  # noqa: N818 - the script does something else than the scenario says
    """What was expected did not happen; `line` is that of the scenario (0 if it was typed)."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


class Player:
    """A script under play; `recorder` has all that happened so far. `trace`: record the script lines too.

    `folder` is where the files are that statements name. `last_run` is the run of the last route that ran alone,
    `returned` its return code (0: it ended the run).
    """

    def __init__(self, runtime: Runtime, host: Stage, trace: bool = True) -> None:
        self.runtime = runtime
        self.host = host
        self.recorder = Recorder(lambda: host.timers.now)
        runtime.observers.append(self.recorder)
        if trace:
            runtime.on_line = self.recorder.line
        self.management = Management(runtime)
        self.actors: dict[str, Actor] = {}
        self.folder = Path()
        self.last_run: Context | None = None
        self.returned: int | None = None
        self._trace = trace and not runtime.tells_lines
        with self.watch():
            host.begin(runtime)
            host.settle()
        self.recorder.forget(RelaySeen)  # the tests of the nodes at the start

    def play(self, scenario: Scenario) -> None:
        """Do all statements, with all parties there from the start. Raises ScenarioFailure.

        A party that plays a SIPp scenario and begins calls has to have ended them at the end.
        """
        self.folder = Path(scenario.file).parent
        for line in scenario.lines:
            with self._blamed(line.number):
                self._invite(line.statement)
        for line in scenario.lines:
            self.do(line.statement, line.number)
        if unfinished := unfinished_in(self.actors.values()):
            raise ScenarioFailure(unfinished, scenario.lines[-1].number)

    def do(self, statement: Statement, line: int = 0) -> None:
        """Do one statement. Raises ScenarioFailure."""
        with self._blamed(line), self.watch():
            self._do(statement)
            self._check_parties()

    @contextmanager
    def _blamed(self, line: int) -> Iterator[None]:
        """Whatever goes wrong is a ScenarioFailure of that line."""
        try:
            yield
        except (ScriptedWrongly, NoSuchRoute, SippError) as error:
            raise ScenarioFailure(str(error), line) from error
        except ScenarioFailure as failure:
            failure.line = line
            raise

    def _check_parties(self) -> None:
        """Raises ScenarioFailure if a party that plays a SIPp scenario has failed."""
        if failure := failure_in(self.actors.values()):
            raise ScenarioFailure(failure)

    def _happens(self, done: Callable[[], object], seconds: float) -> bool:
        """Whether something is so within that time. Raises ScenarioFailure as soon as a party has failed."""
        found = self.host.until(lambda: done() or failure_in(self.actors.values()), seconds)
        self._check_parties()
        return found

    def _do(self, statement: Statement) -> None:
        match statement:
            case Party():
                self._invite(statement)
                begin_calls(self.actors[statement.name])
                self.host.settle()
            case Relay():
                self.recorder.said(str(statement))
                self._relay(statement)
            case Name():
                self._name(statement)
            case Network():
                self.recorder.said(str(statement))
                self._network(statement)
            case Wait(count):
                self.recorder.said(str(statement))
                self.host.pass_time(count / 1000)
            case Manage():
                self.manage(statement)
            case Packet(arrow="->"):
                self.send(statement)
            case Packet():
                self.expect(statement)
            case Repeat(party, method, status):
                self.actor(party).agent.repeat(method, int(status or 0))
                self.host.settle()
            case Raw(party, data):
                self.actor(party).agent.transmit(data.encode("latin-1"))
                self.host.settle()
            case Act():
                self.act(statement)
            case Run():
                self.run(statement)
            case Expect():
                self.check(statement)

    def watch(self) -> AbstractContextManager[object]:
        """While it is entered, the script lines that run are recorded, unless that is not wanted."""
        if not self._trace:
            return nullcontext()
        return LineTrace(self.runtime.files, self.recorder.line, headers(self.runtime.script))

    # ---- the stage

    def _relay(self, relay: Relay) -> None:
        node = self.host.node(relay.url)
        if relay.mood == "ports":
            node.ports = int(relay.reason)
            return
        node.delay = int(relay.reason) / 1000 if relay.mood == "slow" else 0.0
        node.mood = "answers" if relay.mood == "slow" else relay.mood
        node.reason = relay.reason

    def _name(self, name: Name) -> None:
        if name.record:
            try:
                self.host.zone.read(f"{name.host}. 300 IN {name.record}")
            except ValueError as error:
                raise ScenarioFailure(f"{name}: {error}") from None
        else:
            self.host.names[name.host.lower()] = name.addresses

    def _network(self, net: Network) -> None:
        chances = (net.loss / 100, net.duplicate / 100, net.reorder / 100)
        self.host.impair(Impairment(*chances, net.least / 1000, net.most / 1000, net.seed))

    # ---- parties

    def _invite(self, statement: Statement) -> None:
        """Let the parties that a statement names join, if they are not there yet."""
        match statement:
            case Party(name, address, transport) if name not in self.actors:
                self.recorder.said(str(statement))
                if statement.plays:
                    self._join_playing(statement)
                else:
                    self.join(name, address, transport)
            case Party(name, plays=plays) if plays and not isinstance(self.actors[name], SippParty):
                raise ScenarioFailure(f"{name} is there already; say what it plays before it does anything")
            case Packet(party=party, target=target) | Act(party=party, target=target):
                self.actor(party)
                if target and ":" not in target:
                    self.actor(target)
            case Repeat(party=party) | Raw(party=party):
                self.actor(party)
            case Run(packet=packet):
                self._invite(packet)

    def actor(self, name: str) -> Actor:
        """The party of that name; it joins if it is not there yet."""
        return self.actors.get(name) or self.join(name)

    def join(self, name: str, address: str = "", transport: str = "") -> Actor:
        """A new party, at the next address of 192.0.2.0/24 unless one is given. Raises ScenarioFailure."""
        listener = self._socket(transport)
        return self._enter(Actor(*self._agent(name, address, transport, listener)), listener)

    def _agent(self, name: str, address: str, transport: str, listener: Listener) -> tuple[UserAgent, int]:
        """An agent at its place, and the port for its media."""
        number = len(self.actors) + 1
        place = split_address(address) if address else (f"192.0.2.{number}", 5060)
        return UserAgent(name, place, listener.address, unsent, transport), FIRST_MEDIA_PORT + 10 * (number - 1)

    def _enter(self, actor: Actor, listener: Listener) -> Actor:
        self.actors[actor.agent.name] = actor
        actor.agent.transmit = self.host.join(actor.agent.address, listener, actor.receive)
        return actor

    def _socket(self, transport: str) -> Listener:
        """The first socket of the script for a transport; without a name that for UDP, or the very first."""
        listeners = self.runtime.listeners
        found = next((each for each in listeners if each.protocol == (transport or "udp")), None)
        if found is None and transport:
            raise ScenarioFailure(f"the script has no socket for {transport}")
        return found or listeners[0]

    def _join_playing(self, party: Party) -> None:
        """A new party that plays a SIPp scenario. Raises SippError, ScenarioFailure."""
        listener = self._socket(party.transport)
        agent, media_port = self._agent(party.name, party.address, party.transport, listener)
        timers, wall = self.host.timers, self.runtime.host.wall
        say = partial(self.recorder.said, done=True)
        actor = engaged(party, self.folder, agent, media_port, len(self.actors) + 1, timers, wall, say)
        self._enter(actor, listener)

    def target(self, text: str) -> str:
        """The URI that a target means: itself, or that of a party."""
        return text if ":" in text else self.actor(text).agent.uri

    # ---- statements

    def send(self, packet: Packet) -> None:
        """A party sends one message."""
        self._write(packet)
        self.host.settle()

    def _write(self, packet: Packet) -> None:
        actor = self.actor(packet.party)
        body, headers = actor.contents(packet.details)
        call, phrase = (word_of(packet.details, word) for word in ("call", "phrase"))
        if packet.status:
            actor.agent.respond(int(packet.status), phrase, body, headers, packet.method, call)
        else:
            target = self.target(packet.target) if packet.target else ""
            actor.agent.request(packet.method, target, body, headers, call)

    def run(self, run: Run) -> None:
        """Run one route alone. Raises NoSuchRoute, ScenarioFailure if it does not come to its end."""
        route = route_of(self.runtime, run.kind, run.name)
        packet, agent = run.packet, self.actor(run.packet.party).agent
        written: list[bytes] = []
        transmit, agent.transmit = agent.transmit, written.append
        try:
            target = packet.target or packet.party
            self._write(replace(packet, status="", method=packet.method or "INVITE", target=target))
        finally:
            agent.transmit = transmit
        self.recorder.said(str(run))
        codes: list[int] = []
        message = message_from(written[0], int(packet.status or 0), agent.address, self.runtime)
        self.last_run = run_alone(self.runtime, route, message, codes.append)
        if not self.host.until(lambda: codes, PATIENCE):
            raise ScenarioFailure(f"{run}: it did not end within {PATIENCE:g} s")
        self.host.settle()
        self.returned = codes[0]
        self.recorder.result(f"returns {self.returned}")

    def check(self, fact: Expect) -> None:
        """Something has to be so, now or within some time. Raises ScenarioFailure."""
        limit = max(fact.within, 0) / 1000
        if fact.within >= 0:
            self.recorder.said(str(fact), done=True)
        if not self._happens(lambda: not wrong_with(fact, self), limit):
            raise ScenarioFailure(f"{fact}: {wrong_with(fact, self)}")

    def expect(self, packet: Packet) -> None:
        """The next message that reaches a party is this one. Raises ScenarioFailure."""
        actor = self.actor(packet.party)
        limit = next((milliseconds(each.value) / 1000 for each in packet.details if each.word == "within"), PATIENCE)

        def wrong_with(message: Message) -> str:
            return actor.mismatch(packet, message, self.target)

        if not self._happens(lambda: actor.has_news(wrong_with), limit):
            raise ScenarioFailure(f"expected {packet}; nothing reached {packet.party} within {limit:g} s")
        message = actor.take()
        wrong = wrong_with(message)
        if wrong:
            raise ScenarioFailure(f"expected {packet}; {packet.party} got {message.first_line}: {wrong}")

    def act(self, act: Act) -> None:
        """A party begins an exchange, and everybody goes along until it is over. Raises ScenarioFailure."""
        actor = self.actor(act.party)
        target = self.target(act.target) if act.target else ""
        for each in self.actors.values():
            each.forget()
        self.recorder.said(str(act), done=True)
        others = [each for each in self.actors.values() if each is not actor]
        over = self._until(begin(act, actor, others, target))
        for each in self.actors.values():
            each.optional = len(each.inbox)
        if not over:
            raise ScenarioFailure(f"{act}: it was not over within {PATIENCE:g} s")

    def _until(self, done: Callable[[], bool]) -> bool:
        timers = self.host.timers
        end = timers.now + PATIENCE
        while True:
            self.host.settle()
            self._check_parties()
            if self._react():
                continue
            if done():
                return True
            deadline = timers.deadline()
            if deadline is None or deadline > end:
                return False
            timers.fire(deadline)

    def _react(self) -> bool:
        found = False
        for actor in list(self.actors.values()):
            while actor.new:
                react(actor, actor.new.popleft())
                found = True
        return found

    def manage(self, command: Manage) -> None:
        """Call a management command; its result is recorded when it comes.

        Raises ScenarioFailure if it does not return, unless it only `begins`.
        """
        self.recorder.said(str(command))
        answers: list[str] = []

        def call() -> None:
            try:
                found = self.management.call(command.command, command.arguments)
            except CommandError as error:
                more = f": {error.data}" if error.data else ""
                answers.append(f"error {error.code} {error.message}{more}")
            else:
                answers.extend(json_lines(found))
            self.recorder.result(*answers)

        spawn(call)
        if command.begins:
            self.host.settle()
        elif not self.host.until(lambda: answers, PATIENCE):
            raise ScenarioFailure(f"{command}: no result within {PATIENCE:g} s")


def unsent(data: bytes) -> None:
    """Where messages go of somebody who has not joined yet."""


def json_lines(value: object) -> list[str]:
    """JSON data as text: one line, or one per element of a list."""
    if isinstance(value, list) and value:
        return [json.dumps(each, ensure_ascii=False) for each in value]
    return [json.dumps(value, ensure_ascii=False)]


def split_address(text: str) -> Address:
    """`host`, `host:port` or `[v6]:port`."""
    host, mark, port = text.rpartition(":")
    if not mark or text.endswith("]"):
        host, port = text, ""
    return host.strip("[]"), int(port or 5060)
