"""What the relay engines are given by a running script, and how their nodes are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relayscript.engines.contract import NodeState, Wire

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context
    from relayscript.interpreter.runtime import Runtime


@dataclass(slots=True)
class RelayEvents:
    """Who wants to know of the relays: `status(engine, node, set, active)` of each change of a node. `extra_id`
    reads what `via-branch=extra` means.
    """

    status: list[Callable[[str, str, int, bool], None]] = field(default_factory=list)
    extra_id: Callable[[Context], str] | None = None


def wire(runtime: Runtime) -> Wire:
    """The runtime's network, timers and log for an engine; its traffic goes to the observers."""

    def trace(node: str, sent: bool, text: str) -> None:
        for observer in runtime.observers:
            observer.relay(node, sent, text)

    def status(engine: str, node: str, set_id: int, active: bool) -> None:
        params: dict[str, str | int | None] = {"socket": node, "status": "active" if active else "inactive"}
        if engine == "rtpengine":
            params["set"] = set_id
        runtime.raise_event(f"E_{engine.upper()}_STATUS", params)
        for told in runtime.relay_events.status:
            told(engine, node, set_id, active)

    return Wire(runtime.host.network, runtime.timers, runtime.ids, runtime.log, trace, status, runtime.timer_fired)


def extra_id(runtime: Runtime, context: Context) -> str:
    """The text that `via-branch=extra` stands for in rtpengine's flags (module rtpengine, `extra_id_pv`)."""
    found = runtime.relay_events.extra_id
    return found(context) if found is not None else ""


def by_set(nodes: Iterable[NodeState]) -> list[dict[str, object]]:
    """The nodes as `rtpproxy:show` and `rtpengine:show` list them; `recheck_ticks` are seconds."""
    sets: dict[int, list[dict[str, object]]] = {}
    for node in nodes:
        listed = sets.setdefault(node.set, [])
        listed.append({
            "url": node.url, "index": len(listed), "disabled": int(not node.enabled), "weight": node.weight,
            "recheck_ticks": round(node.recheck) if node.recheck < MOST_TICKS else MOST_TICKS,
        })  # fmt: skip
    return [{"Set": number, "Nodes": listed} for number, listed in sets.items()]


MOST_TICKS = 2**31 - 1
"""What is shown for a node that is never tried again by itself."""
