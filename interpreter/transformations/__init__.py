"""Transformations `{class.op,args}`: tables of operations, and how one is made ready for a script (language.md 5).

An operation takes the value (never NULL) and its arguments and returns the new value; where it cannot, it
raises `Unfit` or returns NULL, and the variable is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Reader
from relayscript.interpreter.transformations.address import ADDRESS
from relayscript.interpreter.transformations.arguments import Args, Unfit
from relayscript.interpreter.transformations.encoding import ENCODING
from relayscript.interpreter.transformations.evaluation import CONTEXTUAL
from relayscript.interpreter.transformations.hashes import HASHES
from relayscript.interpreter.transformations.ip import IP
from relayscript.interpreter.transformations.lists import LISTS
from relayscript.interpreter.transformations.nameaddr import nameaddr
from relayscript.interpreter.transformations.sdp import SDP
from relayscript.interpreter.transformations.string import STRING
from relayscript.interpreter.values import Value

Transformer = Callable[[Value, Args], Value]
Step = Callable[[Context, Value], Value]
Argument = str | Reader

TRANSFORMERS: Mapping[tuple[str, str], Transformer] = {
    **STRING, **HASHES, **ENCODING, **ADDRESS, **LISTS, **IP, **SDP
}  # fmt: skip
"""The operations that need nothing but the value, by class and operation."""


def step(group: str, op: str, args: tuple[Argument, ...]) -> Step | None:
    """One use of a transformation, as a function of the run and the value; None if there is no such one."""
    if group == "nameaddr":
        found = nameaddr(op)
        return None if found is None else _plain(found, args)
    if (contextual := CONTEXTUAL.get((group, op))) is not None:
        return _contextual(contextual, args)
    transform = TRANSFORMERS.get((group, op))
    return None if transform is None else _plain(transform, args)


def _plain(transform: Transformer, args: tuple[Argument, ...]) -> Step:
    constants = tuple(each for each in args if isinstance(each, str))
    if len(constants) == len(args):

        def apply(context: Context, value: Value) -> Value:
            try:
                return transform(value, constants)
            except Unfit:
                return None

        return apply

    def apply_dynamic(context: Context, value: Value) -> Value:
        try:
            return transform(value, _resolved(context, args))
        except Unfit:
            return None

    return apply_dynamic


def _contextual(transform: Callable[[Context, Value, Args], Value], args: tuple[Argument, ...]) -> Step:
    def apply(context: Context, value: Value) -> Value:
        try:
            return transform(context, value, _resolved(context, args))
        except Unfit:
            return None

    return apply


def _resolved(context: Context, args: tuple[Argument, ...]) -> Args:
    return tuple([each if isinstance(each, str) else each(context) for each in args])
