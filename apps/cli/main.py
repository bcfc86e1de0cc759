"""`relayscript VERB ...`: each verb is the file of its name in this folder and is loaded when it is used."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path

import click

from relayscript import __version__

GARBAGE_AFTER = 50_000
"""So many new objects make Python look for garbage; with its own 700, loading and reading take half as long again."""


class Verbs(click.Group):
    """A group whose commands are files: `check.py` has the command `check`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, by name."""
        files = Path(__file__).parent.glob("*.py")
        return sorted(file.stem for file in files if file.stem not in ("__init__", "main"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a verb; None if there is no such verb."""
        if name not in self.list_commands(ctx):
            return None
        gc.set_threshold(GARBAGE_AFTER, 20, 20)
        command: click.Command = getattr(import_module(f"relayscript.apps.cli.{name}"), name)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="relayscript")
def main() -> None:
    """Check, run, test and serve OpenSIPS-style route scripts."""
