"""event_routing: routes and transactions that wait for an event (event_routing manual)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.events import Params
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.tm.injecting import NOTIFIED
from relayscript.interpreter.values import Value, text_of
from relayscript.interpreter.waiting import wait

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime
    from relayscript.sip.timers import Timer

TIMED_OUT = -2
Told = Callable[[Params], None]


class Waiting:
    """One who waits for an event whose parameters are as `wanted` says, for some seconds."""

    def __init__(self, wanted: dict[str, str], told: Told) -> None:
        self.wanted = wanted
        self.told = told
        self.timer: Timer | None = None

    def fits(self, params: Params) -> bool:
        """The event is one of those that are waited for."""
        return all(text_of(params.get(name)) == value for name, value in self.wanted.items())


class EventRouting(Module):
    """Lets scripts wait for events.

    The filter is an AVP with texts `name=value`; an event fits if its parameters have all these values. Its
    parameters are AVPs of their names in the route that it leads to.
    """

    name = "event_routing"

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._waiting: dict[str, list[Waiting]] = {}

    def start(self) -> None:
        """Listen to all events."""
        self.runtime.events.on_raised.append(self._raised)

    @function()
    def notify_on_event(
        self, context: Context, event: str, wanted: Reference, route: str, timeout: int
    ) -> int:
        """Run a route for each such event within that many seconds, with the transaction of this run: 1; -1."""
        found = self.runtime.route("route", route)
        filters = _filters(context, wanted)
        if found is None or filters is None or timeout <= 0:
            context.log(-1, f"notify_on_event: no route {route!r}, or a bad filter or time")
            return -1
        transaction = context.transaction

        def told(params: Params) -> None:
            if transaction is None or not transaction.ended:
                self.runtime.spawn(self._run, found, transaction, params)

        self._wait(event, Waiting(filters, told), timeout)
        return 1

    @function(waits=True)
    def wait_for_event(self, context: Context, event: str, wanted: Reference, timeout: int) -> int:
        """Wait for one such event: 1, with its parameters as AVPs; -2 after that many seconds; -1 for a bad filter."""
        filters = _filters(context, wanted)
        if filters is None or timeout <= 0:
            return -1

        def start(done: Callable[[Params | None], None]) -> None:
            one = Waiting(filters, done)
            self._wait(event, one, timeout, lambda: done(None))
            one.told = lambda params: self._once(event, one, params, done)

        params: Params | None = wait(start)
        if params is None:
            return TIMED_OUT
        context.avps.update({name: [value] for name, value in params.items() if value is not None})
        return 1

    def _once(self, event: str, one: Waiting, params: Params, done: Callable[[Params | None], None]) -> None:
        self._forget(event, one)
        done(params)

    # ---- waiting

    def _wait(
        self, event: str, one: Waiting, seconds: int, then: Callable[[], None] | None = None
    ) -> None:
        def over() -> None:
            self._forget(event, one)
            if then is not None:
                then()

        self._waiting.setdefault(event, []).append(one)
        one.timer = self.runtime.timers.start(seconds, over)

    def _forget(self, event: str, one: Waiting) -> None:
        if one.timer is not None:
            one.timer.cancel()
        left = [each for each in self._waiting.get(event, ()) if each is not one]
        if left:
            self._waiting[event] = left
        else:
            self._waiting.pop(event, None)

    def _raised(self, event: str, params: Params) -> None:
        for one in [each for each in self._waiting.get(event, ()) if each.fits(params)]:
            one.told(params)

    def _run(self, route: CompiledRoute, transaction: Any, params: Params) -> None:
        context = self.runtime.dummy_context(Kind.REQUEST)
        if transaction is not None:
            context = Context(self.runtime, transaction.request, Kind.REQUEST)
            context.transaction, context.flags = transaction, transaction.flags
            context.avps = dict(transaction.avps)
        context.avps.update({name: [value] for name, value in params.items() if value is not None})
        context.local[NOTIFIED] = params
        self.runtime.run(route, context)


def _filters(context: Context, wanted: Reference) -> dict[str, str] | None:
    """What the texts of an AVP ask for; None if one of them asks for nothing."""
    values: list[Value] = context.avps.get(wanted.parameter or "", [])
    found: dict[str, str] = {}
    for value in values:
        name, mark, text = (text_of(value) or "").partition("=")
        if not mark:
            return None
        found[name.strip()] = text
    return found
