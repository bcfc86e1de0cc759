"""Plays one scenario as a test: does it come true, and is the transcript the golden one?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relayscript.apps.complaints import rendered
from relayscript.apps.testing.differences import differences
from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.apps.testing.stage import NotOnThisStage
from relayscript.dsl.diagnostics import ScriptError

if TYPE_CHECKING:
    from relayscript.apps.testing.coverage.collecting import Coverage


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a test ended; `text` says why it failed or was left out, or what was changed in the golden file."""

    path: Path
    passed: bool
    text: str = ""
    left_out: bool = False


def judge(
    path: Path, *, update: bool = False, live: bool = False, coverage: Coverage | None = None
) -> Verdict:  # fmt: skip
    """Play the scenario and compare its transcript with the golden file beside it, if there is one.

    With `update` the golden file is written anew instead. With `live` it is played on real sockets, or left out if
    it needs something that cannot be had there. Never raises for what is wrong with the scenario, its
    script or what they do.
    """
    try:
        played = play_files(path, live=live, marks=coverage)
    except ScriptError as error:
        return Verdict(path, False, rendered(error))
    except ScenarioError as error:
        return Verdict(path, False, str(error))
    except NotOnThisStage as error:
        return Verdict(path, True, f"live there is not: {error}", left_out=True)
    except OSError as error:
        return Verdict(path, False, f"{error.filename or path}: {(error.strerror or str(error)).lower()}")
    if coverage is not None:
        coverage.add(played.player.recorder.events)
    if played.failure:
        return Verdict(path, False, f"{played.transcript}{played.failure}")
    return _compared(path, played.transcript, update)


def _compared(path: Path, transcript: str, update: bool) -> Verdict:
    golden = path.with_suffix(".golden")
    known = golden.read_text("latin-1") if golden.exists() else ""
    if transcript == known or not (known or update):
        return Verdict(path, True)
    difference = differences(known, transcript, golden.name)
    if difference and update:
        golden.write_text(transcript, "latin-1")
    return Verdict(path, update or not difference, difference)
