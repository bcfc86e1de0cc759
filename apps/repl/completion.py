"""What can stand at the cursor: a function of the text before it and of the session."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from relayscript.apps.repl.bench import Bench
from relayscript.apps.repl.breakpoints import RELAY_COMMANDS
from relayscript.apps.repl.commands import Takes
from relayscript.apps.repl.table import COMMANDS
from relayscript.apps.repl.typed import VERBS
from relayscript.apps.repl.vocabulary import HEADERS, WORDS, Vocabulary
from relayscript.grammar.scenario_words import KEYWORDS, MOODS
from relayscript.interpreter.modules.dialog import DialogModule

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "UPDATE", "PRACK", "INFO", "REFER",
           "SUBSCRIBE", "NOTIFY", "PUBLISH")  # fmt: skip
USUAL_PARTIES = ("alice", "bob", "carol")
FACTS = ("log", "relay", "result", "statistic", "returns", "nothing at", "no")
HEADER_FUNCTIONS = ("is_present_hf", "remove_hf", "append_hf", "remove_hf_re", "insert_hf")
MOST = 200
"""How many candidates are shown at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Text that can take the place of the last `replaces` characters; how it is shown, and a word on it."""

    text: str
    replaces: int
    shown: str = ""
    meaning: str = ""


class Completion:
    """Completes what is typed on a bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._vocabulary = Vocabulary(bench.world.runtime)
        self._world = bench.world

    def candidates(self, before: str) -> list[Candidate]:
        """What can stand behind the text before the cursor; the best guess at what is meant comes first."""
        if self._world is not self._bench.world:
            self._world, self._vocabulary = self._bench.world, Vocabulary(self._bench.world.runtime)
        found: list[Candidate] = []
        for each in self._all(before):
            found.append(each)
            if len(found) == MOST:
                break
        return found

    def _all(self, before: str) -> Iterator[Candidate]:
        if before.startswith("."):
            yield from self._command(before)
        else:
            yield from self._statement(before)
            if not _is_statement(before, self._parties):
                yield from self._script(before)

    # ---- dot commands

    def _command(self, before: str) -> Iterator[Candidate]:
        name, blank, rest = before[1:].partition(" ")
        if not blank:
            yield from _fitting(name, ((each.name, each.usage, each.text) for each in COMMANDS.values()))
            return
        found = COMMANDS.get(name)
        if found is None:
            return
        last = rest.rpartition(" ")[2]
        match found.takes:
            case Takes.FILE:
                yield from _files(rest)
            case Takes.ROUTE:
                words = self._vocabulary
                yield from _plain(rest, (*words.routes("route"), *words.routes(), *words.kinds))
            case Takes.MESSAGE:
                yield from _plain(rest, METHODS)
                yield from _files(rest)
            case Takes.MANAGEMENT:
                yield from self._management(rest)
            case Takes.CALL:
                yield from _plain(last, self._calls)
            case Takes.COMMAND:
                yield from _plain(rest, COMMANDS)
            case Takes.PLACE:
                yield from self._place(rest, last)
            case Takes.SCRIPT:
                yield from self._script(rest)

    def _place(self, rest: str, last: str) -> Iterator[Candidate]:
        if " when " in f" {rest}":
            yield from self._script(rest)
        elif rest.startswith("message "):
            yield from _plain(last, METHODS)
        elif rest.startswith("relay "):
            yield from _plain(last, RELAY_COMMANDS)
        else:
            files = (f"{file.rpartition('/')[2]}:" for file in self._bench.world.lines)
            yield from _plain(rest, (*self._vocabulary.routes(), "message ", "relay ", "when ", *files))

    def _management(self, rest: str) -> Iterator[Candidate]:
        command, blank, behind = rest.partition(" ")
        if not blank:
            yield from _plain(command, self._vocabulary.commands)
            return
        last = behind.rpartition(" ")[2]
        name, mark, value = last.partition("=")
        if mark:
            yield from _plain(value, (*self._calls, *self._dialogs) if name in ("callid", "dialog_id", "did") else ())
        else:
            yield from _plain(name, (f"{each}=" for each in self._vocabulary.parameters(command)))

    # ---- statements

    @property
    def _parties(self) -> list[str]:
        return list(dict.fromkeys((*self._bench.world.player.actors, *USUAL_PARTIES)))

    @property
    def _calls(self) -> list[str]:
        actors = self._bench.world.player.actors.values()
        return list(dict.fromkeys(name for actor in actors for name in actor.agent.calls))

    @property
    def _dialogs(self) -> list[str]:
        module = self._bench.world.runtime.module(DialogModule)
        return [each.did for each in module.table] if module is not None else []

    def _statement(self, before: str) -> Iterator[Candidate]:
        words = before.split(" ")
        last = words[-1]
        match words[:-1]:
            case []:
                yield from _plain(last, (*self._parties, *KEYWORDS)) if last else ()
            case ["mi", *_]:
                yield from self._management(before.partition(" ")[2])
            case ["expect" | "until"]:
                yield from _plain(last, FACTS)
            case ["relay"] | ["expect" | "until", "relay"]:
                yield from _plain(last, self._bench.world.host.relays.nodes)
            case ["relay", _]:
                yield from _plain(last, (*MOODS[:-1], "dies at"))
            case ["relay", _, "dies", "at"]:
                yield from _plain(last, RELAY_COMMANDS)
            case ["run"]:
                labels = [each for each in self._vocabulary.routes() if each != "route"]
                yield from _plain(last, (f"{each} with " for each in labels))
            case ["mock"]:
                yield from _plain(last, ("function ", *(f"route[{each}]" for each in self._vocabulary.routes("route"))))
            case ["mock", "function"]:
                yield from _plain(last, self._vocabulary.functions)
            case ["network"]:
                yield from _plain(last, ("loss", "duplicate", "reorder", "delay"))
            case ["include"] | ["party", _, "plays"]:
                yield from _files(last)
            case [party] if party in self._parties:
                yield from _plain(last, ("->", "<-", *(f"{each} up" if each == "hangs" else each for each in VERBS)))
            case [_, "calls"] | [_, "->" | "<-", _]:
                yield from _plain(last, self._parties)
            case [_, "->" | "<-"]:
                yield from _plain(last, METHODS)

    # ---- script

    def _script(self, before: str) -> Iterator[Candidate]:
        line = before.rpartition("\n")[2]
        if (found := re.search(r"\$\([^{}]*(?:\{[^{}]*\})*\{([\w.]*)$", line)) is not None:
            yield from _plain(found[1], self._vocabulary.transformations)
        elif (found := re.search(r"\$\(?hdr\(([\w-]*)$", line)) is not None:
            yield from _plain(found[1], self._headers)
        elif (found := re.search(r"\$\(?(var|avp)\(([\w-]*)$", line)) is not None:
            yield from _plain(found[2], self._kept(found[1]))
        elif (found := re.search(r"\$\(?([\w.]*)$", line)) is not None:
            words = self._vocabulary.variables
            yield from _fitting(found[1], ((each.text, each.usage, each.meaning) for each in words))
        elif (found := re.search(r"(\w+)\(((?:[^\"()]|\"[^\"]*\")*)(\"?)([\w-]*)$", line)) is not None and (
            found[3] or found[1] == "route"
        ):
            yield from _plain(found[4], self._arguments(found[1], found[2].count(",")))
        elif (found := re.search(r"(?<![\w$.\"])([A-Za-z]\w*)$", line)) is not None:
            yield from self._calling(found[1])

    def _calling(self, begun: str) -> Iterator[Candidate]:
        """The functions whose names begin like that."""
        for name in self._vocabulary.functions:
            if name.startswith(begun):
                word = self._vocabulary.function(name)
                yield Candidate(f"{name}(", len(begun), word.usage, word.meaning)
        yield from _plain(begun, WORDS)

    def _arguments(self, function: str, number: int) -> Iterable[str]:
        if function in HEADER_FUNCTIONS:
            return self._headers
        if function == "rtp_relay_engage":
            return self._bench.world.runtime.engines
        if function == "is_method":
            return METHODS
        kind, route = self._vocabulary.kind_of_argument(function, number)
        if function == "route" or kind == "route":
            word = next((each for each in self._vocabulary.kinds if each.startswith(route.lower())), "route")
            return self._vocabulary.routes("route" if function == "route" or route == "REQUEST" else word)
        return ()

    @property
    def _headers(self) -> list[str]:
        lines = self._bench.context.message.lines
        return list(dict.fromkeys((*(each.partition(":")[0].strip() for each in lines), *HEADERS)))

    def _kept(self, kind: str) -> Iterable[str]:
        context = self._bench.context
        return context.runtime.script_variables if kind == "var" else context.avps


def _is_statement(before: str, parties: list[str]) -> bool:
    """The first word is one of a statement's, and something stands behind it."""
    first, blank, _ = before.partition(" ")
    return bool(blank) and (first in KEYWORDS or first in parties)


def _plain(begun: str, texts: Iterable[str]) -> Iterator[Candidate]:
    lowered = begun.lower()
    return (Candidate(each, len(begun)) for each in texts if each.lower().startswith(lowered) and each != begun)


def _fitting(begun: str, words: Iterable[tuple[str, str, str]]) -> Iterator[Candidate]:
    return (Candidate(text, len(begun), shown, meaning) for text, shown, meaning in words if text.startswith(begun))


def _files(begun: str) -> Iterator[Candidate]:
    """Files and folders whose path begins like that."""
    folder, _, name = begun.rpartition("/")
    place = Path(f"{folder}/" if folder or begun.startswith("/") else ".").expanduser()
    try:
        with os.scandir(place) as entries:
            found = sorted((each.name, each.is_dir()) for each in entries if each.name.startswith(name))
    except OSError:
        return
    for each, is_folder in found:
        if name.startswith(".") or not each.startswith("."):
            yield Candidate(f"{each}/" if is_folder else each, len(name))
