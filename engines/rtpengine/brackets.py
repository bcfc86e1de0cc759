"""Lists and dictionaries in rtpengine's flags: `codec=[strip=[EVS] accept=[PCMA PCMU]]` (reference 6.3)."""

from __future__ import annotations

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.ng import NgDict, NgValue

DEEPEST, LONGEST = 8, 4096


def split_tokens(text: str) -> list[str]:
    """Split at spaces outside of brackets. EngineError if the brackets do not match."""
    tokens, depth, current = [], 0, ""
    for char in text:
        depth += (char == "[") - (char == "]")
        if depth < 0:
            break
        if char.isspace() and depth == 0:
            tokens.append(current)
            current = ""
        else:
            current += char
    if depth:
        raise EngineError(f"brackets do not match in '{text}'")
    return [token for token in [*tokens, current] if token]


def parse_brackets(text: str, depth: int = 1) -> NgValue:
    """Read `[...]`: a dictionary if a `=` occurs at its top level, else a list (`..` a space, `--` a `=`)."""
    if depth > DEEPEST or len(text) > LONGEST:
        raise EngineError("too much in brackets")
    items = split_tokens(text[1:-1])
    pairs = [_pair(item) for item in items]
    if any(pair is not None for pair in pairs):
        values: NgDict = {}
        for item, pair in zip(items, pairs, strict=True):
            key, value = pair or (item, "")
            values[_plain(key)] = _value(value, depth)
        return values
    return [_value(item, depth) for item in items]


def _pair(item: str) -> tuple[str, str] | None:
    key, mark, value = item.partition("=")
    return (key, value) if mark and "[" not in key else None


def _value(text: str, depth: int) -> NgValue:
    if text.startswith("[") and text.endswith("]"):
        return parse_brackets(text, depth + 1)
    return _plain(text)


def _plain(text: str) -> str:
    return text.replace("..", " ").replace("--", "=")
