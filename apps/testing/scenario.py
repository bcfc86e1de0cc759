"""Scenarios as values: the statements of the line language, read from text and written back.

The language is described in `grammar/scenario.py`. Reading what was written gives the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyparsing import ParseBaseException

from relayscript.grammar.scenario import statement


class ScenarioError(Exception):
    """A line that is no statement: file, line, column (from 1) and what was expected."""

    def __init__(self, file: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{file}:{line}:{column}: {text}")
        self.file, self.line, self.column, self.text = file, line, column, text


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#` (or the `|` of a transcript), or an empty line."""

    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Party:
    """A user agent, at an address of its own choice or the next free one."""

    name: str
    address: str = ""

    def __str__(self) -> str:
        return f"party {self.name}" + (f" at {self.address}" if self.address else "")


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay node and its mood from now on."""

    url: str
    mood: str
    reason: str = ""

    def __str__(self) -> str:
        return f"relay {self.url} {self.mood}" + (f" {quote(self.reason)}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Name:
    """The addresses of a host name; none: it does not exist."""

    host: str
    addresses: tuple[str, ...]

    def __str__(self) -> str:
        return f"dns {self.host} = {', '.join(self.addresses)}".rstrip()


@dataclass(frozen=True, slots=True)
class Detail:
    """More about a message: `sdp` (with an address), `no` header, `within` a time, or a header's value."""

    word: str
    value: str = ""

    def __str__(self) -> str:
        if self.word in ("no", "within"):
            return f"{self.word} {self.value}"
        if self.word == "sdp":
            return f"sdp={self.value}" if self.value else "sdp"
        return f"{self.word}={quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Packet:
    """One message that a party sends (`->`) or is to receive (`<-`): a request if `status` is empty."""

    party: str
    arrow: str
    method: str = ""
    target: str = ""
    status: str = ""
    details: tuple[Detail, ...] = ()

    def __str__(self) -> str:
        words = (self.party, self.arrow, self.status, self.method, self.target, *map(str, self.details))
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Act:
    """A whole exchange that a party begins: `calls`, `rings`, `answers`, `refuses`, `cancels`, `hangs`."""

    party: str
    verb: str
    target: str = ""
    status: str = ""
    details: tuple[Detail, ...] = ()

    def __str__(self) -> str:
        verb = "hangs up" if self.verb == "hangs" else self.verb
        words = (self.party, verb, self.target, self.status, *map(str, self.details))
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes; in milliseconds."""

    milliseconds: int

    def __str__(self) -> str:
        return f"wait {spoken_duration(self.milliseconds)}"


@dataclass(frozen=True, slots=True)
class Manage:
    """A management command with named parameters; what is not quoted and a number is given as a number."""

    command: str
    parameters: tuple[tuple[str, str | int], ...] = ()

    def __str__(self) -> str:
        given = (
            f"{name}={value if isinstance(value, int) else word_or_quoted(value)}" for name, value in self.parameters
        )
        return " ".join(("mi", self.command, *given))


Statement = Comment | Party | Relay | Name | Packet | Act | Wait | Manage


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


# ---- reading


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
    try:
        found = statement().parse_string(bare, parse_all=True)
    except ParseBaseException as error:
        column = error.loc + 1 + text.index(bare)
        raise ScenarioError(file, number, column, spoken_error(error)) from None
    return built(found.as_dict())


def spoken_error(error: ParseBaseException) -> str:
    """What pyparsing expected and what stands there."""
    rest = error.pstr[error.loc :].split()
    expected = (error.msg or "a statement").replace("Expected ", "", 1)
    return f"expected {expected}, found {rest[0]!r}" if rest else f"expected {expected}, found the end of the line"


def built(found: dict[str, Any]) -> Statement:
    """The statement of the grammar's results."""
    kind = found["kind"]
    details = tuple(built_detail(each) for each in found.get("details", ()))
    if kind in ("->", "<-"):
        method, target, status = (found.get(name, "") for name in ("method", "target", "status"))
        return Packet(found["party"], kind, method, target, status, details)
    makers: dict[str, Callable[[], Statement]] = {
        "party": lambda: Party(found["party"], found.get("address", "")),
        "relay": lambda: Relay(found["url"], found["mood"], unquote(found.get("reason", ""))),
        "dns": lambda: Name(found["host"], tuple(found.get("ips", ()))),
        "wait": lambda: Wait(milliseconds(found["duration"])),
        "mi": lambda: Manage(found["command"], tuple((n, plain(v)) for n, v in found.get("parameters", ()))),
    }
    if kind in makers:
        return makers[kind]()
    return Act(found["party"], kind, found.get("target", ""), found.get("status", ""), details)


def built_detail(words: list[str]) -> Detail:
    """The detail of its one or two words."""
    word, value = words[0], words[1] if len(words) > 1 else ""
    if word == "within":
        return Detail(word, spoken_duration(milliseconds(value)))
    return Detail(word, unquote(value))


# ---- words

STAMP = re.compile(r"^ *\d+\.\d{3}  ")
"""The time in front of a line of a transcript; it is not part of the statement."""

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def milliseconds(duration: str) -> int:
    """`500ms`, `2s`, `1.5m`, `12h` in milliseconds."""
    number = duration.rstrip("mhs")
    return round(float(number) * UNITS[duration[len(number) :]])


def spoken_duration(count: int) -> str:
    """Milliseconds in the largest unit that divides them."""
    for unit in ("h", "m", "s"):
        if count and count % UNITS[unit] == 0:
            return f"{count // UNITS[unit]}{unit}"
    return f"{count}ms"


def quote(text: str) -> str:
    """Text in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, char in ESCAPES.items():
        escaped = escaped.replace(char, f"\\{letter}")
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """What quoted text stands for; other text is itself."""
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1])


def plain(value: str) -> str | int:
    """A parameter's value: a number if it is written as one, without quotes."""
    return int(value) if re.fullmatch(r"-?[0-9]+", value) else unquote(value)


def word_or_quoted(text: str) -> str:
    """A value in quotes unless it is read back without them."""
    is_word = re.fullmatch(r"[^\s\"=#]+", text) and not re.fullmatch(r"-?[0-9]+", text)
    return text if is_word else quote(text)
