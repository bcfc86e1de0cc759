"""What kind of thing was typed: a dot command, a statement of a scenario, or script."""

from __future__ import annotations

import re
from enum import Enum

from relayscript.dsl.fragments import is_complete as is_whole_fragment
from relayscript.grammar.scenario_words import KEYWORDS

VERBS = ("calls", "rings", "answers", "refuses", "cancels", "hangs", "repeats")
"""Words behind the name of a party that make a statement."""

_SHORT = re.compile(r"(?P<party>[A-Za-z][\w-]*)\s*:\s+(?P<rest>[A-Z]{2,}\b.*|[1-6]\d\d\b.*)", re.DOTALL)
_STATEMENT = re.compile(
    rf"(?:{'|'.join(KEYWORDS)})(?![\w-])(?!\s*\()|[A-Za-z][\w-]*\s*(?:->|<-)|[A-Za-z][\w-]*\s+(?:{'|'.join(VERBS)})\b"
)
_WORDS = re.compile(r"[A-Za-z][\w-]*(\s+[\w-]+)+")


class Typed(Enum):
    """The kinds."""

    NOTHING = "nothing"
    COMMAND = "command"
    STATEMENT = "statement"
    SCRIPT = "script"


def kind_of(text: str) -> Typed:
    """The kind, by how it begins."""
    text = text.strip()
    if not text or text[0] in "#|":
        return Typed.NOTHING
    if text[0] == ".":
        return Typed.COMMAND
    if _STATEMENT.match(text) or _SHORT.fullmatch(text):
        return Typed.STATEMENT
    bare_words = "\n" not in text and _WORDS.fullmatch(text) is not None
    return Typed.STATEMENT if bare_words and text.split()[0] not in SCRIPT_WORDS else Typed.SCRIPT


SCRIPT_WORDS = ("return", "exit", "drop", "break", "if", "while", "for", "switch", "not")
"""Words that begin script, though a word without brackets may follow."""


def statement_of(text: str) -> str:
    """The statement as the line language has it: `alice: INVITE ...` is another way to write `alice -> INVITE ...`."""
    short = _SHORT.fullmatch(text.strip())
    return f"{short['party']} -> {short['rest']}" if short else text.strip()


def is_complete(text: str) -> bool:
    """Nothing has to follow on another line: only script goes on while a bracket, string or comment is open."""
    return kind_of(text) is not Typed.SCRIPT or is_whole_fragment(text)
