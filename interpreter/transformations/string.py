"""`{s...}`: lengths, numbers, case, cutting, searching and padding of strings (language.md 5)."""

from __future__ import annotations

import re

from relayscript.interpreter.transformations.arguments import (
    Args,
    Unfit,
    number_argument,
    text_argument,
    text_input,
)
from relayscript.interpreter.values import Named, Value, ascii_lower, wrap

_LEADING_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_BLANKS = " \t\r\n"
LONGEST = 65535
"""The most bytes that a result has."""


def length(value: Value, args: Args) -> Value:
    """`{s.len}`: how many bytes."""
    return len(text_input(value))


def integer(value: Value, args: Args) -> Value:
    """`{s.int}`: the number at the start, 0 without one. It still shows as the text that it came from."""
    if isinstance(value, int):
        return value
    text = text_input(value)
    found = _LEADING_NUMBER.match(text)
    return Named(wrap(int(found[0][:40])) if found else 0, text)


def lower(value: Value, args: Args) -> Value:
    """`{s.tolower}`: A-Z in lower case."""
    return _kept(value, ascii_lower(text_input(value)))


def upper(value: Value, args: Args) -> Value:
    """`{s.toupper}`: a-z in upper case."""
    return _kept(value, text_input(value).encode("latin-1").upper().decode("latin-1"))


def reverse(value: Value, args: Args) -> Value:
    """`{s.reverse}`: the last byte first."""
    return text_input(value)[::-1]


def substr(value: Value, args: Args) -> Value:
    """`{s.substr,offset,length}`: an offset < 0 counts from the end; a length <= 0 ends that far before the end."""
    text = text_input(value)
    offset, count = number_argument(args, 0), number_argument(args, 1)
    if offset < 0:
        offset += len(text)
    if not 0 <= offset < len(text):
        raise Unfit
    end = offset + count if count > 0 else len(text) + count
    if end < offset:
        raise Unfit
    return text[offset:end]


def select(value: Value, args: Args) -> Value:
    """`{s.select,n,c}`: the nth field between bytes c; n < 0 counts from the end."""
    fields = text_input(value).split(text_argument(args, 1))
    index = number_argument(args, 0)
    if not -len(fields) <= index < len(fields):
        raise Unfit
    return fields[index]


def index(value: Value, args: Args) -> Value:
    """`{s.index,text[,from]}`: where a text first begins at or after a position."""
    text, wanted = text_input(value), text_argument(args, 0)
    return _found(text.find(wanted, _start(text, number_argument(args, 1, 0))))


def rindex(value: Value, args: Args) -> Value:
    """`{s.rindex,text[,from]}`: where a text last begins at or before a position."""
    text, wanted = text_input(value), text_argument(args, 0)
    start = _start(text, number_argument(args, 1, len(text)))
    return _found(text.rfind(wanted, 0, start + len(wanted)))


def fill_left(value: Value, args: Args) -> Value:
    """`{s.fill.left,pad,n}`: padded in front to n bytes; the padding ends where the text begins."""
    text, padding = text_input(value), _padding(value, args)
    missing = len(padding)
    return padding[len(padding) - missing :] + text if missing else value


def fill_right(value: Value, args: Args) -> Value:
    """`{s.fill.right,pad,n}`: padded behind to n bytes."""
    text, pad, count = text_input(value), _pad(args), _wanted(value, args)
    return text + (pad * count)[:count] if count else value


def width(value: Value, args: Args) -> Value:
    """`{s.width,n}`: cut off, or padded with blanks, to n bytes."""
    text, count = text_input(value), number_argument(args, 0)
    if not 0 < count <= LONGEST:
        raise Unfit
    return _kept(value, text[:count].ljust(count))


def trim(value: Value, args: Args) -> Value:
    """`{s.trim}`: without blanks and line ends on both sides."""
    return _kept(value, text_input(value).strip(_BLANKS))


def trim_left(value: Value, args: Args) -> Value:
    """`{s.triml}`: without those in front."""
    return _kept(value, text_input(value).lstrip(_BLANKS))


def trim_right(value: Value, args: Args) -> Value:
    """`{s.trimr}`: without those behind."""
    return _kept(value, text_input(value).rstrip(_BLANKS))


def _kept(value: Value, text: str) -> Value:
    """Another text for the value; an int-typed one stays an int."""
    return Named(int(value), text) if isinstance(value, int) else text


def _start(text: str, position: int) -> int:
    """A position; one below 0 counts from the end and wraps around."""
    if position >= 0:
        return position
    return position % len(text) if text else 0


def _found(position: int) -> int:
    if position < 0:
        raise Unfit
    return position


def _pad(args: Args) -> str:
    pad = text_argument(args, 0)
    if len(pad) >= 2 and pad[0] == pad[-1] and pad[0] in "\"'":
        pad = pad[1:-1]
    if not pad:
        raise Unfit
    return pad


def _wanted(value: Value, args: Args) -> int:
    """How many bytes are missing."""
    total = number_argument(args, 1)
    if total > LONGEST:
        raise Unfit
    return max(total - len(text_input(value)), 0)


def _padding(value: Value, args: Args) -> str:
    pad, count = _pad(args), _wanted(value, args)
    repeated = pad * (count // len(pad) + 1)
    return repeated[len(repeated) - count :] if count else ""


STRING = {
    ("s", "len"): length,
    ("s", "int"): integer,
    ("s", "tolower"): lower,
    ("s", "toupper"): upper,
    ("s", "reverse"): reverse,
    ("s", "substr"): substr,
    ("s", "select"): select,
    ("s", "index"): index,
    ("s", "rindex"): rindex,
    ("s", "fill.left"): fill_left,
    ("s", "fill.right"): fill_right,
    ("s", "width"): width,
    ("s", "trim"): trim,
    ("s", "triml"): trim_left,
    ("s", "trimr"): trim_right,
}
