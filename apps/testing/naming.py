"""Stable names for what a server makes up: branches, tags, dialog ids and cookies."""

from __future__ import annotations

import re
from collections.abc import Container

VOLATILE = (
    ("branch", "branch=", re.compile(r"(?<=branch=)z9hG4bK(?!-)[^;,\s>\"]+")),
    ("tag", "tag=", re.compile(r"(?<=tag=)[^;,\s<>\"?\]]+")),
    ("did", ";did=", re.compile(r"(?<=;did=)[^;>\s\"]+")),
    ("cookie", "_", re.compile(r"^\d+_\d+_\d+(?= )")),
)
"""Kinds of values, what is in each text that has one, and where they stand."""

FOLDER = re.compile(r"(?<!\S)[^\s:]*/(?=[^/\s:]+:\d+: )")
"""The folder in front of a line of a script that a message names: it is another one wherever the script lies."""


class Namer:
    """Replaces made-up values by `<branch 1>`, `<tag 2>`..., numbered as they appear.

    Tags that are in `known` (those of the parties) are left as they are.
    """

    def __init__(self, known: Container[str] = frozenset()) -> None:
        self._known = known
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def text(self, text: str) -> str:
        """The text with names instead of values; what was named before is found wherever it stands.

        Of the path of a script line only the file is left.
        """
        if "/" in text:
            text = FOLDER.sub("", text)
        for kind, sign, pattern in VOLATILE:
            if sign in text:
                text = pattern.sub(lambda found, kind=kind: self._name(kind, found[0]), text)  # type: ignore[misc]
        return " ".join([self._word(word) for word in text.split(" ")]) if self._names else text

    def _name(self, kind: str, value: str) -> str:
        if value in self._known or value.startswith("<"):
            return value
        name = self._names.get(value)
        if name is None:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            name = self._names[value] = f"<{kind} {number}>"
        return name

    def _word(self, word: str) -> str:
        bare, mark, rest = word.partition(";") if ";" in word else (word, "", "")
        return self._names[bare] + mark + rest if bare in self._names else word
