"""POSIX extended regular expressions as scripts use them, matched in linear time (POSIX.1-2017 9.4, language.md 3.2).

Patterns run against what strangers send, so the engine must not backtrack: they are translated for RE2
(package google-re2), whose time is linear in the text and whose alternatives can be leftmost-longest, as
POSIX wants. `.` matches line feeds, and `^ $` only the ends, unless `newline` is asked for. Patterns with
a back-reference are no regular language, and RE2 does not know `\\<` and `\\>`; they run on the package
`regex` under a time limit.

Asking only whether a pattern matches is what scripts do most. Patterns for which backtracking cannot cost
more than a few steps per byte are asked on Python's own engine then, which answers several times faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from relayscript.interpreter.ere import Translation

BACKTRACKING_SECONDS = 0.1
"""How long a pattern that RE2 cannot match may search before it counts as not matching."""

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

    __slots__ = ("_backtracking", "_groups", "_search", "_test", "pattern")

    def __init__(self, pattern: str, translation: Translation) -> None:
        self.pattern = pattern
        translated = translation.run()
        self._backtracking: Any = None
        self._test: Callable[[str], object] = self._test_linear
        if not translation.is_regular:
            self._backtracking = _backtracking(translated.replace(r"\z", r"\Z"), translation.ignore_case)
            self._test = self.search
            return
        compiled = re2.compile(translated.encode("latin-1"), _options())
        self._search = compiled.search
        self._groups = range(compiled.groups + 1)
        if translation.is_simple:
            self._test = re.compile(translated.replace(r"\z", r"\Z"), re.ASCII).search

    def search(self, text: str, start: int = 0) -> Match | None:
        """The leftmost match at or after `start`, the longest of those; None if there is none."""
        if self._backtracking is not None:
            return self._search_backtracking(text, start)
        return self._search_linear(text, text.encode("latin-1"), start)

    def each(self, text: str) -> Iterator[Match]:
        """All matches from left to right; an empty one does not follow another without a gap."""
        data = text.encode("latin-1")
        at, last = 0, -1
        while at <= len(text):
            if self._backtracking is not None:
                found = self._search_backtracking(text, at)
            else:
                found = self._search_linear(text, data, at)
            if found is None:
                return
            start, end = found.spans[0]
            if start != end or start != last:
                yield found
            at, last = end + (start == end), end

    def _search_linear(self, text: str, data: bytes, start: int) -> Match | None:
        found = self._search(data, start)
        return None if found is None else Match(text, tuple([found.span(i) for i in self._groups]))

    def matches(self, text: str) -> bool:
        """Whether the pattern matches anywhere."""
        return self._test(text) is not None

    def _test_linear(self, text: str) -> object:
        return self._search(text.encode("latin-1"))

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
    try:
        return Matcher(pattern, Translation(pattern, ignore_case, newline))
    except re2.error as error:
        raise ValueError(f"{error}") from None


def _backtracking(translated: str, ignore_case: bool) -> Any:
    """A pattern of the package `regex`. Raises ValueError if it is malformed."""
    import regex  # late: hardly any script has such a pattern

    flags = regex.IGNORECASE | regex.ASCII if ignore_case else regex.ASCII
    try:
        return regex.compile(translated, flags | regex.POSIX)
    except regex.error as error:
        raise ValueError(f"{error}") from None


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.log_errors = False
    return options
