"""The flags of save() and lookup(): names separated by commas, or the letters of versions up to 3.2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from relayscript.interpreter.modules.usrloc.binding import MATCHING_MODES
from relayscript.interpreter.regex import Matcher, compile_ere

SAVE_LETTERS = {
    "m": "memory-only", "o": "only-request-contacts", "r": "no-reply", "f": "force-registration",
    "v": "path-received", "p0": "path-off", "p1": "path-lazy", "p2": "path-strict", "c": "max-contacts",
    "e": "min-expires", "E": "max-expires", "s": "socket-header", "M": "matching-mode",
}  # fmt: skip
LOOKUP_LETTERS = {
    "m": "method-filtering", "b": "no-branches", "B": "to-branches-only", "u": "ua-filtering", "r": "branch",
    "i": "case-insensitive", "e": "extended-regexp", "g": "global", "y": "max-ping-latency", "Y": "sort-by-latency",
}  # fmt: skip
MODES = {str(number): mode for number, mode in enumerate(MATCHING_MODES)} | {mode: mode for mode in MATCHING_MODES}
"""How contacts are told apart, by what `matching-mode` may be."""

_LETTER = re.compile(r"(p[0-2]|[A-Za-z])(/[^/]*/|<[^<>]*>|[0-9]*)")
_AGENT = re.compile(r"/(.*)/([ie]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SaveFlags:
    """How save() works; None leaves a limit to the module's parameter. `path` is off, lazy, strict or empty,
    `matching_mode` empty for that of usrloc. `memory_only` keeps the contacts out of the database."""

    memory_only: bool = False
    no_reply: bool = False
    only_own: bool = False
    force: bool = False
    path: str = ""
    path_received: bool = False
    socket_header: bool = False
    max_contacts: int | None = None
    min_expires: int | None = None
    max_expires: int | None = None
    matching_mode: str = ""


@dataclass(frozen=True, slots=True)
class LookupFlags:
    """How lookup() chooses. `max_latency` is in microseconds, 0 for any."""

    by_method: bool = False
    no_branches: bool = False
    only_branches: bool = False
    all_branches: bool = False
    by_latency: bool = False
    max_latency: int = 0
    agent: Matcher | None = None


@lru_cache(maxsize=256)
def save_flags(text: str) -> SaveFlags:
    """Read the flags of save(). Raises ValueError for one that it does not have."""
    given = _named(text, SAVE_LETTERS)
    unknown = given.keys() - SAVE_LETTERS.values()
    mode = given.get("matching-mode")
    if unknown or not (mode is None or mode in MODES or re.fullmatch("<[^<>]+>", mode)):
        raise ValueError(f"save: unknown flag {next(iter(unknown), mode)!r}")
    paths = [name[5:] for name in ("path-strict", "path-lazy", "path-off") if name in given]
    return SaveFlags(
        memory_only="memory-only" in given, socket_header="socket-header" in given,
        no_reply="no-reply" in given, only_own="only-request-contacts" in given, force="force-registration" in given,
        path=paths[0] if paths else "", path_received="path-received" in given,
        matching_mode=MODES.get(mode, mode) if mode is not None else "",
        max_contacts=_number(given, "max-contacts"), min_expires=_number(given, "min-expires"),
        max_expires=_number(given, "max-expires"),
    )  # fmt: skip


@lru_cache(maxsize=256)
def lookup_flags(text: str) -> LookupFlags:
    """Read the flags of lookup(). Raises ValueError for one that it does not have.

    `global` and `extended-regexp` change nothing: there are no other locations, and no other expressions.
    """
    given = _named(text, LOOKUP_LETTERS)
    if unknown := given.keys() - {*LOOKUP_LETTERS.values(), "branch-lookup"}:
        raise ValueError(f"lookup: unknown flag {next(iter(unknown))!r}")
    return LookupFlags(
        by_method="method-filtering" in given, no_branches="no-branches" in given,
        only_branches="to-branches-only" in given, all_branches="branch" in given or "branch-lookup" in given,
        by_latency="sort-by-latency" in given, max_latency=_number(given, "max-ping-latency") or 0,
        agent=_agent(given["ua-filtering"], "case-insensitive" in given) if "ua-filtering" in given else None,
    )  # fmt: skip


def _named(text: str, letters: dict[str, str]) -> dict[str, str]:
    """The flags by name, each with its value (empty if it has none)."""
    if re.search("[-,=]", re.sub("[<][^<>]*[>]|/[^/]*/", "", text)) is None:
        found = [(each[1], each[2]) for each in _LETTER.finditer(text)]
        if "".join(name + value for name, value in found) == text and all(name in letters for name, _ in found):
            return {letters[name]: value for name, value in found}
    parts = (each.strip().partition("=") for each in re.split(r",(?![^/]*/[ie]*(?:,|$))", text) if each.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def _number(given: dict[str, str], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"{name} needs a number, not {value!r}")
    return int(value)


def _agent(text: str, ignores_case: bool) -> Matcher:
    """The pattern `/expression/[i][e]`: `i` ignores case; extended expressions (`e`) are the only ones."""
    found = _AGENT.fullmatch(text)
    if found is None:
        raise ValueError(f"ua-filtering needs /expression/, not {text!r}")
    return compile_ere(found[1], ignore_case=ignores_case or "i" in found[2])
