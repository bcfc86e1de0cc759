"""Script text to tokens: one regular expression made from the grammar's terminals, and a hand for what nests.

Variables count parentheses and comments nest (language.md 1.2, 1.5), which no regular expression does.
Words between blanks (` as `), and global parameters of ours, are keywords only where the parser can take them
(language.md 13).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from enum import Enum, auto

from lark.lexer import PatternStr, TerminalDef, Token

Stretch = tuple[int, int]
"""Start and end of a part of the text."""


class Trouble(Enum):
    """What a scanner can find wrong with the text itself."""

    JUNK = auto()
    NUL = auto()
    OPEN_STRING = auto()
    OPEN_COMMENT = auto()
    OPEN_VARIABLE = auto()


class ScriptToken(Token):
    """A token with the comments between it and the one before; `blank_before` tells of an empty line there.

    `span` and `node` are for the reader of the tokens to fill.
    """

    __slots__ = ("blank_before", "comments", "node", "span")

    span: object
    node: object
    comments: tuple[Stretch, ...]
    blank_before: bool
    start_pos: int
    end_pos: int


def make_token(kind: str, text: str, start: int, end: int) -> ScriptToken:
    """A token of a type, standing at text[start:end] of the script."""
    token: ScriptToken = str.__new__(ScriptToken, text)
    token.type = kind
    token.value = text
    token.start_pos = start
    token.end_pos = end
    token.span = token.node = None
    token.comments = ()
    token.blank_before = False
    return token


Report = Callable[[Trouble, int, int], None]
Accepts = Callable[[], Container[str]]

_WORDS = re.compile(r"(?:\(\?:)?([A-Za-z0-9_]+(?:\|[A-Za-z0-9_]+)*)\)?")
_HYPHENATED = re.compile(r"[A-Za-z\[\]_?:()|-]+")
_NO_WORD = "(?![A-Za-z0-9_])"
_BLANK = r"(?:[ \t\r\n\x08]|\\\r?\n)*"
_BARE = re.compile(r"(?:(?!not|and|or|:=)[^\s;,=+\-*/%&|^~<>!()])*")
_PARENTHESES = re.compile(r"[()\n]")
_COMMENT_MARKS = re.compile(r"/\*|\*/")
_VARIABLE = "VARIABLE"
_WORD = "ID"
_OWN = "OWN_PARAMETER"


class Scanner:
    """Makes tokens of script text by the terminals of a grammar."""

    def __init__(self, terminals: Iterable[TerminalDef]) -> None:
        self._keywords: dict[str, str] = {}
        self._delimited: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        self._next = re.compile(self._expression(list(terminals)), re.DOTALL).match

    def _expression(self, terminals: list[TerminalDef]) -> str:
        """One alternative per terminal that is not a keyword; fills the tables of keywords."""
        others = [each for each in terminals if not self._is_keyword(each)]
        others.sort(key=lambda each: (-each.priority, -each.pattern.min_width, -each.pattern.max_width))
        first = [each for each in others if each.priority > 0]
        rest = [each for each in others if each.priority <= 0 and each.name != _WORD]
        word = next(each for each in others if each.name == _WORD)
        hyphenated = [each for each in rest if _HYPHENATED.fullmatch(each.pattern.value) and each.pattern.min_width > 3]
        rest = [each for each in rest if each not in hyphenated]
        alternatives = [r"(?P<COMMENT>#[^\n]*|/\*)", rf"(?P<{_VARIABLE}>\$)"]
        alternatives += [rf"(?=[0-9a-fA-F.]*[:.])(?P<{each.name}>{each.pattern.to_regexp()})" for each in first]
        alternatives += [rf"(?P<{each.name}>{each.pattern.to_regexp()}){_NO_WORD}" for each in hyphenated]
        alternatives += [rf"(?P<{each.name}>{each.pattern.to_regexp()})" for each in (word, *rest)]
        return f"({_BLANK})(?:{'|'.join(alternatives)}|(?P<END>\\Z)|(?P<OTHER>.))"

    def _is_keyword(self, terminal: TerminalDef) -> bool:
        """A terminal of words goes to a table; so does a word between blanks."""
        value = terminal.pattern.value
        if isinstance(terminal.pattern, PatternStr) and value.startswith(" "):
            words = value.split()
            phrase = re.compile(r"[ \t]+".join(words) + (r"(?=[ \t\r\n])" if value.endswith(" ") else _NO_WORD))
            self._delimited.setdefault(words[0], []).append((terminal.name, phrase))
            self._delimited[words[0]].sort(key=lambda each: -len(each[1].pattern))
            return True
        found = _WORDS.fullmatch(value) if terminal.name != _WORD and terminal.priority <= 0 else None
        if found is None or not value.strip("(?:")[:1].isalpha():
            return False
        self._keywords.update(dict.fromkeys(found[1].split("|"), terminal.name))
        return True

    @property
    def keywords(self) -> Mapping[str, str]:
        """The words that are no names, with the types of their tokens."""
        return self._keywords

    def tokens(self, text: str, accepts: Accepts, report: Report) -> Iterator[ScriptToken]:
        """The tokens of a text, `$END` last. `accepts` gives the types that the parser can take now."""
        position, comments, blank = 0, [], False
        keywords, delimited, match = self._keywords, self._delimited, self._next
        while True:
            found = match(text, position)
            assert found is not None
            kind, start, end = found.lastgroup or "OTHER", found.end(1), found.end()
            if start - position > 1 and text.count("\n", position, start) > 1:
                blank = True
            if kind == _WORD:
                word = text[start:end]
                kind = keywords.get(word, _WORD)
                if word in delimited:
                    kind, end = self._between_blanks(text, word, start, kind, end, accepts)
                elif kind == _OWN and kind not in accepts():
                    kind = _WORD
            elif kind == _VARIABLE:
                end = self._variable(text, start, report)
            elif kind == "COMMENT":
                position = self._comment(text, start, end, report)
                comments.append((start, position))
                continue
            elif kind == "OTHER":
                position = self._other(text, start, report)
                continue
            elif kind == "END":
                kind = "$END"
            token = make_token(kind, text[start:end], start, end)
            if comments or blank:
                token.comments, token.blank_before = tuple(comments), blank
                comments, blank = [], False
            yield token
            if kind == "$END":
                return
            position = end

    def _between_blanks(
        self, text: str, word: str, start: int, kind: str, end: int, accepts: Accepts
    ) -> tuple[str, int]:
        """Type and end of a word that is a keyword between blanks, behind something on its line."""
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if line.strip() and line[-1] in " \t":
            allowed = accepts()
            for name, phrase in self._delimited[word]:
                if name in allowed and (found := phrase.match(text, start)) is not None:
                    return name, found.end()
        return kind, end

    @staticmethod
    def _variable(text: str, start: int, report: Report) -> int:
        """The end of the variable whose `$` is at `start` (language.md 1.5)."""
        found = _BARE.match(text, start + 1)
        end = found.end() if found else start + 1
        if not text.startswith("(", end):
            return end
        depth = 0
        for mark in _PARENTHESES.finditer(text, end):
            if mark[0] == "\n":
                report(Trouble.OPEN_VARIABLE, start, mark.start())
                return mark.start()
            depth += 1 if mark[0] == "(" else -1
            if depth == 0:
                return mark.end()
        report(Trouble.OPEN_VARIABLE, start, len(text))
        return len(text)

    @staticmethod
    def _comment(text: str, start: int, end: int, report: Report) -> int:
        """The end of a comment; `/* */` nest."""
        if text[start] == "#":
            return end
        depth = 0
        for mark in _COMMENT_MARKS.finditer(text, start):
            depth += 1 if mark[0] == "/*" else -1
            if depth == 0:
                return mark.end()
        report(Trouble.OPEN_COMMENT, start, start + 2)
        return len(text)

    @staticmethod
    def _other(text: str, start: int, report: Report) -> int:
        """Past a byte that starts no token; a string that is never closed is cut at the end of its line."""
        if text[start] in "\"'":
            end = text.find("\n", start)
            end = end if end >= 0 else len(text)
            report(Trouble.OPEN_STRING, start, end)
            return end
        report(Trouble.NUL if text[start] == "\0" else Trouble.JUNK, start, start + 1)
        return start + 1
