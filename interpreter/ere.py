"""The syntax of POSIX extended regular expressions, translated for other engines (POSIX.1-2017 9.4).

Sets of characters are worked out byte by byte, because other engines fold case beyond ASCII. Understood
beyond POSIX, as in the GNU library: `\\w \\W \\s \\S \\b \\B \\< \\> \\`` `\\'`, and back-references. As there, any
other small letter behind a backslash is never found where case is ignored.
"""

from __future__ import annotations

MOST_REPEATS = 1000
"""The largest count in `{n,m}`; RE2 has the same limit."""

MOST_CHOICES = 8
"""Up to how many alternatives, or repetitions, backtracking is cheap."""

DEEPEST = 100
"""How deep groups may nest, and how many repetition signs may follow each other."""

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
_ASSERTIONS = {"b": r"\b", "B": r"\B", "<": r"\b(?=\w)", ">": r"\b(?<=\w)", "`": r"\A", "'": r"\z"}
_LOOKING_AROUND = "<>"


class Translation:
    """One pass over a pattern that writes the same in the syntax that RE2 and `regex` share.

    `is_regular`, to be asked after `run`: RE2 can match it; without it, only `regex` can.
    """

    def __init__(self, pattern: str, ignore_case: bool, newline: bool) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.newline = newline
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.is_regular = True
        self.repetitions = 0
        self.unbounded = False
        self.repeats_groups = False
        self.alternatives = 0

    @property
    def is_simple(self) -> bool:
        """Backtracking costs a few steps per byte at most; to be asked after `run`.

        So it is with one repetition of a single byte, if it is short or can start in one place only.
        """
        if self.repeats_groups or self.repetitions > 1 or self.alternatives > MOST_CHOICES:
            return False
        return not self.unbounded or (self.pattern.startswith("^") and not (self.newline or self.alternatives))

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
                self.alternatives += 1
                out.append("|")
            elif char in "*+?{":
                raise ValueError("nothing to repeat")
            elif char in "^$":
                out.append(self._anchor(char))
            elif char == "\\" and self.pattern[self.at : self.at + 1] in _ASSERTIONS:
                out.append(self._assertion())
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

    def _assertion(self) -> str:
        """What is true of a place; as an anchor it cannot be repeated."""
        char = self.pattern[self.at]
        self.at += 1
        self.is_regular &= char not in _LOOKING_AROUND
        return f"(?:{_ASSERTIONS[char]})"

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
        if char in "123456789":
            if int(char) not in self.closed:
                raise ValueError("invalid back-reference")
            self.is_regular = False
            return f"(?:\\{char})"
        return _set(frozenset()) if self.ignore_case and ord(char) in _LOWER else self._literal(char)

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
            self.unbounded |= char in "*+"
            self.repetitions += 1
            self.repeats_groups |= atom.endswith(")")
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
        self.unbounded |= bool(comma and not high) or int(high or low or 0) > MOST_CHOICES
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
