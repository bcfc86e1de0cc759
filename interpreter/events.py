"""Events: the names there are, who wants to know of them, and how they are told (Event Interface manual)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relayscript.dsl import nodes
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.values import Value
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

Params = dict[str, Value]
LOG = "E_CORE_LOG"
DISCONNECT = "E_CORE_TCP_DISCONNECT"
LEVELS = {-3: "ALERT", -2: "CRITICAL", -1: "ERROR", 1: "WARNING", 2: "NOTICE", 3: "INFO", 4: "DBG"}
Transport = Callable[[str, str, Params], None]
"""Tells a socket (a text that the transport understands) of an event and its parameters, without waiting."""


class EventError(Exception):
    """There is no such event, or no way to the socket."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is told of an event: where, for how many seconds (0: for ever), and until which time of the timers."""

    socket: str
    seconds: int
    until: float
    tell: Transport


class Events:
    """The events of one running script.

    Known are those of the core and the loaded modules, those with a route, and those that a script raised once.
    `on_raised` are told of each one, for modules. `transports` are the ways to external listeners, by the word
    in front of the colon of their socket.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._subscribers: dict[str, list[Subscriber]] = {}
        self.transports: dict[str, Transport] = {}
        self.on_raised: list[Callable[[str, Params], None]] = []
        self._tells_of_log = False
        self._numbers: dict[str, int] = {}
        catalogue = runtime.catalogue
        for spec in (catalogue.core, *(catalogue.modules.get(name) for name in runtime.modules)):
            for name in sorted(spec.events) if spec is not None else ():
                self.declare(name)
        for item in runtime.script.items:
            if isinstance(item, nodes.Route) and item.kind == "event_route":
                self.declare(item.name)

    # ---- names

    def declare(self, name: str) -> int:
        """The number of an event; a new one if it was not known."""
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self) -> dict[str, int]:
        """All events with their numbers."""
        return dict(self._numbers)

    # ---- subscribing

    def subscribe(self, name: str, socket: str, seconds: int = 0) -> None:
        """Tell a socket of an event for that long, 0 for ever; again for the same socket, from now on that long.

        Raises EventError for an unknown event or a socket that no loaded transport knows.
        """
        if name not in self._numbers:
            raise EventError(f"there is no event {name}")
        tell = self.transports.get(socket.partition(":")[0])
        if tell is None:
            raise EventError(f"no loaded module sends events to {socket}")
        others = [each for each in self._subscribers.get(name, ()) if each.socket != socket]
        until = self._runtime.timers.now + seconds
        self._subscribers[name] = [*others, Subscriber(socket, seconds, until, tell)]

    def subscribers(self, name: str) -> list[Subscriber]:
        """Those who are told of an event now."""
        now = self._runtime.timers.now
        left = [each for each in self._subscribers.get(name, ()) if not each.seconds or each.until > now]
        if name in self._subscribers:
            self._subscribers[name] = left
        return left

    # ---- of the core

    def written(self, level: int, text: str) -> None:
        """A line went to the log: E_CORE_LOG, if `log_event_enabled` asks for it and the level is not filtered.

        What is written while somebody is told of it, or its route runs, raises nothing.
        """
        runtime = self._runtime
        most = runtime.globals.log_event_level_filter
        if self._tells_of_log or (most and level > most) or not self.is_awaited(LOG):
            return
        params: Params = {
            "time": int(runtime.host.wall()), "pid": runtime.pid, "level": LEVELS.get(level, "ERROR"),
            "module": None, "function": None, "message": text,
        }  # fmt: skip
        self._tells_of_log = True
        try:
            self.raise_event(LOG, params)
        finally:
            self._tells_of_log = False

    def _run_quietly(self, route: CompiledRoute, context: Context) -> None:
        self._tells_of_log = True
        try:
            self._runtime.run(route, context)
        finally:
            self._tells_of_log = False

    def disconnected(self, listener: Listener, peer: Address) -> None:
        """A connection ended: E_CORE_TCP_DISCONNECT."""
        if self.is_awaited(DISCONNECT):
            params: Params = {
                "src_ip": peer[0], "src_port": peer[1], "dst_ip": listener.host, "dst_port": listener.port,
                "proto": listener.protocol,
            }  # fmt: skip
            self.raise_event(DISCONNECT, params)

    # ---- raising

    def is_awaited(self, name: str) -> bool:
        """Somebody is told of an event: its route, a subscriber, or a module that wants to know of all."""
        return bool(self.on_raised) or name in self._subscribers or ("event_route", name) in self._runtime.routes

    def raise_event(self, name: str, params: Params) -> None:
        """Run the event route of that name beside what is running now, and tell the subscribers."""
        self.declare(name)
        runtime = self._runtime
        route = runtime.routes.get(("event_route", name))
        if route is not None:
            context = runtime.dummy_context(Kind.EVENT)
            context.params = params
            run = self._run_quietly if name == LOG else runtime.run
            runtime.timers.start(0, lambda: runtime.spawn(run, route, context))
        for told in self.on_raised:
            told(name, params)
        if name in self._subscribers:
            for each in self.subscribers(name):
                each.tell(each.socket, name, params)
