"""One running script: its settings, modules, variables and compiled routes, and what they ask of the host."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import Catalogue, FunctionSpec
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.dsl.once import once
from relayscript.dsl.source import Span
from relayscript.dsl.visitor import walk
from relayscript.engines.contract import Engine
from relayscript.interpreter.blacklists import Blacklists
from relayscript.interpreter.compiler import compile_script
from relayscript.interpreter.compiler.codes import codes_for
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.declaration import Module
from relayscript.interpreter.dummy import dummy_request
from relayscript.interpreter.events import Events
from relayscript.interpreter.formats import VariableRegistry
from relayscript.interpreter.host import Host
from relayscript.interpreter.loading import load_modules
from relayscript.interpreter.log import ScriptLog
from relayscript.interpreter.mocks import NONE, Mocks
from relayscript.interpreter.modules.core import CORE
from relayscript.interpreter.offers import offers_of
from relayscript.interpreter.pipeline import Pipeline
from relayscript.interpreter.plugins import catalogue_for
from relayscript.interpreter.refusals import Refusals
from relayscript.interpreter.relays import RelayEvents
from relayscript.interpreter.routes import KINDS, Routes
from relayscript.interpreter.settings import Globals
from relayscript.interpreter.shedding import Shedder
from relayscript.interpreter.statistics import Statistics
from relayscript.interpreter.status import CORE as CORE_GROUP
from relayscript.interpreter.status import INITIALIZING, MAIN, RUNNING, TERMINATING, StatusReports
from relayscript.interpreter.values import Value
from relayscript.interpreter.verifying import read_script, verify, warnings_of
from relayscript.interpreter.workers import Workers
from relayscript.sip.transport import Address, Listener

if TYPE_CHECKING:
    from relayscript.interpreter.marks import Marks
    from relayscript.interpreter.observer import Observer

__all__ = ["KINDS", "OLDEST_TARGET", "PASSES_OF_A_RUN", "Runtime"]

M = TypeVar("M", bound=Module)
PASSES_OF_A_RUN = 100
"""How often `max_while_loops` passes of loops and calls of routes one run may make altogether."""

OLDEST_TARGET = "3.2"
"""The OpenSIPS version that a script means if nobody says."""

@once
def _files(script: nodes.Script) -> frozenset[str]:
    return frozenset(each.span.file for item in script.items for each in walk(item))


@once
def _calls_forward(script: nodes.Script) -> bool:
    return any(isinstance(node, nodes.Call) and node.name == "forward" for node in walk(script))


class Runtime(ScriptLog, Routes, Statistics):
    """A script ready to run on a host. Raises ScriptError if the script is not fit to run.

    With `lines`, `on_line` is called with the file and the number of each line of the script before it runs.
    """

    def __init__(
        self,
        script: nodes.Script,
        host: Host,
        *,
        target: str | None = None,
        marks: Marks | None = None,
        mocks: Mocks = NONE,
        lines: bool = False,
    ) -> None:
        self.script = script
        self.tells_lines = lines
        self.on_line: Callable[[str, int], None] = lambda file, number: None
        self.marks = marks
        self.mocks = mocks
        self.host = host
        self.target = target or OLDEST_TARGET
        self.asked_target = target
        self.timers = host.timers
        self.ids = host.ids
        self.catalogue: Catalogue = catalogue_for(script)
        self.globals = Globals.of(script)
        self.listeners: tuple[Listener, ...] = self.globals.listeners
        self._places = frozenset(each.address for each in self.listeners)
        self.blacklists = Blacklists(script, host.timers, remembers_dead=not self.globals.disable_dns_blacklist)
        self.script_variables: dict[str, Value] = {}
        self.statistics: dict[str, int] = {}
        self.computed: dict[str, Callable[[], int]] = {"core:timers": self.timers.pending}
        self.statistics.update(dict.fromkeys(self.computed, 0))
        self.gauges: set[str] = set(self.computed)
        self.most_passes = self.globals.max_while_loops * PASSES_OF_A_RUN
        self.argv: dict[str, str] = {}
        self.caches: dict[str, Any] = {}
        self.engines: dict[str, Engine] = {}
        self.relay_events = RelayEvents()
        self.pid = os.getpid()
        self.started_at = host.wall()
        self.observers: list[Observer] = []
        self._workers = Workers()
        self._leaving = False
        self.before_request: list[Callable[[Context], bool]] = []
        self.after_request: list[Callable[[Context], None]] = []
        self.before_reply: list[Callable[[Context], bool]] = []
        self.path = ""
        self.files = _files(script)
        self._loaded = [item.module for item in script.items if isinstance(item, nodes.LoadModule)]
        self.modules: dict[str, Module] = {}
        self._core = [each(self, {}) for each in CORE]
        load_modules(self)
        self.all_modules = (*self._core, *self.modules.values())
        self.offers = offers_of(self.all_modules)
        self.commands = self.offers.bound_commands(self.all_modules)
        for statistic in self.offers.statistics:
            self.statistics.setdefault(statistic, 0)
        self.gauges |= self.offers.gauges
        self.runnable = frozenset(self.offers.functions).union(mocks.functions)
        self.findings = warnings_of(self)
        self.routes: dict[tuple[str, str], CompiledRoute] = {}
        self.events = Events(self)
        self.status = StatusReports(host.wall, self.raise_event)
        self.registry = VariableRegistry(self.all_modules, mocks.variables)
        if marks is not None:
            marks.begin(script)
        self.routes |= compile_script(script, self, codes_for(self))
        self.timer_routes = self._timer_routes()
        self.forwards_statelessly = self._forwards_statelessly()
        self.refusals = Refusals(self)
        self.pipeline = Pipeline(self)
        host.undeliverable = self.pipeline.undeliverable
        host.disconnected = self.events.disconnected
        self._shedder = Shedder(self)

    @classmethod
    def load(
        cls,
        path: str,
        host: Host,
        *,
        target: str | None = None,
        marks: Marks | None = None,
        mocks: Mocks = NONE,
        lines: bool = False,
    ) -> Runtime:
        """Parse, check and compile a script. Raises ScriptError with all that is wrong with it."""
        script, parsed = read_script(path)
        try:
            made = cls(script, host, target=target, marks=marks, mocks=mocks, lines=lines)
        except ScriptError as error:
            raise ScriptError(parsed.with_chain(error.diagnostics)) from None
        made.path = path
        return made

    # ---- loading

    def _forwards_statelessly(self) -> bool:
        """Replies that no transaction knows are passed on: as `disable_stateless_fwd` says, else if
        the script uses `forward()`."""
        if self.globals.disable_stateless_fwd >= 0:
            return not self.globals.disable_stateless_fwd
        return _calls_forward(self.script)

    def _timer_routes(self) -> list[tuple[CompiledRoute, int]]:
        return [
            (self.routes[item.kind, item.name], item.interval)
            for item in self.script.items
            if isinstance(item, nodes.Route) and item.interval is not None
        ]

    def reload_routes(self) -> None:
        """Read the script's file again and run its routes from now on; all else in it stays as it was.

        Raises ScriptError or OSError if it is no good; then the routes in force stay. What is running goes on
        as it began.
        """
        if not self.path:
            raise OSError("this script has no file")
        script, parsed = read_script(self.path)
        before, self.script = self.script, script
        try:
            verify(self, script)
            routes = compile_script(script, self)
        except ScriptError as error:
            self.script = before
            raise ScriptError(parsed.with_chain(error.diagnostics)) from None
        self.files |= _files(script)
        self.routes.clear()
        self.routes |= routes
        self.timer_routes = self._timer_routes()
        self.forwards_statelessly = self._forwards_statelessly()
        self.pipeline.adopt_routes()

    def function(self, name: str, span: Span) -> tuple[Callable[..., int], FunctionSpec]:
        """A script function that a loaded module offers, and what arguments it takes."""
        spec = self.catalogue.function(name, self._loaded) or self.catalogue.async_function(name, self._loaded)
        if spec is not None and name in self.mocks.functions:
            code = self.mocks.functions[name]
            return (lambda context, *args: code), spec
        found = self.offers.functions.get(name)
        if found is None or (spec := found[1].spec or spec) is None:
            text = f"relayscript does not run the function {name} yet"
            raise ScriptError((Diagnostic(Severity.ERROR, "RS205", text, span),))
        number, declared = found
        return getattr(self.all_modules[number], declared.method), spec

    def module(self, cls: type[M]) -> M | None:
        """The loaded module of a class."""
        found = self.modules.get(cls.name)
        return found if isinstance(found, cls) else None

    # ---- life

    def start(self) -> None:
        """Start the modules, run the startup route, start the timer routes."""
        self.status.set(CORE_GROUP, MAIN, INITIALIZING, "initializing")
        self.status.report(CORE_GROUP, MAIN, "initializing")
        for module in self.modules.values():
            module.start()
        for module in self.modules.values():
            module.restore()
        self.status.set(CORE_GROUP, MAIN, RUNNING, "running")
        self.status.report(CORE_GROUP, MAIN, "initialization completed, ready now")
        self.spawn(self.pipeline.start)

    def leave(self, done: Callable[[], None]) -> None:
        """Take no more messages and let the modules say goodbye; `done` is called when all have, perhaps at once."""
        self._leaving = True
        staying = len(self.modules) + 1

        def gone() -> None:
            nonlocal staying
            staying -= 1
            if not staying:
                done()

        for module in reversed(self.modules.values()):
            module.leave(gone)
        gone()

    def stop(self) -> None:
        """Stop the modules, last loaded first."""
        self.status.set(CORE_GROUP, MAIN, TERMINATING, "terminating")
        for module in reversed(self.modules.values()):
            module.stop()
        self._workers.rest()

    def receive(self, data: bytes, source: Address, listener: Listener) -> None:
        """A datagram came in. Never raises for what it contains."""
        if not self._leaving and self._shedder.takes(data, source, listener):
            self._workers.spawn(self._guarded, self.pipeline.receive, (data, source, listener))

    @property
    def pending(self) -> int:
        """How many runs have begun and not ended: they wait for something."""
        return self._workers.busy

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Run a function that may give way to others. An error in it is logged and harms nobody else."""
        self._workers.spawn(self._guarded, function, args)

    def _guarded(self, function: Callable[..., object], args: tuple[object, ...]) -> None:
        try:
            function(*args)
        except Exception:
            self.count("core:internal_errors")
            self.host.log(-2, f"internal error, please report it:\n{traceback.format_exc()}")

    # ---- what runs beside messages

    def dummy_context(self, kind: Kind) -> Context:
        """A context for what runs without a message of its own (timer, event, startup, launch)."""
        return Context(self, dummy_request(), kind)

    def raise_event(self, name: str, params: dict[str, Value]) -> None:
        """Run the event route of that name, if there is one, beside what is running now; tell the subscribers."""
        self.events.raise_event(name, params)

    # ---- what is told

    def timer_fired(self, name: str, seconds: float) -> None:
        """Tell the observers that a timer with a name fired, that many seconds after it was started."""
        for observer in self.observers:
            observer.timer(name, seconds)

    # ---- names and sockets

    def is_myself(self, host: str, port: int = 0, protocol: str = "") -> bool:
        """The host (and port, protocol) is one of our sockets, advertised addresses or aliases."""
        if (host, port) in self._places and not protocol:
            return True
        host = host.strip("[]").lower()
        if not host:
            return False
        for listener in self.listeners:
            names = (listener.host.lower(), listener.advertised_host.lower())
            ports = (listener.port, listener.advertised_port or listener.port)
            if host in names and port in (0, *ports) and protocol in ("", listener.protocol):
                return True
        return any(
            host == name and port in (0, own or port) and protocol in ("", kind or protocol)
            for kind, name, own in self.globals.aliases
        )

    def send(self, listener: Listener, destination: Address, text: str) -> None:
        """Send a message."""
        self.send_data(listener, destination, text.encode("latin-1"))

    def send_data(self, listener: Listener, destination: Address, data: bytes) -> None:
        """Send a message that is encoded already."""
        for observer in self.observers:
            observer.message(True, listener, destination, data)
        self.host.send(listener, destination, data)
