"""Parameters: the `;name=value` lists of URIs and header values, quoted strings kept whole."""

from __future__ import annotations

import re

LWS = " \t\r\n"
"""Blanks, folds included (RFC 3261 25.1 LWS)."""

Params = tuple[tuple[str, str | None], ...]
"""Names and values in order; the value is None where there is no `=`."""


_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at a one-character separator that is not inside a quoted string. An open one runs to the end."""
    if '"' not in text:
        return text.split(separator)
    parts: list[str] = []
    start = at = 0
    cut, quote = text.find(separator), text.find('"')
    while cut >= 0:
        if 0 <= quote < cut:
            at = end_of_quoted(text, quote)
            quote = text.find('"', at)
        else:
            parts.append(text[start:cut])
            start = at = cut + 1
        if cut < at:
            cut = text.find(separator, at)
    parts.append(text[start:])
    return parts


def end_of_quoted(text: str, start: int) -> int:
    """The index behind the quoted string that opens at `start`; the end of the text if it never closes."""
    found = _QUOTED.match(text, start)
    return found.end() if found is not None else len(text)


def parse_params(text: str) -> Params:
    """The parameters of `;a=b;c` or `a=b;c`: blanks around names and values dropped, quotes kept.

    Never fails: empty parts are skipped and anything else is a name.
    """
    found: list[tuple[str, str | None]] = []
    for part in split_outside_quotes(text, ";"):
        name, equals, value = part.partition("=")
        name = name.strip(LWS)
        if equals:
            found.append((name, value.strip(LWS)))
        elif name:
            found.append((name, None))
    return tuple(found)


def find_param(text: str, name: str) -> str | None:
    """The value of the first parameter of a name (given in lower case): "" if it has none, None if absent."""
    if '"' in text:
        parts = split_outside_quotes(text, ";")
    elif text.startswith(f"{name}="):
        return text[len(name) + 1 :].partition(";")[0].strip(LWS)
    else:
        parts = text.split(";")
    for part in parts:
        key, _, value = part.partition("=")
        if key == name or key.strip(LWS).lower() == name:
            return value.strip(LWS)
    return None


def format_params(params: Params) -> str:
    """The parameters as text, each with its leading `;`."""
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def quote(text: str) -> str:
    """A quoted string (RFC 3261 25.1)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """The text of a quoted string; anything else as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    if "\\" not in text:
        return text[1:-1]
    result: list[str] = []
    chars = iter(text[1:-1])
    for char in chars:
        result.append(next(chars, "") if char == "\\" else char)
    return "".join(result)
