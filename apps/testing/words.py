"""Words of the line language: durations, quoted text, values."""

from __future__ import annotations

import re

from relayscript.grammar.scenario_words import LISTED

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
NULL = "<null>"
"""How NULL is written, as scripts print it."""

Given = str | int | None
"""A value that is written: text, number or NULL."""

Argument = str | int | tuple[str | int, ...]
"""A parameter of a management command: text, number, or a list of them."""


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


def argument(value: str) -> Argument:
    """A parameter of a management command as written."""
    if re.fullmatch(LISTED, value) is None:
        return plain(value)
    return tuple(map(plain, re.findall(r'"(?:[^"\\]|\\.)*"|-?\d+', value)))


def spoken_argument(value: Argument) -> str:
    """A parameter of a management command as it is written."""
    if isinstance(value, tuple):
        return f"[{', '.join(str(each) if isinstance(each, int) else quote(each) for each in value)}]"
    return str(value) if isinstance(value, int) else word_or_quoted(value)


def word_or_quoted(text: str) -> str:
    """A value in quotes unless it is read back without them."""
    is_word = re.fullmatch(r"[^\s\"=#]+", text) and not re.fullmatch(rf"-?[0-9]+|{LISTED}", text)
    return text if is_word else quote(text)


def given(value: str) -> Given:
    """The value of a variable as written: `<null>`, a number, or quoted text."""
    return None if value == NULL else plain(value)


def spoken(value: Given) -> str:
    """A value as it is written."""
    return NULL if value is None else str(value) if isinstance(value, int) else quote(value)
