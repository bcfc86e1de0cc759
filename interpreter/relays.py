"""What the relay engines are given by a running script, and how their nodes are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from relayscript.engines.contract import NodeState, Wire

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


def wire(runtime: Runtime) -> Wire:
    """The runtime's network, timers and log for an engine; its traffic goes to the observers."""

    def trace(node: str, sent: bool, text: str) -> None:
        for observer in runtime.observers:
            observer.relay(node, sent, text)

    def status(engine: str, node: str, set_id: int, active: bool) -> None:
        runtime.raise_event(
            f"E_{engine.upper()}_STATUS",
            {"socket": node, "status": "active" if active else "inactive", "set": set_id},
        )

    return Wire(runtime.host.network, runtime.timers, runtime.ids, runtime.log, trace, status)


def by_set(nodes: Iterable[NodeState], now: float) -> list[dict[str, object]]:
    """The nodes as `rtpproxy:show` and `rtpengine:show` list them; `recheck_ticks` are seconds."""
    sets: dict[int, list[dict[str, object]]] = {}
    for node in nodes:
        listed = sets.setdefault(node.set, [])
        listed.append({
            "url": node.url, "index": len(listed), "disabled": int(not node.enabled), "weight": node.weight,
            "recheck_ticks": max(0, round(node.recheck - now)) if node.recheck else 0,
        })  # fmt: skip
    return [{"Set": number, "Nodes": listed} for number, listed in sets.items()]
