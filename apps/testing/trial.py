"""A script on trial: loaded on the virtual clock, with parties, relays and time in the hands of a Python test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.simulator.relays import Node
from relayscript.apps.testing.actor import Actor
from relayscript.apps.testing.golden import written
from relayscript.apps.testing.player import Player, ScenarioFailure
from relayscript.apps.testing.recorder import Logged, RelaySeen, SipSeen
from relayscript.apps.testing.scenario import parse
from relayscript.interpreter.mocks import NONE, Mocks
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.values import Value
from relayscript.sip.message import Message


class Trial:
    """What the fixture `script` is. Paths are from `folder`.

    Raises AssertionError, with the transcript so far, if something does not come about.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._player: Player | None = None

    def load(self, path: str, *, target: str | None = None, mocks: Mocks = NONE) -> Trial:
        """Load a script and start it. Raises ScriptError, OSError."""
        host = VirtualHost()
        runtime = Runtime.load(str(self._folder / path), host, target=target, mocks=mocks, lines=True)
        self._player = Player(runtime, host)
        return self

    def stop(self) -> None:
        """Stop the script, if one was loaded."""
        if self._player is not None:
            self._player.runtime.stop()
            self._player = None

    @property
    def player(self) -> Player:
        """What plays scenarios against the script; `player.runtime` and `player.host` are the script and its world."""
        assert self._player is not None, "no script is loaded: script.load(path) does that"
        return self._player

    def call(self, *statements: str) -> Trial:
        """Play statements of the line language, one per argument or line. Raises ScenarioError for what is none."""
        player = self.player
        for line in parse("\n".join(statements), "<test>").lines:
            try:
                player.do(line.statement, line.number)
            except ScenarioFailure as failure:
                raise AssertionError(f"{self.transcript}line {failure.line}: {failure}") from None
        return self

    # ---- what there is

    def party(self, name: str) -> Actor:
        """A party; it joins if it is not there yet."""
        return self.player.actor(name)

    def relay(self, url: str) -> Node:
        """A relay node, to set its `mood` and to see its `sessions()`."""
        return self.player.host.node(url)

    def read(self, variable: str) -> Value:
        """A variable as it is in the last route that `run` ran alone."""
        player = self.player
        assert player.last_run is not None, "no route was run alone"
        return player.runtime.registry.reader_of(variable)(player.last_run)

    @property
    def returned(self) -> int | None:
        """What the last route that ran alone returned; 0 if it ended the run."""
        return self.player.returned

    def statistic(self, name: str) -> int:
        """A statistic, `group:name`."""
        return self.player.runtime.statistics[name]

    @property
    def log(self) -> list[str]:
        """The lines of the log so far."""
        return [each.text.rstrip("\n") for each in self.player.recorder.events if isinstance(each, Logged)]

    @property
    def relayed(self) -> list[str]:
        """The commands to relay nodes so far."""
        return [each.text for each in self.player.recorder.events if isinstance(each, RelaySeen) and each.sent]

    def got(self, name: str) -> list[Message]:
        """All messages that were sent to a party so far."""
        place = self.player.actor(name).agent.address
        sent: Iterable[SipSeen] = (each for each in self.player.recorder.events if isinstance(each, SipSeen))
        return [Message.parse(each.data) for each in sent if each.sent and each.address == place]

    @property
    def transcript(self) -> str:
        """All that happened so far."""
        return written(self.player)
