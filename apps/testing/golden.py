"""Plays a script and a scenario from files to a transcript, and compares it with the golden one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.player import Player, ScenarioFailure
from relayscript.apps.testing.scenario import Scenario, ScenarioError, read
from relayscript.apps.testing.statements import Mock
from relayscript.apps.testing.transcript import Transcript
from relayscript.apps.testing.words import Given
from relayscript.interpreter.mocks import Mocks
from relayscript.interpreter.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went: its transcript, and what did not come true (empty: all did)."""

    transcript: str
    failure: str = ""


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


def _without_purpose(scenario: Scenario, runtime: Runtime) -> None:
    """Raises ScenarioError for a mock of a route that the script does not have."""
    for line in scenario.lines:
        mock = line.statement
        if isinstance(mock, Mock) and mock.kind == "route" and runtime.route("route", mock.name) is None:
            raise ScenarioError(scenario.file, line.number, 1, f"the script has no route[{mock.name}]")


def play_files(
    path: Path,
    script: Path | None = None,
    target: str | None = None,
    lines: bool = True,
    coverage: Coverage | None = None,
) -> Played:
    """Play the scenario in a file on the virtual clock, against its own script or another one.

    What was tried of the script is added to `coverage`, if `lines` are recorded. Raises ScriptError,
    ScenarioError, OSError.
    """
    scenario = read(path)
    script = script or script_of(scenario)
    target = target or (scenario.script.target if scenario.script is not None else "") or None
    host = VirtualHost()
    runtime = Runtime.load(str(script), host, target=target, marks=coverage, mocks=mocks_of(scenario))
    _without_purpose(scenario, runtime)
    player = Player(runtime, host, trace=lines)
    failure = ""
    try:
        player.play(scenario)
    except ScenarioFailure as error:
        failure = f"{path}:{error.line}: {error}"
    finally:
        runtime.stop()
    if coverage is not None:
        coverage.add(player.recorder.events)
    return Played(f"# {path.name} with {script.name}\n{written(player, lines)}", failure)


def written(player: Player, lines: bool = True) -> str:
    """All that a player recorded, as a transcript."""
    parties = {actor.agent.address: name for name, actor in player.actors.items()}

    def name_of(address: tuple[str, int]) -> str:
        return parties.get(address, f"{address[0]}:{address[1]}")

    calls = (call for actor in player.actors.values() for call in actor.agent.calls.values())
    tags = frozenset(call.local.rpartition("tag=")[2] for call in calls)
    return Transcript(name_of, tags | frozenset(parties.values()), lines).text(player.recorder.events)
