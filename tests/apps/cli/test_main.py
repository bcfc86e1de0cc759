"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from relayscript import __version__
from relayscript.apps.cli import main

CHECK = """
import sys
from relayscript.apps.cli import main
main(["check", "--help"], standalone_mode=False)
print(*sys.modules)
"""


def test_each_file_is_a_verb() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert {"check", "run"} <= {line.split()[0] for line in done.output.splitlines() if line.startswith("  ")}


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"relayscript, version {__version__}\n"


def test_an_unknown_verb() -> None:
    assert CliRunner().invoke(main, ["chekc"]).exit_code == 2


def test_a_verb_loads_nothing_of_the_others() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "relayscript.apps.cli.check" in loaded
    assert not {"lark", "rich", "asyncio", "relayscript.interpreter.runtime", "relayscript.dsl.nodes"} & loaded
