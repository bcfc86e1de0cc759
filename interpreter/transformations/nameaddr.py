"""`{nameaddr[.n].op}`: parts of an address in a comma list, as in Contact or Route (language.md 5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from relayscript.interpreter.transformations.arguments import (
    Args,
    Unfit,
    number_argument,
    text_argument,
    text_input,
)
from relayscript.interpreter.values import Value
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.params import parse_params, unquote

Operation = Callable[[Value, Args], Value]
INDEXED = re.compile(r"(?:(-?[0-9]{1,9})\.)?([a-z]+)", re.ASCII)


def nameaddr(op: str) -> Operation | None:
    """The operation that a text such as `uri` or `-1.uri` names; None if there is none.

    In `$.uri` the index is the first argument.
    """
    if op.startswith("$."):
        return _indexed_by_argument(op[2:])
    found = INDEXED.fullmatch(op)
    operation = _OPERATIONS.get(found[2]) if found is not None else None
    if found is None or operation is None:
        return None
    index = int(found[1] or 0)
    return lambda value, args: operation(_entry(value, index), args)


def _indexed_by_argument(op: str) -> Operation | None:
    """`{nameaddr.$var(i).op}`, whose first argument is the value of the variable."""
    operation = _OPERATIONS.get(op)
    if operation is None:
        return None
    return lambda value, args: operation(_entry(value, number_argument(args, 0)), args[1:])


def _entry(value: Value, index: int) -> str:
    entries = split_list(text_input(value))
    if not -len(entries) <= index < len(entries):
        raise Unfit
    return entries[index]


def _parsed(entry: str) -> NameAddr:
    try:
        return parse_nameaddr(entry)
    except SipError:
        raise Unfit from None


def _name(entry: str, args: Args) -> Value:
    return _parsed(entry).display or None


def _uri(entry: str, args: Args) -> Value:
    return _parsed(entry).uri


def _params(entry: str, args: Args) -> Value:
    return _parsed(entry).params or None


def _len(entry: str, args: Args) -> Value:
    """How long the address is without its parameters."""
    params = _parsed(entry).params
    return len(entry[: len(entry) - len(params)].rstrip(" \t;")) if params else len(entry)


def _param(entry: str, args: Args) -> Value:
    """A parameter's value without quotes; here the case of its name counts."""
    wanted = text_argument(args, 0)
    values = (value for name, value in parse_params(_parsed(entry).params) if name == wanted)
    return unquote(next(values, None) or "") or None


_OPERATIONS: dict[str, Callable[[str, Args], Value]] = {
    "name": _name,
    "uri": _uri,
    "params": _params,
    "len": _len,
    "param": _param,
}
