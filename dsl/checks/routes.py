"""Routes: defined once, there when they are named, and free of functions that their callers do not allow
(language.md 3.5, 11)."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.dsl import nodes
from relayscript.dsl.checks.calls import Calls, block_names
from relayscript.dsl.checks.findings import ROUTE_TYPES, Check
from relayscript.dsl.checks.patterns import pattern_mistake
from relayscript.dsl.checks.spelling import did_you_mean
from relayscript.dsl.checks.variables import Variables
from relayscript.dsl.source import Span
from relayscript.dsl.visitor import Visitor, children

MOST_ARGUMENTS = 8
"""How many arguments `route()` takes."""

MOST_NAMED = 99
"""How many named routes of a kind, and timer routes, a script can have."""

_LEVELS = "ACEWNID"


class Definitions:
    """Checks which routes there are."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._first: dict[tuple[str, str], nodes.Route] = {}
        for route in check.script.items:
            if isinstance(route, nodes.Route):
                check.route_names.setdefault(route.kind, set()).add(route.name)
        check.route_names.get("route", set()).discard("")

    def defined(self, route: nodes.Route) -> None:
        """A route block: the first of its name, unless it is a timer route."""
        key = (route.kind, route.name)
        first = self._first.setdefault(key, route)
        if first is not route and route.kind != "timer_route":
            self._twice(route, first)
        if len([each for each in self._first if each[0] == route.kind]) == MOST_NAMED + 2:
            self._check.error("RS264", f"more than {MOST_NAMED} routes of one kind", route.name_span)

    def _twice(self, route: nodes.Route, first: nodes.Route) -> None:
        note = f"first defined at {first.span}"
        if route.name:
            self._check.error("RS260", f"{route.kind}[{route.name}] is defined twice", route.name_span, "", note)
            return
        end = route.body.span
        place = Span(end.file, end.end_line, end.end_column - 1, end.end_line, end.end_column)
        name = "the main route" if route.kind == "route" else route.kind
        hint = "route[0] is the main route too" if route.kind == "route" else ""
        self._check.error("RS260", f"{name} is defined twice", place, hint, note, f"this one begins at {route.span}")


class Routes(Visitor):
    """Checks what stands in routes."""

    def __init__(self, check: Check, variables: Variables) -> None:
        self._check = check
        self._variables = variables
        self._calls = Calls(check, variables)
        self._kind = "REQUEST"

    def route(self, route: nodes.Route) -> None:
        """The body of a route block."""
        self._kind = ROUTE_TYPES[route.kind]
        self._check.block = route.kind
        self.visit(route.body)

    # ---- values

    def visit_Variable(self, node: nodes.Variable) -> None:  # noqa: N802
        self._variables.in_code(node)

    def visit_Compare(self, node: nodes.Compare) -> None:  # noqa: N802
        self.descend(node)
        if node.op not in ("=~", "!~") or not isinstance(node.right, nodes.Text):
            return
        if mistake := pattern_mistake(node.right.value):
            self._check.error("RS310", f"bad regular expression: {mistake}", node.right.span)

    def visit_Assign(self, node: nodes.Assign) -> None:  # noqa: N802
        self._variables.assigned(node.target)
        self.visit(node.value)

    def visit_For(self, node: nodes.For) -> None:  # noqa: N802
        self._variables.iterated(node.iterator)
        self.visit(node.source)
        self.visit(node.body)

    # ---- commands

    def visit_Call(self, node: nodes.Call) -> None:  # noqa: N802
        self._calls.call(node, self._kind)

    def visit_RouteCall(self, node: nodes.RouteCall) -> None:  # noqa: N802
        if isinstance(node.name, nodes.Variable):
            self.visit(node.name)
        elif "$" in node.name.value:
            self._variables.in_text(node.name)
        else:
            self._named(node.name, node.name.span, self._check.error)
        if len(node.args) > MOST_ARGUMENTS:
            self._check.error("RS265", f"route() takes at most {MOST_ARGUMENTS} arguments", node.span)
        for arg in node.args:
            self.visit(arg)

    def _named(self, name: nodes.Text, span: Span, say: object) -> None:
        known = self._check.route_names.get("route", set())
        if name.value in known:
            return
        main = name.value == "0"
        hint = "the main route cannot be called" if main else did_you_mean(name.value, known)
        if say == self._check.error:
            self._check.error("RS261", f"there is no route[{name.value}]", span, hint)
        else:
            self._check.warning("RS261", f"there is no route[{name.value}]", span, hint)

    def visit_Async(self, node: nodes.Async) -> None:  # noqa: N802
        self._calls.asynchronous(node.call, "async")
        self._named(node.resume, node.resume.span, None)
        self._needs_tm("async", node.span)

    def visit_Launch(self, node: nodes.Launch) -> None:  # noqa: N802
        self._calls.asynchronous(node.call, "launch")
        if node.report is not None:
            self._named(node.report, node.report.span, None)
        if node.message is not None:
            self._variables.in_text(node.message)
        self._needs_tm("launch", node.span)

    def _needs_tm(self, statement: str, span: Span) -> None:
        if "tm" not in self._check.all_loaded:
            self._check.warning("RS266", f"{statement} needs module tm", span, 'add loadmodule "tm.so"')

    def visit_Xlog(self, node: nodes.Xlog) -> None:  # noqa: N802
        if node.level is not None:
            self._level(node.level)
        if not node.message.value:
            self._check.error("RS212", "the text of xlog is empty", node.message.span)
        self._variables.in_text(node.message)

    def _level(self, level: nodes.Text) -> None:
        if level.value.startswith("$"):
            self._variables.in_text(level)
        elif level.value[2:3] not in tuple(_LEVELS):
            self._check.error("RS213", f"there is no log level {level.value}", level.span,
                              "levels are L_ALERT, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO and L_DBG")  # fmt: skip


class Reach:
    """Finds functions in `route[...]` blocks that other kinds of blocks reach and do not allow.

    As in the original, `while` conditions, assignments and the routes behind `async` are not followed.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self._sub = {route.name: route for route in check.script.routes("route") if route.name}
        self._known: dict[str, tuple[list[nodes.Call], list[str]]] = {}

    def check(self) -> None:
        """Every block that is no `route`."""
        for item in self._check.script.items:
            if isinstance(item, nodes.Route) and item.kind != "route":
                self._from(item)

    def _from(self, top: nodes.Route) -> None:
        kind = ROUTE_TYPES[top.kind]
        paths: list[tuple[str, ...]] = [(name,) for name in _followed(top.body)[1]]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            name = path[-1]
            if name in seen or name not in self._sub:
                continue
            seen.add(name)
            calls, names = self._below(name)
            for call in calls:
                self._call(call, kind, top, path)
            paths.extend((*path, each) for each in names)

    def _below(self, name: str) -> tuple[list[nodes.Call], list[str]]:
        if name not in self._known:
            self._known[name] = _followed(self._sub[name].body)
        return self._known[name]

    def _call(self, call: nodes.Call, kind: str, top: nodes.Route, path: tuple[str, ...]) -> None:
        spec = self._check.catalogue.function(call.name, self._check.all_loaded)
        if spec is None or any(kind in each.routes for each in (spec, *spec.variants)):
            return
        block = f"{top.kind}[{top.name}]" if top.name else top.kind
        way = " > ".join((block, *(f"route[{name}]" for name in path)))
        self._check.error(
            "RS203", f"{call.name}() cannot be used in {block}, which calls this route", call.span,
            f"it can be used in {block_names(spec.routes)}", f"the way here is {way}, from {top.span}",
        )  # fmt: skip


def _followed(body: nodes.Block) -> tuple[list[nodes.Call], list[str]]:
    """The function calls and the names of called routes in a body."""
    calls: list[nodes.Call] = []
    names: list[str] = []
    for node in _reached(body):
        if isinstance(node, nodes.Call):
            calls.append(node)
        elif isinstance(node, nodes.RouteCall) and isinstance(node.name, nodes.Text):
            names.append(node.name.value)
    return calls, names


def _reached(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    if isinstance(node, nodes.Assign | nodes.Call | nodes.Async):
        return
    for each in children(node.body if isinstance(node, nodes.While) else node):
        yield from _reached(each)
