"""Which forms of a ladder there are, and how each is shown or written to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from relayscript.apps.testing.golden import Played, names_in
from relayscript.apps.testing.ladders import html, mermaid, svg, text
from relayscript.apps.testing.ladders.building import ladder_of
from relayscript.apps.testing.ladders.rows import Ladder

WRITERS: dict[str, Callable[[Ladder], str]] = {"mermaid": mermaid.written, "svg": svg.written, "html": html.page}
FORMS = ("text", *WRITERS)
"""Their names, the usual one first."""

FILE_WIDTH = 160
"""How wide text in a file is, in characters."""


def ladder_of_scenario(played: Played) -> Ladder:
    """The ladder of a scenario that was played. Raises OSError if the script cannot be read any more."""
    sources = {file: Path(file).read_text("latin-1") for file in played.player.runtime.files}
    title = f"{played.path.name} with {played.script.name}"
    return ladder_of(played.player.recorder.events, names_in(played.player), sources, title)


def show(ladder: Ladder, form: str, console: Console) -> None:
    """Put a ladder on the screen: text in colours and as wide as it is, other forms as they are."""
    if form == "text":
        text.show(ladder, console)
    else:
        console.file.write(WRITERS[form](ladder))


def write(ladder: Ladder, form: str, path: Path) -> None:
    """Write a ladder to a file, in UTF-8. Raises OSError."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        show(ladder, form, Console(file=stream, width=FILE_WIDTH, color_system=None, force_terminal=False))
