"""Remembers what the check found in a script, so that an unchanged script is judged again at once.

An entry holds for the same files, the same options and the same version of relayscript's own code. Scripts with
errors are not remembered: what is missing (an included file) may have come meanwhile.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

from relayscript.dsl.diagnostics import Diagnostic, has_errors
from relayscript.grammar.folder import cache_folder

_HERE = Path(__file__).resolve().parent
_ROOMS = (_HERE, _HERE / "checks", _HERE.parent / "grammar")


def recall(path: str, options: str) -> tuple[Diagnostic, ...] | None:
    """What the check found with these options; None if the script is new or something has changed."""
    try:
        hashes, found = pickle.loads(_entry(path, options).read_bytes())
        unchanged = all(_hash(_read(file)) == known for file, known in hashes.items())
    except (OSError, ValueError, EOFError, AttributeError, ImportError, pickle.UnpicklingError):
        return None
    return tuple(found) if unchanged else None


def remember(path: str, options: str, files: Iterable[str], found: tuple[Diagnostic, ...]) -> None:
    """Keep what was found; `files` are the script and all that it includes. Does nothing if it cannot write."""
    if has_errors(found):
        return
    try:
        hashes: Mapping[str, str] = {file: _hash(_read(file)) for file in files}
        entry = _entry(path, options)
        entry.parent.mkdir(parents=True, exist_ok=True)
        fresh = entry.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(pickle.dumps((hashes, found)))
        fresh.replace(entry)
    except OSError:
        return


def _entry(path: str, options: str) -> Path:
    place = "\0".join((os.path.abspath(path), os.getcwd(), options, _own_code()))
    return cache_folder() / "checked" / _hash(place.encode("utf-8", "surrogateescape"))


def _own_code() -> str:
    """Changes with every change of the rooms that judge a script."""
    files = [each for room in _ROOMS for each in os.scandir(room) if each.is_file()]
    return ";".join(sorted(f"{each.name}{each.stat().st_mtime_ns}" for each in files))


def _read(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
