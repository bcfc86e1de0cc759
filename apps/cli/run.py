"""`relayscript run`: serve a script over UDP, in the foreground."""

from __future__ import annotations

import click

from relayscript.apps.server import serve


@click.command("run")
@click.argument("file", type=click.Path())
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
def run(file: str, target: str | None) -> None:
    """Serve FILE.cfg until SIGTERM or SIGINT.

    Exit status: 0 after a clean stop, 1 if the script is no good, 2 if a port is in use.
    """
    raise SystemExit(serve(file, target))
