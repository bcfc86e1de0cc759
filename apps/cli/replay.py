"""`relayscript replay`: play what came to a recorded proxy against a script and show what differs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from relayscript.apps.complaints import rendered
from relayscript.apps.testing.capture.circumstances import Circumstances, staged
from relayscript.apps.testing.capture.proxy import Proxy, proxy_in
from relayscript.apps.testing.capture.reading import Capture, CaptureError, read
from relayscript.apps.testing.capture.replaying import replay as play
from relayscript.apps.testing.cast import split_address
from relayscript.apps.testing.golden import written
from relayscript.apps.testing.player import ScenarioFailure
from relayscript.apps.testing.scenario import ScenarioError
from relayscript.apps.testing.scenario import read as read_scenario
from relayscript.dsl.diagnostics import ScriptError

DIFFERENT, NOTHING = 1, 2
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("replay")
@click.argument("capture", type=EXISTING)
@click.argument("script", type=EXISTING)
@click.option("--proxy", metavar="ADDRESS", help="The recorded proxy, HOST or HOST:PORT, if it is not the busiest.")
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
@click.option("--stage", type=EXISTING, help="A scenario: its relays, names and mocks are around the script.")
@click.option("--lead", type=click.FloatRange(0), default=0.0, help="Seconds that the script runs beforehand.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the transcript to a file.")
def replay(
    capture: Path, script: Path, proxy: str | None, target: str | None, stage: Path | None, lead: float,
    output: Path | None,
) -> None:  # fmt: skip
    """Play what came to the proxy in CAPTURE (pcap, pcapng) against SCRIPT.cfg and show what it sends differently.

    Exit status: 0 if it sends the same, 1 if not, 2 if nothing can be played.
    """
    try:
        recorded = read(capture)
        around = Circumstances(target, lead=lead, lines=output is not None)
        around = staged(read_scenario(stage), around) if stage is not None else around
        report, player = play(recorded, _proxy(recorded, proxy), script, around)
        for row in report.rows():
            click.echo(row)
        if output is not None:
            output.write_text(written(player), "latin-1")
    except (ScriptError, ScenarioError, ScenarioFailure, CaptureError, OSError) as error:
        text = rendered(error, color=sys.stderr.isatty()) if isinstance(error, ScriptError) else str(error)
        click.echo(text, err=True)
        raise SystemExit(NOTHING) from None
    raise SystemExit(0 if report.is_same else DIFFERENT)


def _proxy(capture: Capture, address: str | None) -> Proxy:
    """Raises CaptureError if there is none."""
    try:
        host, port = split_address(address) if address else ("", 0)
    except ValueError:
        raise click.BadParameter(f"{address} is not HOST or HOST:PORT", param_hint="--proxy") from None
    has_port = address is not None and address.strip("[]") != host
    found = proxy_in(capture.messages, host, port if has_port else 0)
    if found is None:
        where = f"no SIP came to {address} or from it" if capture.messages and address else "there is no SIP in it"
        raise CaptureError(capture.path, where)
    return found
