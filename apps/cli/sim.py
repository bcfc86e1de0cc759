"""`relayscript sim`: play a scenario against a script on the virtual clock and print the transcript."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from relayscript.apps.complaints import rendered
from relayscript.apps.testing.golden import play_files
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.dsl.diagnostics import ScriptError


@click.command("sim")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
@click.option("--lines/--no-lines", default=True, help="Show which script lines ran.")
def sim(file: Path, scenario: Path, target: str | None, lines: bool) -> None:
    """Play SCENARIO.call against FILE.cfg and print the transcript.

    Exit status: 0 if all came true, 1 if not, or if the script or the scenario is no good.
    """
    try:
        played = play_files(scenario, file, target, lines=lines)
    except ScriptError as error:
        click.echo(rendered(error, color=sys.stderr.isatty()), err=True)
        raise SystemExit(1) from None
    except ScenarioError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    click.echo(played.transcript, nl=False)
    if played.failure:
        click.echo(played.failure, err=True)
        raise SystemExit(1)
