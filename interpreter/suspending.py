"""`async` and `launch`: functions that run while the script goes on elsewhere (language.md 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute, Exit

if TYPE_CHECKING:
    from relayscript.interpreter.modules.tm import Tm

WITHOUT_TM = -5
"""The result of `launch` if tm is not loaded."""

Act = Callable[[Context], int]


def resume_after(context: Context, act: Act, route: CompiledRoute | None) -> int:
    """`async`: run a function, then the resume route on a fresh stack; the run ends with it.

    A request gets its transaction first, so that a retransmission that arrives meanwhile is not routed again.
    """
    if _is_retransmission(context):
        raise Exit
    context.rc = act(context)
    if route is not None:
        context.stack, context.params, context.returned = [route.label], (), ()
        route.function(context)
    raise Exit


def _is_retransmission(context: Context) -> bool:
    tm: Tm | None = context.runtime.modules.get("tm")  # type: ignore[assignment]
    message = context.message
    if tm is None or context.kind != Kind.REQUEST or message.method == "ACK" or message.listener is None:
        return False
    return context.transaction is None and tm.t_newtran(context) == 0


def launch(context: Context, act: Act, report: CompiledRoute | None, text: str | None) -> int:
    """`launch`: run a function beside the script, on a dummy request, then its report route: 1.

    `$param(1)` of the report route is the text. -5 if tm is not loaded.
    """
    runtime = context.runtime
    if "tm" not in runtime.modules:
        context.log(-1, "launch needs module tm")
        return WITHOUT_TM

    def run() -> None:
        beside = runtime.dummy_context(Kind.REQUEST)
        try:
            beside.rc = act(beside)
        except Exit:
            return
        if report is not None:
            beside.params = (text,)
            runtime.run(report, beside)

    runtime.spawn(run)
    return 1
