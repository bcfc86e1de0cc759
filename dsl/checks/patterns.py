"""Whether a regular expression is a POSIX extended one that compiles, as the C library judges it."""

from __future__ import annotations

_CLASSES = frozenset((
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit",
))  # fmt: skip
_MOST = 32767
_ASSERTIONS = "bB<>`'"
"""Behind a backslash, they stand for a place and cannot be repeated, just as `^` and `$`."""


def pattern_mistake(pattern: str) -> str:
    """What is wrong with a pattern; empty if it compiles."""
    return _Pattern(pattern).mistake()


class _Pattern:
    """Goes through a pattern once. `_atom` says that something stands before that can be repeated.

    `_open` are the numbers of the groups that are open, `_closed` of those that are closed.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._groups = 0
        self._open: list[int] = []
        self._closed: set[int] = set()
        self._atom = False

    def mistake(self) -> str:
        while self._position < len(self._text):
            if found := self._step(self._text[self._position]):
                return found
        return "a ( is never closed" if self._open else ""

    def _step(self, char: str) -> str:
        """Past one element; what is wrong with it."""
        self._position += 1
        match char:
            case "\\":
                return self._escaped()
            case "[":
                self._atom = True
                return self._bracket()
            case "(":
                self._groups += 1
                self._open.append(self._groups)
                self._atom = False
            case ")" if self._open:
                self._closed.add(self._open.pop())
                self._atom = True
            case "|" | "^" | "$":
                self._atom = False
            case "*" | "+" | "?":
                return "" if self._atom else f"nothing before {char} to repeat"
            case "{":
                return self._bound()
            case _:
                self._atom = True
        return ""

    def _escaped(self) -> str:
        """Past what stands behind a backslash."""
        if self._position == len(self._text):
            return "a \\ stands at the end"
        char = self._text[self._position]
        self._position += 1
        self._atom = char not in _ASSERTIONS
        if char in "123456789" and int(char) not in self._closed:
            return f"\\{char} refers to a group that is not closed before"
        return ""

    def _bound(self) -> str:
        """Past `{n}`, `{n,}` or `{n,m}`."""
        if not self._atom:
            return "nothing before { to repeat"
        end = self._text.find("}", self._position)
        if end < 0:
            return "a { is never closed"
        low, comma, high = self._text[self._position : end].partition(",")
        self._position = end + 1
        if not (low.isdigit() or (comma and not low)) or (high and not high.isdigit()):
            return "the bounds in { } are no numbers"
        if high and int(low or 0) > int(high):
            return "the bounds in { } are the wrong way round"
        return "a bound in { } is too large" if max(int(low or 0), int(high or 0)) > _MOST else ""

    def _bracket(self) -> str:
        """Past a `[...]`."""
        text, position = self._text, self._position
        position += text.startswith("^", position)
        start = position
        while position < len(text):
            if text[position] == "]" and position > start:
                self._position = position + 1
                return ""
            if text.startswith(("[:", "[.", "[="), position):
                kind = text[position + 1]
                end = text.find(kind + "]", position + 2)
                if end < 0:
                    break
                if kind == ":" and text[position + 2 : end] not in _CLASSES:
                    return f"there is no class [:{text[position + 2 : end]}:]"
                position = end + 2
                continue
            if self._is_range(position) and text[position] > text[position + 2]:
                return f"the range {text[position : position + 3]} is the wrong way round"
            position += 3 if self._is_range(position) else 1
        return "a [ is never closed"

    def _is_range(self, position: int) -> bool:
        after = self._text[position + 1 : position + 3]
        return len(after) == 2 and after[0] == "-" and after[1] not in "]["
