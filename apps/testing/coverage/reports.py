"""Shows coverage on the terminal and writes it to files."""

from __future__ import annotations

import json
import time
from pathlib import Path

from rich.console import Console

from relayscript import __version__
from relayscript.apps.testing.coverage.cobertura import cobertura
from relayscript.apps.testing.coverage.html import page
from relayscript.apps.testing.coverage.lcov import lcov
from relayscript.apps.testing.coverage.measured import FileCoverage
from relayscript.apps.testing.coverage.summary import summary
from relayscript.apps.testing.coverage.text import missed_conditions, table


def show(files: list[FileCoverage]) -> None:
    """The table, and the conditions that were never the other way round."""
    console = Console(highlight=False)
    console.print(table(files))
    for file in files:
        for note in missed_conditions(file):
            console.print(note, soft_wrap=True, markup=False)


def write(kind: str, files: list[FileCoverage], path: Path) -> None:
    """Write a report of a kind: html, lcov, cobertura or json. Raises OSError."""
    texts = {
        "html": lambda: page(files),
        "lcov": lambda: lcov(files),
        "cobertura": lambda: cobertura(files, __version__, int(time.time() * 1000)),
        "json": lambda: json.dumps(summary(files), indent=1, ensure_ascii=False) + "\n",
    }
    path.write_text(texts[kind](), "latin-1")
