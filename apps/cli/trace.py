"""`relayscript trace`: play a scenario and show how its calls went."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from relayscript.apps.complaints import rendered
from relayscript.apps.testing.capture.writing import write as write_capture
from relayscript.apps.testing.golden import Played, names_in, play_files
from relayscript.apps.testing.ladders.forms import FORMS, ladder_of_scenario, show, write
from relayscript.apps.testing.reasons import Reasons, Why
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.apps.testing.stage import NotOnThisStage
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.source import Span, excerpt

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("trace")
@click.argument("scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another script.")
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
@click.option("--live", is_flag=True, help="Play on real sockets of this machine, in the same virtual time.")
@click.option("--ladder", "form", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="Its form.")
@click.option("--output", type=FILE, help="Write the ladder to a file.")
@click.option("--pcap", type=FILE, help="Write what crossed the network to a capture, for sngrep and Wireshark.")
@click.option("--why", metavar="CALL-ID", help="The conditions and values that led to this call's final reply.")
def trace(
    scenario: Path, script: Path | None, target: str | None, live: bool, form: str, output: Path | None,
    pcap: Path | None, why: str | None,
) -> None:  # fmt: skip
    """Play SCENARIO.call and show what happened as a ladder; with --pcap alone, only write the capture.

    Exit status: 0 if all came true, 1 if not, or if the script or the scenario is no good.
    """
    try:
        if why is not None:
            played = _explain(scenario, script, target, live, why)
        else:
            played = play_files(scenario, script, target, live=live)
            if pcap is None or output is not None:
                _draw(played, form, output)
        if pcap is not None:
            write_capture(pcap, played.player.recorder.events, played.player.runtime.listeners[0])
    except (ScriptError, ScenarioError, NotOnThisStage, OSError) as error:
        text = rendered(error, color=sys.stderr.isatty()) if isinstance(error, ScriptError) else str(error)
        click.echo(text, err=True)
        raise SystemExit(1) from None
    if played.failure:
        click.echo(played.failure, err=True)
        raise SystemExit(1)


def _draw(played: Played, form: str, output: Path | None) -> None:
    ladder = ladder_of_scenario(played)
    if output is not None:
        write(ladder, form, output)
    else:
        show(ladder, form, Console())


def _explain(scenario: Path, script: Path | None, target: str | None, live: bool, why: str) -> Played:
    reasons = Reasons()
    played = play_files(scenario, script, target, live=live, marks=reasons, prepare=reasons.record)
    for row in Why(why, names_in(played.player), _text_of).rows(played.player.recorder.events):
        click.echo(row)
    return played


def _text_of(span: Span) -> str:
    return excerpt(span, Path(span.file).read_text("latin-1").split("\n"))
