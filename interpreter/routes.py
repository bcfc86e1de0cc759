"""Running the routes of one script, one after the other or within each other."""

from __future__ import annotations

from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import CompiledRoute, Drop, Exit
from relayscript.interpreter.values import Value

KINDS = {
    "route": Kind.REQUEST, "failure_route": Kind.FAILURE, "onreply_route": Kind.ONREPLY,
    "branch_route": Kind.BRANCH, "error_route": Kind.ERROR, "local_route": Kind.LOCAL,
    "startup_route": Kind.STARTUP, "timer_route": Kind.TIMER, "event_route": Kind.EVENT,
}  # fmt: skip


class Routes:
    """The compiled `routes` of a script by kind and name; the main route is ("route", "")."""

    routes: dict[tuple[str, str], CompiledRoute]

    def route(self, kind: str, name: str = "") -> CompiledRoute | None:
        """A route of the script."""
        return self.routes.get((kind, name))

    def run(self, route: CompiledRoute, context: Context) -> bool:
        """Run a route to its end as the top of the stack; False if it ended by `drop`."""
        saved_kind, saved_stack = context.kind, context.stack
        context.kind, context.stack = KINDS[route.kind], [route.label]
        try:
            route.function(context)
        except Drop:
            return False
        except Exit:
            return True
        finally:
            context.kind, context.stack = saved_kind, saved_stack
        return True

    def run_route(self, name: str, context: Context, params: dict[str, Value] | None = None) -> int | None:
        """Run `route[name]` for a module: its result, 0 if it ended by `exit`; None if there is none."""
        route = self.routes.get(("route", name))
        if route is None:
            return None
        saved = context.params
        context.params = params or {}
        context.returned = ()
        try:
            return route.function(context)
        except Exit:
            return 0
        finally:
            context.params = saved
