"""Finds scenarios, and chooses among them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from relayscript.apps.testing.scenario import ScenarioError, read

SUFFIX = ".call"
SKIPPED = frozenset(("build", "dist", "node_modules", "venv", "__pycache__"))
"""Folders that are not looked into, like those that begin with a dot."""


class NothingFound(Exception):  # noqa: N818 - there is nothing to test
    """No scenario is where it was looked for; the text says where that was."""


def scenarios_in(places: Iterable[Path], words: str = "", tags: Iterable[str] = ()) -> list[Path]:
    """The scenarios in files and folders, chosen by words in their path and by tags (all of both), in order.

    A file whose name begins with `_` is a part for others to include. Raises NothingFound.
    """
    places = list(places)
    found = [file for place in places for file in _in_place(place)]
    where = ", ".join(map(str, places))
    if not found:
        raise NothingFound(f"no scenario (*{SUFFIX}) found in {where}")
    wanted = frozenset(tags)
    chosen = [
        file for file in found
        if all(word in str(file) for word in words.split()) and (not wanted or wanted <= tags_of(file))
    ]
    if not chosen:
        raise NothingFound(f"none of the {len(found)} scenarios in {where} is chosen by {' '.join([words, *wanted])}")
    return list(dict.fromkeys(chosen))


def tags_of(file: Path) -> frozenset[str]:
    """The tags of a scenario; none if it cannot be read, which playing it will tell."""
    try:
        return read(file).tags
    except (ScenarioError, OSError):
        return frozenset()


def _in_place(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for folder, inner, files in os.walk(place):
        inner[:] = sorted(each for each in inner if not each.startswith(".") and each not in SKIPPED)
        for name in sorted(files):
            if name.endswith(SUFFIX) and not name.startswith("_"):
                yield Path(folder) / name
