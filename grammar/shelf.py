"""Keeps what was made from a file in the user's cache folder, so that an unchanged file is not read anew."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

from relayscript.grammar.folder import cache_folder

PLACES = 1 << 14
"""So many values are kept at most; a new one takes the place of another then."""


class Shelf:
    """Values that were made from files, by the name of the file.

    A value is only had for the same content again, and only from the same version of the code that makes it:
    the files in the folders `makers`. What cannot be read or written counts as not there.
    """

    def __init__(self, name: str, makers: Iterable[Path]) -> None:
        self._name = name
        self._makers = tuple(makers)

    def get(self, file: str, content: bytes) -> Any | None:
        """The value that was made from the file with this content, or None."""
        key = self._key(file, content)
        try:
            entry = self._place(file).read_bytes()
            return pickle.loads(entry[len(key) :]) if entry.startswith(key) else None
        except (OSError, ValueError, EOFError, AttributeError, ImportError, IndexError, TypeError, pickle.PickleError):
            return None

    def put(self, file: str, content: bytes, value: object) -> None:
        """Keep a value."""
        place = self._place(file)
        fresh = place.with_suffix(f".{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(self._key(file, content) + pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
            fresh.replace(place)
        except (OSError, RecursionError):
            return

    def _place(self, file: str) -> Path:
        number = int.from_bytes(_hash(os.path.abspath(file)), "big") % PLACES
        return cache_folder() / self._name / f"{number:04x}"

    def _key(self, file: str, content: bytes) -> bytes:
        return _hash(os.path.abspath(file), file, self._version, content)

    @cached_property
    def _version(self) -> str:
        files = (each for folder in self._makers for each in os.scandir(folder) if each.is_file())
        return ";".join(sorted(f"{each.name}{each.stat().st_mtime_ns}" for each in files))


def _hash(*parts: str | bytes) -> bytes:
    made = blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        made.update(b"%d:" % len(data) + data)
    return made.digest()
