"""`{re.subst,/pattern/replacement/flags}`: substitution by a regular expression (language.md 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from relayscript.interpreter.context import Context
from relayscript.interpreter.regex import Match, Matcher, compile_ere
from relayscript.interpreter.transformations.arguments import Args, Unfit, text_argument, text_input
from relayscript.interpreter.values import Value

FLAGS = frozenset("igs")
_REFERENCE = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Substitution:
    """A pattern, the text to put in its place, and whether to do so everywhere.

    In the replacement `\\0` is the whole match, `\\1` to `\\9` are groups, `\\u` is the Request-URI, and variables
    are expanded.
    """

    matcher: Matcher
    replacement: str
    everywhere: bool

    def apply(self, context: Context, text: str) -> str:
        """The text with what matches replaced."""
        replacement = self.replacement
        if "$" in replacement:
            expanded = context.runtime.registry.evaluate(replacement, context)
            if not isinstance(expanded, str):
                raise Unfit
            replacement = expanded
        parts: list[str] = []
        at = 0
        for found in self.matcher.each(text):
            start, end = found.spans[0]
            parts += (text[at:start], _filled(replacement, found, context))
            at = end
            if not self.everywhere:
                break
        parts.append(text[at:])
        return "".join(parts)


@lru_cache(maxsize=512)
def parse_substitution(text: str) -> Substitution | None:
    """Read `/pattern/replacement/flags`; any character can stand for `/`. None if it is malformed."""
    pieces = _pieces(text)
    if len(pieces) != 3 or not set(pieces[2]) <= FLAGS:
        return None
    pattern, replacement, flags = pieces
    try:
        matcher = compile_ere(pattern, ignore_case="i" in flags, newline="s" not in flags)
    except ValueError:
        return None
    return Substitution(matcher, replacement, "g" in flags)


def _pieces(text: str) -> list[str]:
    """The three pieces between separators; an escaped separator belongs to its piece, without the backslash."""
    if not text or text[0] == "\\" or text[0].isalnum():
        return []
    separator, pieces, piece, at = text[0], [], "", 1
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            following = text[at + 1]
            piece += following if following == separator else char + following
            at += 1
        elif char == separator:
            pieces.append(piece)
            piece = ""
        else:
            piece += char
        at += 1
    return [*pieces, piece.strip()]


def _filled(replacement: str, found: Match, context: Context) -> str:
    def text_for(reference: re.Match[str]) -> str:
        char = reference[1]
        if char in "0123456789":
            return found.group(int(char)) or ""
        return context.branch.uri if char == "u" else _CONTROLS.get(char, char)

    return _REFERENCE.sub(text_for, replacement)


def subst(context: Context, value: Value, args: Args) -> Value:
    """The substitution; text in which nothing matches stays as it is, an empty one is NULL."""
    text = text_input(value)
    substitution = parse_substitution(text_argument(args, 0))
    if not text or substitution is None:
        raise Unfit
    return substitution.apply(context, text)
