"""Statements and whole routes: what is executed, in order, and what each leaves as its result."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import CodeType

from relayscript.dsl import nodes
from relayscript.dsl.source import Span
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.conditions import Conditions
from relayscript.interpreter.compiler.included import breaks_out, by_file
from relayscript.interpreter.operators import literal
from relayscript.interpreter.tracing import label
from relayscript.interpreter.values import Value, ascii_lower, int_of, text_of

BROKE = -5
"""The result of `break`, of `drop`, and of an `assert` that is switched off."""


_LEAVING = (nodes.Break, nodes.Exit, nodes.Drop, nodes.Return)
_TRACED = (
    nodes.Assign, nodes.If, nodes.While, nodes.For, nodes.Switch, nodes.Break, nodes.Exit, nodes.Drop, nodes.Return,
)  # fmt: skip


class Statements(Conditions):
    """Compiles statements to Python statements that leave their result in `r`."""

    _in_condition = False
    _file = ""

    def block(self, statements: Sequence[nodes.Statement]) -> list[ast.stmt]:
        """The code of a list of statements; `r` is the result of the last one executed."""
        made: list[ast.stmt] = []
        for file, group in by_file(statements):
            if file == self._file or any(map(breaks_out, group)):
                made += self._statements(group)
            else:
                made += self._included(group)
        return made

    def _included(self, statements: Sequence[nodes.Statement]) -> list[ast.stmt]:
        """Statements of another file: its function returns their result in a tuple, or that of the route it left."""
        code = self.function("included", statements, statements[0].span)
        code.body[-1] = ast.Return(ast.Tuple([emit.name(emit.RESULT)], ast.Load()))
        run = self.scope.link(self.link_function(code, statements[0].span.file), "included")
        left = ast.If(emit.is_exactly(emit.name(emit.RESULT), "int"), [ast.Return(emit.name(emit.RESULT))], [])
        first = ast.Subscript(emit.name(emit.RESULT), emit.const(0), ast.Load())
        return [emit.result(emit.call(run, emit.name(emit.CONTEXT))), left, emit.result(first)]

    def _statements(self, statements: Sequence[nodes.Statement]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in statements:
            code = self.statement(statement)
            if self.scope.traces:
                code = [*self._trace(statement), *code]
            if self.scope.handles_errors and not _leaves(statement):
                code = [*code, _told()]
            made += emit.placed(code, statement.span)
        return made

    def _trace(self, node: nodes.Statement) -> list[ast.stmt]:
        """Write a line before an action, unless the code of its command does."""
        action: nodes.Node = node.command if isinstance(node, nodes.Evaluate) else node
        if not isinstance(action, _TRACED):
            return []
        return [ast.Expr(emit.call("traced", emit.name(emit.CONTEXT), emit.const(label(action))))]

    def statement(self, node: nodes.Statement) -> list[ast.stmt]:
        """The code of one statement."""
        match node:
            case nodes.Empty():
                return []
            case nodes.Block():
                return self.block(node.statements)
            case nodes.Evaluate():
                return self._command(node.command)
            case nodes.Assign():
                return [*self._assign(node), *self._note()]
            case nodes.If():
                return self._if(node)
            case nodes.While():
                return self._while(node)
            case nodes.For():
                return self._for(node)
            case nodes.Switch():
                return self._switch(node)
            case nodes.Break():
                return [emit.result(BROKE), *self._note(), ast.Break()]
        raise TypeError(node)

    def _note(self) -> list[ast.stmt]:
        """Leave `r` in `$rc`, if the script asks for it."""
        if not self.scope.tracks_rc:
            return []
        target = ast.Attribute(emit.name(emit.CONTEXT), "rc", ast.Store())
        return [ast.Assign([target], emit.name(emit.RESULT))]

    # ---- commands

    def _command(self, node: nodes.Command) -> list[ast.stmt]:
        match node:
            case nodes.Exit():
                return [ast.Raise(emit.name("Exit"))]
            case nodes.Drop():
                return [ast.Raise(emit.name("Drop"))]
            case nodes.Return():
                return self._return(node)
            case nodes.Xlog() | nodes.Log() | nodes.Error():
                return [emit.result(self.command_result(node)), *self._note()]
            case _:
                leave = ast.If(
                    ast.UnaryOp(ast.Not(), emit.name(emit.RESULT)), [ast.Raise(emit.name("Exit"))], []
                )
                note = [] if isinstance(node, nodes.RouteCall) and self.is_dynamic(node) else self._note()
                return [emit.result(self.command_result(node)), *note, leave]

    def _return(self, node: nodes.Return) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        if self.scope.tracks_returned:
            values = self.scope.link(tuple(self._route_argument(each) for each in node.values), "values")
            made.append(ast.Expr(emit.call("give_back", emit.name(emit.CONTEXT), emit.name(values))))
        if isinstance(node.code, nodes.Variable):
            made.append(emit.result(emit.call("return_code", self.variable(node.code))))
            zero = emit.compare(emit.name(emit.RESULT), ast.Eq(), emit.const(0))
            made.append(ast.If(zero, [ast.Raise(emit.name("Exit"))], []))
            return [*made, self._left(emit.name(emit.RESULT))]
        code = 1 if node.code is None else node.code.value
        return [*made, ast.Raise(emit.name("Exit")) if code == 0 else self._left(emit.const(code))]

    def _left(self, code: emit.Expr) -> ast.stmt:
        """Leave the route with a result, or the whole run out of a condition."""
        return ast.Raise(emit.name("Exit")) if self._in_condition else ast.Return(code)

    def assertion(self, node: nodes.Assert) -> emit.Expr:
        """`assert`: nothing but a result while asserts are off."""
        if not self.scope.runtime.globals.enable_asserts:
            return emit.const(BROKE)
        text = node.message.value if node.message else ""
        holds = emit.positive(self.condition(node.condition))
        return emit.call("asserted", emit.name(emit.CONTEXT), holds, emit.const(text))

    # ---- assignments

    def _assign(self, node: nodes.Assign) -> list[ast.stmt]:
        done = self._store(node)
        if isinstance(node.value, nodes.Null) or not (
            node.op not in ("=", ":=") or self.can_fail(node.value)
        ):
            return done
        caught = emit.call("failed", emit.name(emit.CONTEXT), emit.name("failure"))
        handler = ast.ExceptHandler(emit.name("Failure"), "failure", [emit.result(caught)])
        return [ast.Try(done, [handler], [], [])]

    def _store(self, node: nodes.Assign) -> list[ast.stmt]:
        plain = self.plain_script_variable(node.target)
        if plain is None:
            return [emit.result(self.assignment(node))]
        self.scope.script_variable(plain)
        target = ast.Subscript(emit.name("V"), emit.const(plain), ast.Store())
        return [ast.Assign([target], self._stored(node)), emit.result(1)]

    def _stored(self, node: nodes.Assign) -> emit.Expr:
        """The value for a `$var`: int or plain string."""
        value = self._assigned(node)
        if isinstance(node.value, nodes.Number | nodes.Text | nodes.Null) and node.op in ("=", ":="):
            return value
        if self.is_numeric(node.value) or self._is_concatenation(node.value):
            return value
        return emit.call("plain", value)

    @staticmethod
    def _is_concatenation(node: nodes.Expression | nodes.Null) -> bool:
        return isinstance(node, nodes.Binary) and node.op == "+" and isinstance(node.left, nodes.Text)

    def _assigned(self, node: nodes.Assign) -> emit.Expr:
        """The value that the operator leaves."""
        if isinstance(node.value, nodes.Null):
            return emit.const(None)
        if node.op in ("=", ":="):
            return self.value(node.value)
        return emit.call(
            "compound", emit.const(node.op[:-1]), self.variable(node.target), self.value(node.value)
        )

    def assignment(self, node: nodes.Assign) -> emit.Expr:
        """An assignment through the variable's writer, as an expression: 1 or -1. May raise `Failure`."""
        writer = self.scope.link(self.scope.registry.writer(node.target), "write")
        value = self._assigned(node)
        if node.op in ("=", ":=") and isinstance(node.value, nodes.Number):
            value = emit.name(self.scope.link(literal(node.value.value), "number"))
        elif node.op in ("=", ":=") and self.is_numeric(node.value):
            value = emit.call("literal", value)
        op = node.op if node.op == ":=" else "="
        written = emit.call(writer, emit.name(emit.CONTEXT), emit.const(op), value)
        return emit.choose(written, emit.const(1), emit.const(-1))

    # ---- blocks inside conditions

    def block_value(self, node: nodes.If | nodes.Assign | nodes.Block) -> emit.Expr:
        """Compiled as a function of its own; a `return` in it ends the run (language.md 3.4)."""
        inner = node.statements if isinstance(node, nodes.Block) else (node,)
        outer, self._in_condition = self._in_condition, True
        code = self.function("condition", inner, node.span)
        self._in_condition = outer
        run = self.scope.link(self.link_function(code, node.span.file), "block")
        return emit.call(run, emit.name(emit.CONTEXT))

    # ---- control statements

    def _if(self, node: nodes.If) -> list[ast.stmt]:
        condition = self.condition(node.condition)
        then = self._branch(node.then)
        otherwise = self._branch(node.otherwise)
        if not self.can_err(node.condition) and not self.scope.tracks_rc:
            return [ast.If(condition, then, otherwise)]
        truth = self.scope.temporary()
        test = emit.positive(emit.bind(truth, condition))
        wrong = ast.If(
            emit.compare(emit.name(truth), ast.Lt(), emit.const(0)),
            [ast.Expr(emit.call("mismatch", emit.name(emit.CONTEXT)))],
            [],
        )
        errs: list[ast.stmt] = [wrong] if self.can_err(node.condition) else []
        noted = [self._note_truth(truth)] if self.scope.tracks_rc else []
        empty = node.otherwise is None or not node.otherwise.statements
        made_then = [*(noted if not node.then.statements else []), *then]
        return [ast.If(test, made_then, [*errs, *(noted if empty else []), *otherwise])]

    @staticmethod
    def _note_truth(truth: str) -> ast.stmt:
        target = ast.Attribute(emit.name(emit.CONTEXT), "rc", ast.Store())
        return ast.Assign([target], emit.call("int", emit.name(truth)))

    def _branch(self, body: nodes.Block | None) -> list[ast.stmt]:
        code = self.block(body.statements) if body is not None else []
        return code if code else [emit.result(1)]

    def _while(self, node: nodes.While) -> list[ast.stmt]:
        """A `for` over the passes that are left: of this loop, and of the run (so that nested loops end, too)."""
        limit = emit.const(self.scope.runtime.globals.max_while_loops)
        done = self.scope.temporary()
        leave: list[ast.stmt] = [emit.result(1), ast.Break()]
        body = self.block(node.body.statements)
        test = self.condition(node.condition)
        if self.can_err(node.condition):
            test = emit.positive(test)
        once: list[ast.stmt] = [ast.If(test, body or [emit.result(1), ast.Break()], leave)]
        over = ast.Expr(emit.call("too_many_passes", emit.name(emit.CONTEXT), emit.name(done)))
        passes = emit.call("range", emit.call("passes_left", emit.name(emit.CONTEXT), limit))
        loop = ast.For(ast.Name(done, ast.Store()), passes, once, [over])
        spent = ast.Expr(emit.call("spend", emit.name(emit.CONTEXT), emit.name(done)))
        return [emit.assign(done, emit.const(-1)), ast.Try([loop], [], [], [spent]), *self._note()]

    def _for(self, node: nodes.For) -> list[ast.stmt]:
        values = self.scope.link(self.scope.registry.elements(node.source), "elements")
        write = self.scope.link(self.scope.registry.writer(node.iterator), "write")
        each = self.scope.temporary()
        store = emit.call(write, emit.name(emit.CONTEXT), emit.const("="), emit.name(each))
        loop = ast.For(
            ast.Name(each, ast.Store()),
            emit.call("within_limits", emit.name(emit.CONTEXT), emit.call(values, emit.name(emit.CONTEXT))),
            [ast.Expr(store), *self.block(node.body.statements)],
            [],
        )
        start = 1 if node.source.index == "*" else -10
        return [emit.result(start), loop, *self._note()]

    def _switch(self, node: nodes.Switch) -> list[ast.stmt]:
        """One pass of a loop that `break` can leave; cases are numbered and fall through downwards."""
        chosen, subject = self.scope.temporary(), self.scope.temporary()
        cases = tuple(case.value.value if case.value is not None else None for case in node.cases)
        select = self.scope.link(_selector(cases), "select")
        body: list[ast.stmt] = [
            emit.assign(subject, self.variable(node.subject)),
            emit.assign(chosen, emit.call(select, emit.name(subject))),
        ]
        for number, case in enumerate(node.cases):
            reached = emit.compare(emit.name(chosen), ast.LtE(), emit.const(number))
            statements = self.block(case.statements)
            if statements:
                body += emit.placed([ast.If(reached, statements, [])], case.span)
        return [emit.result(1), ast.While(emit.const(True), [*body, ast.Break()], []), *self._note()]

    # ---- functions

    def function(self, name: str, statements: Sequence[nodes.Statement], span: Span) -> ast.FunctionDef:
        """A Python function of the context that runs the statements and returns the last result."""
        outer, self._file = self._file, span.file
        body: list[ast.stmt] = [emit.result(1), *self.block(statements), ast.Return(emit.name(emit.RESULT))]
        self._file = outer
        arguments = ast.arguments(
            posonlyargs=[], args=[ast.arg(emit.CONTEXT)], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        made = ast.FunctionDef(name, arguments, body, [], None)
        if hasattr(made, "type_params"):
            made.type_params = []
        emit.placed([made], span)
        emit.placed(body, span)
        return made

    def link_function(self, made: ast.FunctionDef, file: str) -> object:
        """Compile a function and bind it to the script's names."""
        telling = self.scope.telling(file)

        def compiled() -> CodeType:
            if telling is not None:
                telling.function(made)
            return compile(emit.located(ast.Module([made], [])), file, "exec")

        target: dict[str, object] = {}
        exec(self.scope.codes.code(self.scope.names, compiled), self.scope.names, target)
        return target[made.name]


def _leaves(node: nodes.Statement) -> bool:
    """Nothing follows behind the statement."""
    return isinstance(node.command if isinstance(node, nodes.Evaluate) else node, _LEAVING)


def _told() -> ast.stmt:
    """Run the error route if something was found wrong."""
    error = ast.Attribute(emit.name(emit.CONTEXT), "error", ast.Load())
    wrong = emit.compare(error, ast.IsNot(), emit.const(None))
    return ast.If(wrong, [ast.Expr(emit.call("handle", emit.name(emit.CONTEXT)))], [])


def _selector(cases: tuple[int | str | None, ...]) -> Callable[[Value], int]:
    """Which case a value takes: its number; `default`'s if nothing matches; past the end without one."""
    numbers: dict[int, int] = {}
    texts: dict[str, int] = {}
    for number, case in enumerate(cases):
        if isinstance(case, int):
            numbers.setdefault(case, number)
        elif isinstance(case, str):
            texts.setdefault(ascii_lower(case), number)
    default = cases.index(None) if None in cases else len(cases)

    def select(value: Value) -> int:
        number, text = int_of(value), text_of(value) if texts else None
        matches = []
        if number is not None and number in numbers:
            matches.append(numbers[number])
        if text is not None and (lowered := ascii_lower(text)) in texts:
            matches.append(texts[lowered])
        return min(matches, default=default)

    return select
