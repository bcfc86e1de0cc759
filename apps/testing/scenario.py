"""Scenarios: the statements of the line language, read from text and written back.

The language is described in `grammar/scenario.py`. Reading what was written gives the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relayscript.apps.testing.statements import (
    Act,
    Comment,
    Detail,
    Expect,
    Include,
    Manage,
    Mock,
    Name,
    Network,
    Packet,
    Party,
    Raw,
    Relay,
    Repeat,
    Run,
    Script,
    Statement,
    Tag,
    Wait,
)  # fmt: skip
from relayscript.apps.testing.words import Argument, argument, given, milliseconds, plain, spoken_duration, unquote
from relayscript.grammar.shelf import Shelf

if TYPE_CHECKING:
    from pyparsing import ParseBaseException

PATIENCE = 32_000
"""Milliseconds in which what is expected must happen unless the scenario says more (64*T1)."""

STAMP = re.compile(r"^ *\d+\.\d{3}  ")
"""The time in front of a line of a transcript; it is not part of the statement."""


class ScenarioError(Exception):
    """A line that is no statement: file, line, column (from 1) and what was expected."""

    def __init__(self, file: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{file}:{line}:{column}: {text}")
        self.file, self.line, self.column, self.text = file, line, column, text


@dataclass(frozen=True, slots=True)
class Line:
    """A statement and where it stands; the first line is 1."""

    number: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file of statements."""

    file: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "".join(f"{line.statement}\n" for line in self.lines)

    @property
    def script(self) -> Script | None:
        """The script that it names."""
        return next((line.statement for line in self.lines if isinstance(line.statement, Script)), None)

    @property
    def tags(self) -> frozenset[str]:
        """The names by which it is chosen."""
        found = (line.statement for line in self.lines)
        return frozenset(name for each in found if isinstance(each, Tag) for name in each.names)

    @property
    def mocks(self) -> tuple[Mock, ...]:
        """What it puts in the place of parts of the script."""
        return tuple(line.statement for line in self.lines if isinstance(line.statement, Mock))


# ---- reading


def read(path: Path, within: tuple[Path, ...] = ()) -> Scenario:
    """The scenario in a file, with the statements of those that it includes. Raises ScenarioError, OSError."""
    found = _known(path)
    return Scenario(str(path), tuple(_with_included(found, path, (*within, path.resolve()))))


def _known(path: Path) -> Scenario:
    """The scenario in a file, from the shelf if it was read before."""
    text = path.read_text("latin-1")
    found: Scenario | None = _shelf().get(str(path), text.encode("latin-1"))
    if found is None:
        found = parse(text, str(path))
        _shelf().put(str(path), text.encode("latin-1"), found)
    return found


@cache
def _shelf() -> Shelf:
    here = Path(__file__).resolve().parent
    return Shelf("scenarios", (here, here.parents[1] / "grammar"))


def _with_included(scenario: Scenario, path: Path, chain: tuple[Path, ...]) -> Iterator[Line]:
    for line in scenario.lines:
        if not isinstance(line.statement, Include):
            yield line
            continue
        other = path.parent / line.statement.path
        if other.resolve() in chain:
            raise ScenarioError(str(path), line.number, 1, f"{line.statement.path} includes itself")
        try:
            included = read(other, chain)
        except OSError as error:
            text = f"cannot include {line.statement.path}: {(error.strerror or str(error)).lower()}"
            raise ScenarioError(str(path), line.number, 1, text) from None
        yield from (Line(line.number, each.statement) for each in included.lines)


def parse(text: str, file: str = "<scenario>") -> Scenario:
    """Read a scenario. Raises ScenarioError at the first line that is no statement."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return Scenario(file, tuple(Line(n, parse_line(line, file, n)) for n, line in enumerate(lines, 1)))


def parse_line(text: str, file: str = "<typed>", number: int = 1) -> Statement:
    """Read one statement. Raises ScenarioError."""
    bare = STAMP.sub("", text).strip()
    if not bare or bare[0] in "#|":
        return Comment(bare)
    from pyparsing import ParseBaseException  # late: the grammar takes longer to load than most scenarios

    try:
        return _statement(bare)
    except ParseBaseException as error:
        column = error.loc + 1 + text.index(bare)
        raise ScenarioError(file, number, column, spoken_error(error)) from None


@lru_cache(maxsize=1024)
def _statement(text: str) -> Statement:
    """Many scenarios begin alike. Raises ParseBaseException."""
    from relayscript.grammar.scenario import statement

    return built(statement().parse_string(text, parse_all=True).as_dict())


def spoken_error(error: ParseBaseException) -> str:
    """What pyparsing expected and what stands there."""
    rest = error.pstr[error.loc :].split()
    expected = (error.msg or "a statement").replace("Expected ", "", 1)
    return f"expected {expected}, found {rest[0]!r}" if rest else f"expected {expected}, found the end of the line"


# ---- building

Found = dict[str, Any]


def built(found: Found) -> Statement:
    """The statement of the grammar's results."""
    make = _MAKERS.get(found["kind"])
    if make is not None:
        return make(found)
    return Act(found["party"], found["kind"], found.get("target", ""), found.get("status", ""), _details(found))


def _packet(found: Found) -> Packet:
    method, target, status = (found.get(name, "") for name in ("method", "target", "status"))
    return Packet(found["party"], found["arrow"], method, target, status, _details(found))


def _party(found: Found) -> Party:
    plays = unquote(found.get("plays", ""))
    return Party(found["party"], found.get("address", ""), found.get("transport", ""), plays, _parameters(found))


def _relay(found: Found) -> Relay:
    mood, reason = found["mood"], unquote(found.get("reason", ""))
    return Relay(found["url"], mood, str(milliseconds(reason)) if mood == "slow" else reason)


def _name(found: Found) -> Name:
    return Name(found["host"], tuple(found.get("ips", ())), " ".join(found.get("record", "").split()))


def _network(found: Found) -> Network:
    chances = {word: int(found.get(word, "0")) for word in ("loss", "duplicate", "reorder")}
    most = milliseconds(found["most"]) if "most" in found else 0
    least = milliseconds(found["least"]) if "least" in found else most
    return Network(**chances, least=least, most=most, seed=int(found.get("seed", "0")))


def _mock(found: Found) -> Mock:
    for kind in ("function", "route"):
        if kind in found:
            return Mock(kind, found[kind], int(found["number"]))
    return Mock("variable", found["variable"], given(found["value"]))


def _expect(found: Found) -> Expect:
    within = -1
    if found["kind"] == "until":
        within = milliseconds(found["within"]) if "within" in found else PATIENCE
    what = found["what"]
    value = given(found["value"]) if "value" in found else int(found["number"]) if "number" in found else ""
    return Expect(what, found.get("name", ""), value, "absent" in found, within)


def _arguments(found: Found) -> tuple[tuple[str, Argument], ...]:
    return tuple((name, argument(value)) for name, value in found.get("parameters", ()))


def _parameters(found: Found) -> tuple[tuple[str, str | int], ...]:
    return tuple((name, plain(value)) for name, value in found.get("parameters", ()))


def _details(found: Found) -> tuple[Detail, ...]:
    return tuple(_detail(each) for each in found.get("details", ()))


def _detail(words: list[str]) -> Detail:
    """The detail of its words: one alone, one and a value, or one, `~` and a pattern."""
    if len(words) == 3:
        return Detail(words[0], unquote(words[2]), pattern=True)
    word, value = words[0], words[1] if len(words) > 1 else ""
    if word == "within":
        return Detail(word, spoken_duration(milliseconds(value)))
    return Detail(word, unquote(value))


_MAKERS: dict[str, Callable[[Found], Statement]] = {
    "script": lambda found: Script(unquote(found["path"]), found.get("target", "")),
    "include": lambda found: Include(unquote(found["path"])),
    "tag": lambda found: Tag(tuple(found["names"])),
    "party": _party,
    "relay": _relay,
    "dns": _name,
    "network": _network,
    "mock": _mock,
    "message": _packet,
    "bytes": lambda found: Raw(found["party"], unquote(found["bytes"])),
    "repeats": lambda found: Repeat(found["party"], found.get("method", ""), found.get("status", "")),
    "run": lambda found: Run(found["route_kind"], found.get("route_name", ""), _packet(found)),
    "wait": lambda found: Wait(milliseconds(found["duration"])),
    "mi": lambda found: Manage(found["command"], _arguments(found), "begins" in found),
    "expect": _expect,
    "until": _expect,
}
