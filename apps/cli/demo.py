"""`relayscript demo`: a call through the example script and the embedded relay, drawn as a ladder."""

from __future__ import annotations

import click
from rich.console import Console

from relayscript.apps.demonstration.demo import demonstrate


@click.command("demo")
def demo() -> None:
    """Place a call with real sound on loopback and show what happened.

    Exit status: 0 if sound went both ways through the relay, else 1.
    """
    console = Console()
    if not console.is_terminal:
        console.width = 130
    raise SystemExit(demonstrate(console))
