"""`script_trace`: a line in the log for each action of a run (Script manual, "script_trace")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from relayscript.dsl import nodes

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context

FUNCTION = "script_trace"

ASSIGNMENTS = {
    "=": "equal", ":=": "colon-equal", "+=": "plus-equal", "-=": "minus-equal", "*=": "multiply-equal",
    "/=": "div-equal", "%=": "modulo-equal", "&=": "b-and-equal", "|=": "b-or-equal", "^=": "b-xor-equal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """How a run is traced: the level of the lines, the text that each ends with, and a tag."""

    level: int
    expand: Callable[[Context], str]
    tag: str = ""


def label(node: nodes.Node) -> str:
    """Class and name of an action, such as `core if`, `assign equal` or `module sl_send_reply`."""
    match node:
        case nodes.Call():
            return f"module {node.name}"
        case nodes.Assign():
            return f"assign {ASSIGNMENTS[node.op]}"
        case nodes.RouteCall():
            name = node.name
            return f"route {name.value if isinstance(name, nodes.Text) else name.raw}"
        case nodes.Xlog():
            return "core xdbg" if node.debug else "core xlog"
        case _:
            return f"core {type(node).__name__.lower()}"


def traced(context: Context, text: str) -> Literal[True]:
    """An action is about to run: write its line if the run is traced."""
    trace = context.trace
    if trace is not None:
        runtime = context.runtime
        tag = f"[{trace.tag}]" if trace.tag else ""
        runtime.log(trace.level, f"[Script Trace][{runtime.place()}]{tag}[{text}] -> ({trace.expand(context)})\n")
    return True
