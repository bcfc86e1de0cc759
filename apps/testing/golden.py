"""Plays a script and a scenario from files to a transcript."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.player import Player, ScenarioFailure
from relayscript.apps.testing.scenario import Scenario, ScenarioError, read
from relayscript.apps.testing.stage import LostOnTheWay
from relayscript.apps.testing.statements import Mock
from relayscript.apps.testing.transcript import Transcript
from relayscript.apps.testing.words import Given
from relayscript.interpreter.marks import Marks
from relayscript.interpreter.mocks import Mocks
from relayscript.interpreter.runtime import Runtime
from relayscript.sip.transport import Address

if TYPE_CHECKING:
    from relayscript.apps.testing.live.stage import LiveStage


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went: all that was recorded, and what did not come true (empty: all did)."""

    path: Path
    script: Path
    player: Player
    failure: str = ""

    @property
    def transcript(self) -> str:
        """What happened, as text."""
        return f"# {self.path.name} with {self.script.name}\n{written(self.player)}"


def script_of(scenario: Scenario) -> Path:
    """The script of a scenario: the one that it names, of the same name, or the only one beside it.

    Raises FileNotFoundError.
    """
    path = Path(scenario.file)
    if scenario.script is not None:
        return Path(os.path.normpath(path.parent / scenario.script.path))
    same = path.with_suffix(".cfg")
    if same.exists():
        return same
    found = sorted(path.parent.glob("*.cfg"))
    if len(found) != 1:
        text = f"{path}: which script? It names none, {same.name} is not there, and not exactly one other is"
        raise FileNotFoundError(text)
    return found[0]


def mocks_of(scenario: Scenario) -> Mocks:
    """What a scenario puts in the place of parts of its script."""
    found: dict[str, dict[str, Given]] = {"function": {}, "route": {}, "variable": {}}
    for mock in scenario.mocks:
        found[mock.kind][mock.name] = mock.value
    kinds = ("function", "route")
    functions, routes = ({name: int(value or 0) for name, value in found[kind].items()} for kind in kinds)
    return Mocks(functions, routes, found["variable"])


def refuse_idle_mocks(scenario: Scenario, runtime: Runtime) -> None:
    """Raises ScenarioError for a mock of a route that the script does not have."""
    for line in scenario.lines:
        mock = line.statement
        if isinstance(mock, Mock) and mock.kind == "route" and runtime.route("route", mock.name) is None:
            raise ScenarioError(scenario.file, line.number, 1, f"the script has no route[{mock.name}]")


def _stage(live: bool) -> VirtualHost | LiveStage:
    if not live:
        return VirtualHost()
    from relayscript.apps.testing.live.stage import LiveStage  # late: asyncio and the server are loaded for it

    return LiveStage()


def play_files(
    path: Path,
    script: Path | None = None,
    target: str | None = None,
    *,
    live: bool = False,
    lines: bool = True,
    marks: Marks | None = None,
    prepare: Callable[[Player], object] = lambda player: None,
) -> Played:
    """Play the scenario in a file on the virtual clock, against its own script or another one.

    `live`: on real sockets, not in memory. `lines`: the script lines that run are recorded; `marks` are put into
    the script; `prepare` is called with the player before anything happens. Raises ScriptError, ScenarioError,
    OSError, and NotOnThisStage if the scenario needs something that cannot be had live.
    """
    scenario = read(path)
    script = script or script_of(scenario)
    target = target or (scenario.script.target if scenario.script is not None else "") or None
    host = _stage(live)
    failure = ""
    try:
        runtime = Runtime.load(str(script), host, target=target, marks=marks, mocks=mocks_of(scenario), lines=lines)
        refuse_idle_mocks(scenario, runtime)
        player = Player(runtime, host, trace=lines)
        prepare(player)
        player.play(scenario)
    except ScenarioFailure as error:
        failure = f"{path}:{error.line}: {error}"
    except LostOnTheWay as error:
        failure = f"{path}: {error}"
    finally:
        host.end()
    return Played(path, script, player, failure)


def names_in(player: Player) -> Callable[[Address], str]:
    """Names for addresses: those of the parties, others as `host:port`."""
    parties = {actor.agent.address: name for name, actor in player.actors.items()}
    return lambda address: parties.get(address, f"{address[0]}:{address[1]}")


def written(player: Player) -> str:
    """All that a player recorded, as a transcript."""
    calls = (call for actor in player.actors.values() for call in actor.agent.calls.values())
    tags = frozenset(call.local.rpartition("tag=")[2] for call in calls)
    return Transcript(names_in(player), tags | frozenset(player.actors)).text(player.recorder.events)
