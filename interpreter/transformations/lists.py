"""`{param...}` and `{csv...}`: lists of parameters and of comma separated fields (language.md 5)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.transformations.arguments import (
    Args,
    Unfit,
    number_argument,
    text_argument,
    text_input,
)
from relayscript.interpreter.values import Value, ascii_lower
from relayscript.sip.params import Params, parse_params, unquote


def _params(value: Value) -> Params:
    """The parameters of the text. Raises Unfit if it is empty."""
    text = text_input(value)
    if not text:
        raise Unfit
    return parse_params(text)


def _find(value: Value, args: Args) -> tuple[str, str | None] | None:
    wanted = ascii_lower(text_argument(args, 0))
    return next((each for each in _params(value) if ascii_lower(each[0]) == wanted), None)


def _at(value: Value, args: Args) -> tuple[str, str | None]:
    params, index = _params(value), number_argument(args, 0)
    if not -len(params) <= index < len(params):
        raise Unfit
    return params[index]


def param_value(value: Value, args: Args) -> Value:
    """`{param.value,name}`: a value without its quotes, empty if there is none; the case does not count."""
    found = _find(value, args)
    return None if found is None else unquote(found[1] or "")


def param_exist(value: Value, args: Args) -> Value:
    """`{param.exist,name}`: 1 or 0."""
    return 0 if _find(value, args) is None else 1


def param_value_at(value: Value, args: Args) -> Value:
    """`{param.valueat,n}`: the value of the nth parameter; n < 0 counts from the end."""
    return unquote(_at(value, args)[1] or "")


def param_name(value: Value, args: Args) -> Value:
    """`{param.name,n}`: the name of the nth parameter."""
    return _at(value, args)[0]


def param_count(value: Value, args: Args) -> Value:
    """`{param.count}`: how many there are."""
    return len(_params(value))


def csv_fields(text: str) -> list[str]:
    """The fields of one CSV record, quotes taken off (RFC 4180 2)."""
    fields: list[str] = []
    at = 0
    while True:
        if text.startswith('"', at):
            field, at = _quoted(text, at + 1)
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            field, at = text[at:end], end
        fields.append(field)
        if at >= len(text):
            return fields
        at += 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    """A quoted field and where it ends; a doubled quote is one. Raises Unfit if it never closes."""
    found: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            raise Unfit
        found.append(text[at:end])
        if not text.startswith('"', end + 1):
            break
        found.append('"')
        at = end + 2
    if end + 1 < len(text) and text[end + 1] != ",":
        raise Unfit
    return "".join(found), end + 1


def csv_count(value: Value, args: Args) -> Value:
    """`{csv.count}`: how many fields there are."""
    text = text_input(value)
    return len(csv_fields(text)) if text else None


def csv_value(value: Value, args: Args) -> Value:
    """`{csv.value,n}`: the nth field; n < 0 counts from the end."""
    text, index = text_input(value), number_argument(args, 0)
    fields = csv_fields(text) if text else []
    return fields[index] if -len(fields) <= index < len(fields) else None


LISTS: dict[tuple[str, str], Callable[[Value, Args], Value]] = {
    ("param", "value"): param_value,
    ("param", "exist"): param_exist,
    ("param", "exists"): param_exist,
    ("param", "valueat"): param_value_at,
    ("param", "name"): param_name,
    ("param", "count"): param_count,
    ("csv", "count"): csv_count,
    ("csv", "value"): csv_value,
}
