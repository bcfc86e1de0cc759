"""Plays a script and a scenario from files to a transcript, and compares it with the golden one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.player import Player, ScenarioFailure
from relayscript.apps.testing.scenario import Scenario, parse
from relayscript.apps.testing.transcript import Transcript
from relayscript.interpreter.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went: its transcript, and what did not come true (empty: all did)."""

    transcript: str
    failure: str = ""


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioError."""
    return parse(path.read_text("latin-1"), str(path))


def script_of(scenario: Path) -> Path:
    """The script beside a scenario: of the same name, or the only one. Raises FileNotFoundError."""
    same = scenario.with_suffix(".cfg")
    if same.exists():
        return same
    found = sorted(scenario.parent.glob("*.cfg"))
    if len(found) != 1:
        raise FileNotFoundError(f"{scenario}: no {same.name} beside it, and not exactly one other script")
    return found[0]


def play_files(
    script: Path, scenario: Path, target: str | None = None, lines: bool = True, coverage: Coverage | None = None
) -> Played:
    """Play a scenario against a script on the virtual clock. Raises ScriptError, ScenarioError.

    What was tried of the script is added to `coverage`, if `lines` are recorded.
    """
    statements = read_scenario(scenario)
    host = VirtualHost()
    runtime = Runtime.load(str(script), host, target=target, marks=coverage)
    player = Player(runtime, host, trace=lines)
    failure = ""
    try:
        player.play(statements)
    except ScenarioFailure as error:
        failure = f"{scenario}:{error.line}: {error}"
    finally:
        runtime.stop()
    if coverage is not None:
        coverage.add(player.recorder.events)
    return Played(f"# {scenario.name} with {script.name}\n{written(player, lines)}", failure)


def written(player: Player, lines: bool = True) -> str:
    """All that a player recorded, as a transcript."""
    parties = {actor.agent.address: name for name, actor in player.actors.items()}

    def name_of(address: tuple[str, int]) -> str:
        return parties.get(address, f"{address[0]}:{address[1]}")

    calls = (call for actor in player.actors.values() for call in actor.agent.calls.values())
    tags = frozenset(call.local.rpartition("tag=")[2] for call in calls)
    return Transcript(name_of, tags | frozenset(parties.values()), lines).text(player.recorder.events)
