"""Plays scenarios: the statements of the line language against a script on the virtual host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from relayscript.apps.testing.actor import Actor, word_of
from relayscript.apps.testing.acts import begin, react
from relayscript.apps.testing.cast import Cast
from relayscript.apps.testing.expecting import wrong_with
from relayscript.apps.testing.linetrace import LineTrace, headers
from relayscript.apps.testing.recorder import Recorder, RelaySeen
from relayscript.apps.testing.running import NoSuchRoute, message_from, route_of, run_alone
from relayscript.apps.testing.scenario import Scenario
from relayscript.apps.testing.setting import set_name, set_network, set_relay
from relayscript.apps.testing.sipp.company import begin_calls, failure_in, unfinished_in
from relayscript.apps.testing.sipp.errors import SippError
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
from relayscript.apps.testing.useragent import ScriptedWrongly
from relayscript.apps.testing.words import milliseconds
from relayscript.interpreter.context import Context
from relayscript.interpreter.management import CommandError, Management
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.waiting import spawn
from relayscript.sip.message import Message

PATIENCE = 32.0
"""Seconds of virtual time in which what is expected must happen unless the scenario says more (64*T1)."""


class ScenarioFailure(Exception):  # noqa: N818 - the script does something else than the scenario says
    """What was expected did not happen; `line` is that of the scenario (0 if it was typed)."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


class Player:
    """A script under play; `recorder` has all that happened so far. `trace`: record the script lines too.

    `cast` are the parties. `last_run` is the run of the last route that ran alone, `returned` its return code (0:
    it ended the run).
    """

    def __init__(self, runtime: Runtime, host: Stage, trace: bool = True) -> None:
        self.runtime = runtime
        self.host = host
        self.recorder = Recorder(lambda: host.timers.now)
        runtime.observers.append(self.recorder)
        if trace:
            runtime.on_line = self.recorder.line
        self.management = Management(runtime)
        self.cast = Cast(runtime, host, self.recorder)
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
        self.cast.folder = Path(scenario.file).parent
        for line in scenario.lines:
            with self._blamed(line.number):
                self.cast.invite(line.statement)
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
                self.cast.invite(statement)
                begin_calls(self.actors[statement.name])
                self.host.settle()
            case Relay():
                self.recorder.said(str(statement))
                set_relay(statement, self.host)
            case Name():
                set_name(statement, self.host)
            case Network():
                self.recorder.said(str(statement))
                set_network(statement, self.host)
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

    # ---- parties

    @property
    def actors(self) -> dict[str, Actor]:
        """The parties by name."""
        return self.cast.actors

    def actor(self, name: str) -> Actor:
        """The party of that name; it joins if it is not there yet."""
        return self.cast.actor(name)

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
            target = self.cast.target(packet.target) if packet.target else ""
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
            return actor.mismatch(packet, message, self.cast.target)

        if not self._happens(lambda: actor.has_news(wrong_with), limit):
            raise ScenarioFailure(f"expected {packet}; nothing reached {packet.party} within {limit:g} s")
        message = actor.take()
        wrong = wrong_with(message)
        if wrong:
            raise ScenarioFailure(f"expected {packet}; {packet.party} got {message.first_line}: {wrong}")

    def act(self, act: Act) -> None:
        """A party begins an exchange, and everybody goes along until it is over. Raises ScenarioFailure."""
        actor = self.actor(act.party)
        target = self.cast.target(act.target) if act.target else ""
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


def json_lines(value: object) -> list[str]:
    """JSON data as text: one line, or one per element of a list."""
    if isinstance(value, list) and value:
        return [json.dumps(each, ensure_ascii=False) for each in value]
    return [json.dumps(value, ensure_ascii=False)]
