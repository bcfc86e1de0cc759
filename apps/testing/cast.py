"""The parties of a scenario: who is there, where, and what each of them plays."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.recorder import Recorder
from relayscript.apps.testing.sipp.company import engaged
from relayscript.apps.testing.sipp.party import SippParty
from relayscript.apps.testing.stage import Stage
from relayscript.apps.testing.statements import Act, Packet, Party, Raw, Repeat, Run, Statement
from relayscript.apps.testing.useragent import ScriptedWrongly, UserAgent
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.transport import Address, Listener

FIRST_MEDIA_PORT = 4000


class Cast:
    """The parties by name, in `actors`. `folder` is where the files are that statements name.

    Raises ScriptedWrongly for what is asked of a party that cannot be, SippError for a SIPp scenario that is no good.
    """

    def __init__(self, runtime: Runtime, stage: Stage, recorder: Recorder) -> None:
        self._runtime = runtime
        self._stage = stage
        self._recorder = recorder
        self.folder = Path()
        self.actors: dict[str, Actor] = {}

    def invite(self, statement: Statement) -> None:
        """Let the parties that a statement names join, if they are not there yet."""
        match statement:
            case Party(name, address, transport) if name not in self.actors:
                self._recorder.said(str(statement))
                if statement.plays:
                    self._join_playing(statement)
                else:
                    self.join(name, address, transport)
            case Party(name, plays=plays) if plays and not isinstance(self.actors[name], SippParty):
                raise ScriptedWrongly(f"{name} is there already; say what it plays before it does anything")
            case Packet(party=party, target=target) | Act(party=party, target=target):
                self.actor(party)
                if target and ":" not in target:
                    self.actor(target)
            case Repeat(party=party) | Raw(party=party):
                self.actor(party)
            case Run(packet=packet):
                self.invite(packet)

    def actor(self, name: str) -> Actor:
        """The party of that name; it joins if it is not there yet."""
        return self.actors.get(name) or self.join(name)

    def join(self, name: str, address: str = "", transport: str = "") -> Actor:
        """A new party, at the next address of 192.0.2.0/24 unless one is given."""
        listener = self._socket(transport)
        return self._enter(Actor(*self._agent(name, address, transport, listener)), listener)

    def target(self, text: str) -> str:
        """The URI that a target means: itself, or that of a party."""
        return text if ":" in text else self.actor(text).agent.uri

    # ---- inside

    def _agent(self, name: str, address: str, transport: str, listener: Listener) -> tuple[UserAgent, int]:
        """An agent at its place, and the port for its media."""
        number = len(self.actors) + 1
        place = split_address(address) if address else (f"192.0.2.{number}", 5060)
        return UserAgent(name, place, listener.address, unsent, transport), FIRST_MEDIA_PORT + 10 * (number - 1)

    def _enter(self, actor: Actor, listener: Listener) -> Actor:
        self.actors[actor.agent.name] = actor
        actor.agent.transmit = self._stage.join(actor.agent.address, listener, actor.receive)
        return actor

    def _socket(self, transport: str) -> Listener:
        """The first socket of the script for a transport; without a name that for UDP, or the very first."""
        listeners = self._runtime.listeners
        found = next((each for each in listeners if each.protocol == (transport or "udp")), None)
        if found is None and transport:
            raise ScriptedWrongly(f"the script has no socket for {transport}")
        return found or listeners[0]

    def _join_playing(self, party: Party) -> None:
        """A new party that plays a SIPp scenario."""
        listener = self._socket(party.transport)
        agent, media_port = self._agent(party.name, party.address, party.transport, listener)
        timers, wall = self._stage.timers, self._runtime.host.wall
        say = partial(self._recorder.said, done=True)
        actor = engaged(party, self.folder, agent, media_port, len(self.actors) + 1, timers, wall, say)
        self._enter(actor, listener)


def unsent(data: bytes) -> None:
    """Where messages go of somebody who has not joined yet."""


def split_address(text: str) -> Address:
    """`host`, `host:port` or `[v6]:port`."""
    host, mark, port = text.rpartition(":")
    if not mark or text.endswith("]"):
        host, port = text, ""
    return host.strip("[]"), int(port or 5060)
