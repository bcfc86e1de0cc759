"""POSIX extended regular expressions as scripts use them, matched in linear time (POSIX.1-2017 9.4, language.md 3.2).

Patterns run against what strangers send, so the engine must not backtrack: they are translated for RE2
(package google-re2), whose time is linear in the text and whose alternatives can be leftmost-longest, as
POSIX wants. Sets of characters are worked out here, byte by byte, because RE2 would fold case beyond ASCII.
`.` matches line feeds, and `^ $` only the ends, unless `newline` is asked for. Understood beyond POSIX, as
in the GNU library: `\\w \\W \\s \\S \\b \\B \\< \\> \\`` `\\'`, and back-references. Patterns with a
back-reference are no regular language; they run on the package `regex` under a time limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2
import regex

MOST_REPEATS = 1000
"""The largest count in `{n,m}`; RE2 has the same limit."""

DEEPEST = 100
"""How deep groups may nest, and how many repetition signs may follow each other."""

BACKTRACKING_SECONDS = 0.1
"""How long a pattern with back-references may search before it counts as not matching."""

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACE = frozenset(b" \t\n\r\v\f")
_ALL = frozenset(range(256))
_DIGIT = frozenset(b"0123456789")
_LOWER = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_UPPER = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CLASSES = {
    "alpha": _LOWER | _UPPER,
    "digit": _DIGIT,
    "alnum": _LOWER | _UPPER | _DIGIT,
    "upper": _UPPER,
    "lower": _LOWER,
    "space": _SPACE,
    "blank": frozenset(b" \t"),
    "punct": frozenset(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "print": frozenset(range(32, 127)),
    "graph": frozenset(range(33, 127)),
    "cntrl": frozenset(range(32)) | {127},
    "xdigit": frozenset(b"0123456789abcdefABCDEF"),
}
_SET_ESCAPES = {"w": _WORD, "W": _ALL - _WORD, "s": _SPACE, "S": _ALL - _SPACE}
_ASSERTIONS = {"b": r"\b", "B": r"\B", "<": r"\b", ">": r"\b", "`": r"\A", "'": r"\z"}

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern matched: the span of the whole, then of each group ((-1, -1) if it took no part)."""

    text: str
    spans: tuple[Span, ...]

    def group(self, number: int) -> str | None:
        """The text of a group (0 is the whole match); None if it took no part or does not exist."""
        if not 0 <= number < len(self.spans):
            return None
        start, end = self.spans[number]
        return self.text[start:end] if start >= 0 else None


class Matcher:
    """A compiled pattern. Texts are byte texts (latin-1)."""

    __slots__ = ("_backtracking", "_groups", "_search", "pattern")

    def __init__(self, pattern: str, translated: str, back_references: bool, ignore_case: bool) -> None:
        self.pattern = pattern
        self._backtracking: Any = None
        if back_references:
            flags = regex.IGNORECASE | regex.ASCII if ignore_case else regex.ASCII
            self._backtracking = regex.compile(translated.replace(r"\z", r"\Z"), flags | regex.POSIX)
            return
        compiled = re2.compile(translated.encode("latin-1"), _options())
        self._search = compiled.search
        self._groups = range(compiled.groups + 1)

    def search(self, text: str, start: int = 0) -> Match | None:
        """The leftmost match at or after `start`, the longest of those; None if there is none."""
        if self._backtracking is not None:
            return self._search_backtracking(text, start)
        found = self._search(text.encode("latin-1"), start)
        if found is None:
            return None
        return Match(text, tuple([found.span(i) for i in self._groups]))

    def matches(self, text: str) -> bool:
        """Whether the pattern matches anywhere."""
        if self._backtracking is not None:
            return self._search_backtracking(text, 0) is not None
        return self._search(text.encode("latin-1")) is not None

    def _search_backtracking(self, text: str, start: int) -> Match | None:
        try:
            found = self._backtracking.search(text, start, timeout=BACKTRACKING_SECONDS)
        except TimeoutError:
            return None
        if found is None:
            return None
        return Match(text, tuple(found.span(i) for i in range(self._backtracking.groups + 1)))


@lru_cache(maxsize=1024)
def compile_ere(pattern: str, ignore_case: bool = True, newline: bool = False) -> Matcher:
    """Compile a pattern. `newline`: `^ $` also match at line feeds, `.` and `[^...]` do not match one.

    Raises ValueError if it is malformed.
    """
    translation = _Translation(pattern, ignore_case, newline)
    translated = translation.run()
    try:
        return Matcher(pattern, translated, translation.back_references, ignore_case)
    except (re2.error, regex.error) as error:
        raise ValueError(f"{error}") from None


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.log_errors = False
    return options


class _Translation:
    """One pass over a pattern that writes the same in the syntax that RE2 and `regex` share."""

    def __init__(self, pattern: str, ignore_case: bool, newline: bool) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.newline = newline
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.back_references = False

    def run(self) -> str:
        """The translated pattern."""
        return self._alternatives(0)

    def _alternatives(self, depth: int) -> str:
        """Everything up to the end, or up to the `)` of the group that is open."""
        out: list[str] = []
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if char == ")" and depth:
                return "".join(out)
            self.at += 1
            if char == "|":
                out.append("|")
            elif char in "*+?{":
                raise ValueError("nothing to repeat")
            elif char in "^$":
                out.append(self._anchor(char))
            else:
                out.append(self._repeated(self._atom(char, depth)))
        if depth:
            raise ValueError("( without )")
        return "".join(out)

    # ---- atoms

    def _anchor(self, char: str) -> str:
        if self.newline:
            return f"(?m:{char})"
        return r"\A" if char == "^" else r"\z"

    def _atom(self, char: str, depth: int) -> str:
        match char:
            case "(":
                return self._group(depth + 1)
            case "[":
                return self._bracket()
            case ".":
                return _set(_ALL - {10} if self.newline else _ALL)
            case "\\":
                return self._escaped()
            case _:
                return self._literal(char)

    def _group(self, depth: int) -> str:
        if depth > DEEPEST:
            raise ValueError("too many nested groups")
        self.groups += 1
        number = self.groups
        inner = self._alternatives(depth)
        self.at += 1
        self.closed.add(number)
        return f"({inner})"

    def _escaped(self) -> str:
        if self.at == len(self.pattern):
            raise ValueError("trailing backslash")
        char = self.pattern[self.at]
        self.at += 1
        if char in _SET_ESCAPES:
            return _set(_SET_ESCAPES[char])
        if char in _ASSERTIONS:
            return f"(?:{_ASSERTIONS[char]})"
        if char in "123456789":
            if int(char) not in self.closed:
                raise ValueError("invalid back-reference")
            self.back_references = True
            return f"(?:\\{char})"
        return self._literal(char)

    def _literal(self, char: str) -> str:
        return _set(self._folded(frozenset([ord(char)])))

    def _folded(self, found: frozenset[int]) -> frozenset[int]:
        if not self.ignore_case:
            return found
        return found | {ord(chr(c).swapcase()) for c in found if c in _LOWER or c in _UPPER}

    # ---- repetition

    def _repeated(self, atom: str) -> str:
        """The atom with the repetition signs behind it; several in a row nest."""
        signs = 0
        while char := self.pattern[self.at : self.at + 1]:
            if char not in "*+?{":
                break
            self.at += 1
            sign = self._interval() if char == "{" else char
            atom = f"(?:{atom}){sign}" if signs else atom + sign
            signs += 1
            if signs > DEEPEST:
                raise ValueError("too many repetition signs")
        return atom

    def _interval(self) -> str:
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : max(end, self.at)].partition(",")
        if not (low or comma) or not (low + high or "0").isdigit():
            raise ValueError("invalid content of {}")
        if max(int(low or 0), int(high or 0)) > MOST_REPEATS or (high and int(high) < int(low or 0)):
            raise ValueError("invalid content of {}")
        self.at = end + 1
        return f"{{{low or 0}{comma}{high}}}"

    # ---- bracket expressions

    def _bracket(self) -> str:
        negated = self.pattern[self.at : self.at + 1] == "^"
        self.at += negated
        found: frozenset[int] = frozenset()
        first = True
        while True:
            if self.at >= len(self.pattern):
                raise ValueError("[ without ]")
            if self.pattern[self.at] == "]" and not first:
                self.at += 1
                break
            found |= self._bracket_item()
            first = False
        found = self._folded(found)
        if negated:
            found = _ALL - found - ({10} if self.newline else set())
        return _set(found)

    def _bracket_item(self) -> frozenset[int]:
        """A character, a range, or a class."""
        if self.pattern.startswith("[:", self.at):
            return _class(self._named(":]"))
        low = self._bracket_char()
        if self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in (
            "]",
            "",
        ):
            self.at += 1
            high = self._bracket_char()
            if high < low:
                raise ValueError("invalid range end")
            return frozenset(range(low, high + 1))
        return frozenset([low])

    def _bracket_char(self) -> int:
        for opening, closing in (("[.", ".]"), ("[=", "=]")):
            if self.pattern.startswith(opening, self.at):
                name = self._named(closing)
                if len(name) != 1:
                    raise ValueError("invalid collation character")
                return ord(name)
        if self.at >= len(self.pattern):
            raise ValueError("[ without ]")
        self.at += 1
        return ord(self.pattern[self.at - 1])

    def _named(self, closing: str) -> str:
        end = self.pattern.find(closing, self.at + 2)
        if end < 0:
            raise ValueError("[ without ]")
        name = self.pattern[self.at + 2 : end]
        self.at = end + 2
        return name


def _class(name: str) -> frozenset[int]:
    if name not in _CLASSES:
        raise ValueError("invalid character class name")
    return _CLASSES[name]


def _set(found: frozenset[int]) -> str:
    """A set of bytes as a character class of ranges; one plain letter or digit as itself."""
    if len(found) == 1 and (only := next(iter(found))) in _WORD:
        return chr(only)
    if not found:
        return r"[^\x00-\xff]"
    ranges: list[list[int]] = []
    for byte in sorted(found):
        if ranges and ranges[-1][1] == byte - 1:
            ranges[-1][1] = byte
        else:
            ranges.append([byte, byte])
    return "[" + "".join(f"\\x{a:02x}" if a == b else f"\\x{a:02x}-\\x{b:02x}" for a, b in ranges) + "]"
