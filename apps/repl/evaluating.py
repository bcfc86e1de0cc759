"""Reads, checks, compiles and runs typed script in a run of a script that is loaded."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.apps.repl.answers import Wrong, diagnosed
from relayscript.apps.testing.expecting import shown
from relayscript.apps.testing.ladders.readable import readable
from relayscript.dsl import nodes
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, has_errors
from relayscript.dsl.fragments import PLACE, Form, Fragment, read_fragment
from relayscript.interpreter.compiler.fragments import Fragments
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.control import Drop, Exit
from relayscript.interpreter.operators import Failure
from relayscript.interpreter.runtime import KINDS, Runtime

TYPED_ROUTE = "typed at the prompt"
Work = Callable[[Context], list[str]]
TRUTHS = {1: "true", 0: "false", -1: "an error: the operands do not fit"}


def route_kind(kind: Kind) -> str:
    """A kind of route as it is written in a script."""
    return next(word for word, each in KINDS.items() if each is kind)


class Evaluator:
    """For one running script."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._fragments = Fragments(runtime)
        self._around = _surroundings(runtime.script)

    def prepared(self, text: str, kind: Kind) -> Work:
        """What was typed (byte text) as something to do in a run. Raises Wrong."""
        read = read_fragment(text)
        if not read.is_good:
            raise Wrong(*diagnosed(read.diagnostics[:1], text))
        found = (*read.diagnostics, *self._checked(read, kind))
        if has_errors(found):
            raise Wrong(*diagnosed(dict.fromkeys(found), text))
        try:
            work = self._compiled(read)
        except ScriptError as error:
            raise Wrong(*diagnosed(error.diagnostics, text)) from None
        warnings = diagnosed(dict.fromkeys(found), text)
        return lambda context: [*warnings, *done(work, context)]

    def _checked(self, read: Fragment, kind: Kind) -> list[Diagnostic]:
        """What the checker finds wrong with what was typed, as part of a route of that kind."""
        span = read.statements[0].span
        body = nodes.Block(span, read.statements)
        route = nodes.Route(span, route_kind(kind), TYPED_ROUTE, body, None, span)
        script = nodes.Script(self._runtime.script.span, (*self._around, route))
        found = check(script, self._runtime.catalogue, target=self._runtime.target)
        return [each for each in found if each.span is not None and each.span.file == PLACE]

    def _compiled(self, read: Fragment) -> Work:
        found, only = read.expression, read.statements[0]
        if found is None and len(read.statements) == 1 and isinstance(only, nodes.Evaluate):
            found = only.command
        if found is None:
            return self._statements(read)
        if isinstance(found, nodes.Null):
            return lambda context: [f"= {shown(None)}"]
        if isinstance(found, nodes.Command):
            return self._command(found)
        if read.form is Form.CONDITION or isinstance(found, nodes.Compare):
            return self._condition(found)  # type: ignore[arg-type]
        compute = self._fragments.value(found)  # type: ignore[arg-type]
        return lambda context: [f"= {readable(shown(compute(context)))}"]

    def _statements(self, read: Fragment) -> Work:
        run = self._fragments.statements(read.statements)

        def work(context: Context) -> list[str]:
            run(context)
            return []

        return work

    def _condition(self, node: nodes.Condition) -> Work:
        ask = self._fragments.condition(node)
        return lambda context: [f"= {TRUTHS[min(max(int(ask(context)), -1), 1)]}"]

    def _command(self, node: nodes.Command) -> Work:
        run = self._fragments.command(node)

        def work(context: Context) -> list[str]:
            code = run(context)
            return [f"= {code}" if code else "= 0, which ends a run"]

        return work


def done(work: Work, context: Context) -> list[str]:
    """Do it; how a run is left is told in words."""
    try:
        return work(context)
    except Drop:
        return ["dropped: a run ends here"]
    except Exit:
        return ["exit: a run ends here"]
    except Failure as failure:
        return [f"no value: {readable(str(failure))}"]


def _surroundings(script: nodes.Script) -> tuple[nodes.Item, ...]:
    """What typed script may name: the modules and, without their bodies, the routes."""

    def bare(item: nodes.Item) -> nodes.Item:
        if not isinstance(item, nodes.Route):
            return item
        body = nodes.Block(item.body.span, (nodes.Empty(item.body.span),))
        return nodes.Route(item.span, item.kind, item.name, body, item.interval, item.name_span)

    return tuple(bare(each) for each in script.items if isinstance(each, nodes.LoadModule | nodes.Route))
