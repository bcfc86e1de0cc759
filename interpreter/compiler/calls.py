"""Commands: function calls with their arguments evaluated by kind, route calls, logging."""

from __future__ import annotations

import ast
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from relayscript.dsl import nodes
from relayscript.dsl.catalogue import ArgumentSpec
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.scope import Scope
from relayscript.interpreter.context import Context
from relayscript.interpreter.control import Exit
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.regex import compile_ere
from relayscript.interpreter.values import Value, int_of, text_of
from relayscript.sip.errors import SipError

Argument = nodes.Text | nodes.Number | nodes.Variable | None
Read = Callable[[Context], Any]
LEVELS = {"A": -3, "C": -2, "E": -1, "W": 1, "N": 2, "I": 3, "D": 4}
DEBUG = 4


class Missing(Exception):  # noqa: N818 - a signal
    """An argument is NULL or of the wrong kind at run time: the function is not called."""


class Calls:
    """Compiles commands used for their result."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def command_value(self, node: nodes.Command) -> emit.Expr:
        """The code for a command in a condition or expression: its result; 0 ends the run there."""
        value = self.command_result(node)
        if self.scope.tracks_rc:
            return emit.call("noted", emit.name(emit.CONTEXT), value)
        return ast.BoolOp(ast.Or(), [value, emit.call("stop")])

    def command_result(self, node: nodes.Command) -> emit.Expr:
        """The code for a command that returns its result as an int."""
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
        method, spec = self.scope.runtime.function(node.name, node.span)
        args = list(node.args)
        while args and args[-1] is None:
            args.pop()
        reads = [self._argument(argument, spec.arguments[i]) for i, argument in enumerate(args)]
        action = guarded(method, self.scope.runtime.warn_at)
        if all(read.constant for read in reads):
            code = self.scope.link(action, node.name)
            return emit.call(code, emit.name(emit.CONTEXT), *(emit.const(read.value) for read in reads))
        return self._linked(_with_arguments(action, node.name, tuple(read.read for read in reads)), node.name)

    def _argument(self, argument: Argument, spec: ArgumentSpec) -> Ready:
        if argument is None:
            return Ready(constant=True)
        if isinstance(argument, nodes.Variable):
            return self._variable_argument(argument, spec)
        if spec.kind == "regex" and isinstance(argument, nodes.Text):
            return self._pattern_argument(argument)
        if isinstance(argument, nodes.Number):
            return Ready(constant=True, value=argument.value)
        if spec.static or spec.no_expand or spec.kind == "route" or "$" not in argument.value:
            return Ready(constant=True, value=argument.value)
        limit = self.scope.runtime.globals.pv_print_buf_size
        return Ready(_limited(self.scope.registry.format(argument.value), limit))

    def _pattern_argument(self, argument: nodes.Text) -> Ready:
        if "$" in argument.value.replace("$$", "").rstrip("$") and "$(" in argument.value:
            expand = self.scope.registry.format(argument.value)
            return Ready(lambda context: _pattern(expand(context)))
        matcher = self.compiled(argument)
        return Ready(lambda context: matcher)

    def _variable_argument(self, argument: nodes.Variable, spec: ArgumentSpec) -> Ready:
        registry = self.scope.registry
        if spec.kind == "var":
            return Ready(lambda context: Reference(registry, argument, context))
        read = registry.reader(argument)
        convert = _CONVERSIONS.get(spec.kind, _as_text)
        return Ready(_unless_null(read, convert(read)) if spec.fix_null else convert(read))

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
            return call_route(context, routes[name], tuple([read(context) for read in args]))  # type: ignore[no-any-return]

        return run

    # ---- asynchronous statements

    def _asynchronous(self, node: nodes.Async) -> emit.Expr:
        """The function waits without blocking others; then the resume route runs and the run ends."""
        act = self._action(node.call)
        resume = self.scope.routes
        name = node.resume.value

        def run(context: Context) -> int:
            context.rc = act(context)
            if name in resume:
                self.scope.names["call_route"](context, resume[name], ())
            raise Exit

        return self._linked(run, "async")

    def _launch(self, node: nodes.Launch) -> emit.Expr:
        act = self._action(node.call)
        expand = self.scope.registry.format(node.message.value) if node.message else None
        report = node.report.value if node.report else None

        def run(context: Context) -> int:
            text = expand(context) if expand else None
            return context.runtime.launch(act, report, text)

        return self._linked(run, "launch")

    def _action(self, node: nodes.Call) -> Callable[[Context], int]:
        """A call as a Python function of its own, for statements that run it later."""
        body = ast.Expression(ast.Lambda(_CONTEXT_ARGUMENT, self._function(node)))
        code = compile(ast.fix_missing_locations(body), node.span.file, "eval")
        action: Callable[[Context], int] = eval(code, self.scope.names)
        return action

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

    # ---- literals

    def compiled(self, pattern: nodes.Text) -> Any:
        """The matcher of a literal regular expression. Raises ScriptError if it does not compile."""
        try:
            return compile_ere(pattern.value)
        except ValueError as error:
            raise ScriptError((_bad("RS310", f"bad regular expression: {error}", pattern),)) from None

    def match_literal(self, op: str, left: emit.Expr, pattern: nodes.Text) -> emit.Expr:
        """The code for `$left =~ "pattern"`."""
        self.compiled(pattern)
        return emit.call("match", emit.const(op), left, emit.const(pattern.value))

    def network(self, node: nodes.Network) -> IPv4Network | IPv6Network:
        """The network of a literal."""
        try:
            return ip_network(node.text.strip("[]"), strict=False)
        except ValueError as error:
            raise ScriptError((_bad("RS311", f"bad address: {error}", node),)) from None


class Ready:
    """An argument ready to be read: a constant, or a function of the context."""

    __slots__ = ("constant", "read", "value")

    def __init__(self, read: Read | None = None, *, constant: bool = False, value: Any = None) -> None:
        self.constant = constant
        self.value = value
        self.read: Read = read or (lambda context: value)


def guarded(method: Callable[..., int], warn: Callable[..., None]) -> Callable[..., int]:
    """The function, with a malformed message turned into the result -1."""

    def act(context: Context, *args: Any) -> int:
        try:
            return method(context, *args)
        except SipError as error:
            warn(f"{error}", level=-1)
            return -1

    return act


def _with_arguments(
    action: Callable[..., int], name: str, reads: tuple[Read, ...]
) -> Callable[[Context], int]:
    def run(context: Context) -> int:
        try:
            args = [read(context) for read in reads]
        except Missing as missing:
            context.runtime.warn_at(f"{name}: {missing}", level=-1)
            return -1
        return action(context, *args)

    return run


def _limited(expand: Callable[[Context], str], limit: int) -> Read:
    def run(context: Context) -> str:
        text = expand(context)
        if len(text) >= limit:
            raise Missing("an argument exceeds pv_print_buf_size")
        return text

    return run


def _unless_null(read: Read, convert: Read) -> Read:
    """An argument that counts as left out if it is NULL."""
    return lambda context: None if read(context) is None else convert(context)


def _as_int(read: Read) -> Read:
    def run(context: Context) -> int:
        number = int_of(read(context))
        if number is None:
            raise Missing("an argument has no integer value")
        return number

    return run


def _as_text(read: Read) -> Read:
    def run(context: Context) -> str:
        text = text_of(read(context))
        if text is None:
            raise Missing("an argument has no string value")
        return text

    return run


def _as_pattern(read: Read) -> Read:
    text = _as_text(read)
    return lambda context: _pattern(text(context))


_CONVERSIONS: dict[str, Callable[[Read], Read]] = {"int": _as_int, "str": _as_text, "regex": _as_pattern}


def _pattern(text: str) -> Any:
    try:
        return compile_ere(text)
    except ValueError as error:
        raise Missing(f"bad regular expression: {error}") from None


def _leave(node: nodes.Exit | nodes.Drop | nodes.Return) -> Callable[[Context], int]:
    def run(context: Context) -> int:
        raise Exit

    return run


def _not_implemented(context: Context) -> int:
    context.log(-1, "error() is not implemented")
    return 1


def _bad(code: str, message: str, node: nodes.Node) -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, node.span)


_CONTEXT_ARGUMENT = ast.arguments(
    posonlyargs=[], args=[ast.arg(emit.CONTEXT)], kwonlyargs=[], kw_defaults=[], defaults=[]
)
