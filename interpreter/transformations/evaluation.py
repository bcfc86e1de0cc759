"""Transformations that need the run: `{s.eval}`, `{re.subst}`, `{ip.resolve}`, `{nameaddr.$var(i).op}`."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.transformations.arguments import Args, Unfit, text_input
from relayscript.interpreter.transformations.ip import address
from relayscript.interpreter.transformations.subst import subst
from relayscript.interpreter.values import Value
from relayscript.interpreter.waiting import wait


def evaluate(context: Context, value: Value, args: Args) -> Value:
    """`{s.eval}`: the text expanded as a format string."""
    return context.runtime.registry.evaluate(text_input(value), context)


def resolve(context: Context, value: Value, args: Args) -> Value:
    """`{ip.resolve}`: the first address of a host name; the run waits for it, others go on."""
    name = text_input(value)
    if not name:
        raise Unfit
    if address(name) is not None:
        return name
    found: list[str] = wait(lambda done: context.runtime.host.resolve(name, done))
    return found[0] if found else None


CONTEXTUAL: dict[tuple[str, str], Callable[[Context, Value, Args], Value]] = {
    ("s", "eval"): evaluate,
    ("ip", "resolve"): resolve,
    ("re", "subst"): subst,
}
