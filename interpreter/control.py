"""How a script's run is left and how routes call each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context

DEEPEST = 100
"""How many routes may be on the stack (language.md 3.5)."""


class Exit(Exception):  # noqa: N818 - leaving is no error
    """`exit`, or an action that returned 0: the whole run ends."""


class Drop(Exit):
    """`drop`: the run ends, and what is being routed is discarded where the kind of route allows it."""


@dataclass(slots=True)
class CompiledRoute:
    """A route as a Python function; `label` is how `$route` shows it: `kind[name]`, or the kind alone."""

    kind: str
    name: str
    function: Callable[[Context], int]
    label: str = field(init=False)

    def __post_init__(self) -> None:
        self.label = f"{self.kind}[{self.name}]" if self.name else self.kind


def call_route(context: Context, route: CompiledRoute, params: tuple[Value, ...]) -> int:
    """`route(name, params)`: the route's result; -1 if the stack is too deep or the run too long."""
    stack = context.stack
    if context.passes >= context.runtime.most_passes:
        context.log(-1, f"route {route.name}: the run has called routes and passed loops too often")
        return -1
    context.passes += 1
    if len(stack) >= DEEPEST:
        context.log(-1, f"route {route.name}: more than {DEEPEST} routes deep")
        return -1
    saved = context.params
    context.params = params
    context.returned = ()
    stack.append(route.label)
    try:
        return route.function(context)
    finally:
        stack.pop()
        context.params = saved
