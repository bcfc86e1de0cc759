"""What is around a script that a capture is played against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from relayscript.apps.testing.golden import mocks_of
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.scenario import Scenario
from relayscript.apps.testing.statements import Name, Network, Relay
from relayscript.interpreter.mocks import NONE, Mocks
from relayscript.sip.ids import CountingIds, Ids


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`ids` make up branches and tags, `lead` is how long the script runs before the capture begins, in seconds,
    `prepare` is called once it has started. `lines`: the script lines that run are recorded, which takes time."""

    target: str | None = None
    mocks: Mocks = NONE
    ids: Ids = field(default_factory=CountingIds)
    lead: float = 0.0
    lines: bool = False
    prepare: Callable[[Player], object] = lambda player: None


def staged(scenario: Scenario, around: Circumstances) -> Circumstances:
    """The same with relay nodes, names, network and mocks as a scenario has them, all from the start."""

    def prepare(player: Player) -> None:
        for line in scenario.lines:
            if isinstance(line.statement, Relay | Name | Network):
                player.do(line.statement, line.number)

    target = around.target or (scenario.script.target if scenario.script is not None else "") or None
    return replace(around, target=target, mocks=mocks_of(scenario), prepare=prepare)
