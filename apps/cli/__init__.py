"""The command line: one file per verb."""

from relayscript.apps.cli.main import main

__all__ = ["main"]
