"""Commands: function calls with their arguments evaluated by kind, route calls, logging."""

from __future__ import annotations

import ast
from collections.abc import Callable

from relayscript.dsl import nodes
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.arguments import Arguments, Missing, Read, Ready, guarded, with_arguments
from relayscript.interpreter.compiler.scope import Scope
from relayscript.interpreter.context import Context
from relayscript.interpreter.control import Drop, Exit
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.suspending import launch, resume_after
from relayscript.interpreter.tracing import label
from relayscript.interpreter.values import Value, int_of, text_of

LEVELS = {"A": -3, "C": -2, "E": -1, "W": 1, "N": 2, "I": 3, "D": 4}
DEBUG = 4


class Calls:
    """Compiles commands used for their result."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.arguments = Arguments(scope.registry, scope.runtime.globals)

    def command_value(self, node: nodes.Command) -> emit.Expr:
        """The code for a command in a condition or expression: its result; 0 ends the run there."""
        value = self.command_result(node)
        if self.scope.tracks_rc and not (isinstance(node, nodes.RouteCall) and self.is_dynamic(node)):
            return emit.call("noted", emit.name(emit.CONTEXT), value)
        return ast.BoolOp(ast.Or(), [value, emit.call("stop")])

    def command_result(self, node: nodes.Command) -> emit.Expr:
        """The code for a command that returns its result as an int."""
        code = self._command_code(node)
        if not self.scope.traces:
            return code
        return ast.BoolOp(
            ast.And(), [emit.call("traced", emit.name(emit.CONTEXT), emit.const(label(node))), code]
        )

    def _command_code(self, node: nodes.Command) -> emit.Expr:
        match node:
            case nodes.Call():
                return self._function(node)
            case nodes.RouteCall():
                return self._route(node)
            case nodes.Xlog():
                return self._linked(self._xlog(node), "xlog")
            case nodes.Log():
                return self._linked(self._log(node), "log")
            case nodes.Assert():
                return self.assertion(node)
            case nodes.Async():
                return self._asynchronous(node)
            case nodes.Launch():
                return self._launch(node)
            case nodes.Exit() | nodes.Drop() | nodes.Return():
                return self._linked(_leave(node), "leave")
            case nodes.Error():
                return self._linked(_not_implemented, "error")
        raise TypeError(node)

    def assertion(self, node: nodes.Assert) -> emit.Expr:
        """The code for `assert`."""
        raise NotImplementedError

    def _linked(self, action: Callable[[Context], int], hint: str) -> emit.Expr:
        return emit.call(self.scope.link(action, hint), emit.name(emit.CONTEXT))

    # ---- functions

    def _function(self, node: nodes.Call) -> emit.Expr:
        action, reads = self._action(node)
        if all(read.constant for read in reads):
            code = self.scope.link(action, node.name)
            return emit.call(code, emit.name(emit.CONTEXT), *(emit.const(read.value) for read in reads))
        return self._linked(with_arguments(action, node.name, tuple(read.read for read in reads)), node.name)

    # ---- routes

    def _route(self, node: nodes.RouteCall) -> emit.Expr:
        args = tuple(self._route_argument(each) for each in node.args)
        if isinstance(node.name, nodes.Text) and "$" not in node.name.value:
            return self._linked(self._static_route(node.name, args), "route")
        if isinstance(node.name, nodes.Variable):
            read = self.scope.registry.reader(node.name)
            return self._linked(self._dynamic_route(lambda context: text_of(read(context)), args), "route")
        return self._linked(self._dynamic_route(self.scope.registry.format(node.name.value), args), "route")

    def _route_argument(self, node: nodes.Text | nodes.Number | nodes.Variable | nodes.Null) -> Read:
        if isinstance(node, nodes.Variable):
            return self.scope.registry.reader(node)
        value: Value = None if isinstance(node, nodes.Null) else node.value
        return lambda context: value

    @staticmethod
    def is_dynamic(node: nodes.RouteCall) -> bool:
        """The route's name is known only at run time; an unknown one leaves `$rc` as it was."""
        return isinstance(node.name, nodes.Variable) or "$" in node.name.value

    def _static_route(self, name: nodes.Text, args: tuple[Read, ...]) -> Callable[[Context], int]:
        routes, call_route, text = self.scope.routes, self.scope.names["call_route"], name.value

        def run(context: Context) -> int:
            return call_route(context, routes[text], tuple([read(context) for read in args]))  # type: ignore[no-any-return]

        return run

    def _dynamic_route(self, read_name: Read, args: tuple[Read, ...]) -> Callable[[Context], int]:
        routes, call_route = self.scope.routes, self.scope.names["call_route"]

        def run(context: Context) -> int:
            name = read_name(context)
            if name is None or name not in routes:
                context.log(-3, f"route [{name}] is not defined")
                return -5
            code: int = call_route(context, routes[name], tuple([read(context) for read in args]))
            context.rc = code
            return code

        return run

    # ---- asynchronous statements

    def _asynchronous(self, node: nodes.Async) -> emit.Expr:
        """The function waits without blocking others; then the resume route runs and the run ends.

        No function here can be timed out: where a time-out is given, that is said and it takes as long as it takes.
        """
        prepare, routes, name = self._prepared(node.call), self.scope.routes, node.resume.value
        ignored = f"async: {node.call.name} cannot be timed out" if node.timeout and node.timeout.value else ""

        def run(context: Context) -> int:
            if ignored:
                context.runtime.warn_at(ignored, level=-1)
            return resume_after(context, prepare(context), routes.get(name))

        return self._linked(run, "async")

    def _launch(self, node: nodes.Launch) -> emit.Expr:
        prepare, routes = self._prepared(node.call), self.scope.routes
        expand = self.scope.registry.format(node.message.value) if node.message else None
        report = node.report.value if node.report else ""

        def run(context: Context) -> int:
            text = expand(context) if expand else None
            return launch(context, prepare(context), routes.get(report), text)

        return self._linked(run, "launch")

    def _prepared(self, node: nodes.Call) -> Callable[[Context], Callable[[Context], int]]:
        """Reads the arguments in one run and makes a function that acts, and writes results, in another."""
        action, reads = self._action(node)
        name = node.name

        def prepare(context: Context) -> Callable[[Context], int]:
            try:
                args = [each.read(context) for each in reads]
            except Missing as missing:
                context.runtime.warn_at(f"{name}: {missing}", level=-1)
                return lambda other: -1
            return lambda other: action(
                other, *[each.elsewhere(other) if isinstance(each, Reference) else each for each in args]
            )

        return prepare

    def _action(self, node: nodes.Call) -> tuple[Callable[..., int], list[Ready]]:
        """The function that a call means, and its arguments."""
        method, spec = self.scope.runtime.function(node.name, node.span)
        args = list(node.args)
        while args and args[-1] is None:
            args.pop()
        reads = [self.arguments.ready(argument, spec.arguments[i]) for i, argument in enumerate(args)]
        return guarded(method, self.scope.runtime.warn_at), reads

    # ---- logging

    def _xlog(self, node: nodes.Xlog) -> Callable[[Context], int]:
        expand = self.scope.registry.format(node.message.value)
        runtime = self.scope.runtime
        if node.level is not None and node.level.value.startswith("$"):
            read = self.scope.registry.reader_of(node.level.value)

            def at_dynamic_level(context: Context) -> int:
                level = int_of(read(context))
                return -1 if level is None else runtime.xlog(context, level, expand)

            return at_dynamic_level
        if node.debug:
            level = DEBUG
        elif node.level is None:
            level = runtime.globals.xlog_print_level
        else:
            level = LEVELS[node.level.value[2:3].upper()]
        return lambda context: runtime.xlog(context, level, expand)

    def _log(self, node: nodes.Log) -> Callable[[Context], int]:
        level = DEBUG if node.level is None else node.level.value
        text = node.message.value

        def run(context: Context) -> int:
            context.runtime.log(level, text)
            return 1

        return run

def _leave(node: nodes.Exit | nodes.Drop | nodes.Return) -> Callable[[Context], int]:
    signal = Drop if isinstance(node, nodes.Drop) else Exit

    def run(context: Context) -> int:
        raise signal

    return run


def _not_implemented(context: Context) -> int:
    context.log(-1, "error() is not implemented")
    return 1


_CONTEXT_ARGUMENT = ast.arguments(
    posonlyargs=[], args=[ast.arg(emit.CONTEXT)], kwonlyargs=[], kw_defaults=[], defaults=[]
)
