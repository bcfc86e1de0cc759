"""Value expressions: the right sides of assignments and what stands in brackets."""

from __future__ import annotations

import ast

from relayscript.dsl import nodes
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.calls import Calls
from relayscript.interpreter.compiler.literals import compiled, network
from relayscript.interpreter.operators import literal

_INLINE = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_RELATIONS = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}


class Expressions(Calls):
    """Compiles expressions to Python expressions that yield a `Value` or raise `Failure`."""

    def value(self, node: nodes.Expression) -> emit.Expr:
        """The code for an expression of any kind."""
        match node:
            case nodes.Number():
                return emit.const(node.value)
            case nodes.Text():
                return emit.const(node.value)
            case nodes.Variable():
                return self.variable(node)
            case nodes.Group():
                return self.value(node.inner)  # type: ignore[arg-type]
            case nodes.Binary():
                return self._binary(node)
            case nodes.Complement():
                return emit.call("complement", self.value(node.operand))
            case nodes.Compare():
                return emit.call("as_number", self.comparison(node))
            case _:
                return self.command_value(node)

    def can_fail(self, node: nodes.Expression | nodes.Null) -> bool:
        """Computing the expression can raise `Failure`."""
        match node:
            case nodes.Group():
                return self.can_fail(node.inner)  # type: ignore[arg-type]
            case nodes.Binary() | nodes.Complement() | nodes.Compare():
                return True
            case _:
                return False

    def is_numeric(self, node: nodes.Expression | nodes.Null) -> bool:
        """The value is a number without text: a literal or the result of arithmetic on one."""
        match node:
            case nodes.Number() | nodes.Complement() | nodes.Compare():
                return True
            case nodes.Group():
                return self.is_numeric(node.inner)  # type: ignore[arg-type]
            case nodes.Binary():
                return self.is_numeric(node.left)
            case _:
                return False

    def variable(self, node: nodes.Variable) -> emit.Expr:
        """The code that reads a variable."""
        if (plain := self.plain_script_variable(node)) is not None:
            self.scope.script_variable(plain)
            return emit.item("V", plain)
        reader = self.scope.link(self.scope.registry.reader(node), "read")
        return emit.call(reader, emit.name(emit.CONTEXT))

    def plain_script_variable(self, node: nodes.Variable) -> str | None:
        """The name if the node is `$var(name)` and nothing else."""
        bare = node.name == "var" and node.index is None and not node.transformations and not node.scope
        if bare and isinstance(node.parameter, str) and not self.scope.registry.is_fixed(node):
            return node.parameter
        return None

    # ---- operators

    def _operand(self, node: nodes.Expression) -> emit.Expr:
        """An operand on the right: a number literal there has no text."""
        if isinstance(node, nodes.Number):
            return emit.name(self.scope.link(literal(node.value), "number"))
        return self.value(node)

    def _binary(self, node: nodes.Binary) -> emit.Expr:
        if isinstance(node.right, nodes.Number):
            return self._with_number(node, node.right.value)
        if node.op == "+" and isinstance(node.left, nodes.Text):
            return self._prefixed(node.left.value, node.right)
        left, right = self.scope.temporary(), self.scope.temporary()
        both = ast.BinOp(
            emit.is_exactly(emit.bind(left, self.value(node.left)), "int"),
            ast.BitAnd(),
            emit.is_exactly(emit.bind(right, self.value(node.right)), "int"),
        )
        general = emit.call("binary", emit.const(node.op), emit.name(left), emit.name(right))
        if node.op not in _INLINE:
            return emit.call("binary", emit.const(node.op), self.value(node.left), self.value(node.right))
        sum_ = ast.BinOp(emit.name(left), _INLINE[node.op](), emit.name(right))
        return emit.choose(both, emit.wrapped(sum_, self.scope.temporary()), general)

    def _with_number(self, node: nodes.Binary, number: int) -> emit.Expr:
        """`left op 5`: done in place for an int on the left."""
        left = self.scope.temporary()
        test = emit.is_exactly(emit.bind(left, self.value(node.left)), "int")
        general = emit.call("binary", emit.const(node.op), emit.name(left), self._operand(node.right))
        if node.op in _INLINE:
            sum_ = ast.BinOp(emit.name(left), _INLINE[node.op](), emit.const(number))
            return emit.choose(test, emit.wrapped(sum_, self.scope.temporary()), general)
        if node.op == "%" and number > 0:
            rest = ast.BinOp(emit.name(left), ast.Mod(), emit.const(number))
            natural = emit.compare(emit.name(left), ast.GtE(), emit.const(0))
            return emit.choose(ast.BoolOp(ast.And(), [test, natural]), rest, general)
        return emit.call("binary", emit.const(node.op), self.value(node.left), self._operand(node.right))

    def _prefixed(self, text: str, right: nodes.Expression) -> emit.Expr:
        """`"text" + right`: joined in place for a string on the right."""
        value = self.scope.temporary()
        test = emit.is_exactly(emit.bind(value, self._operand(right)), "str")
        joined = ast.BinOp(emit.const(text), ast.Add(), emit.name(value))
        return emit.choose(test, joined, emit.call("add", emit.const(text), emit.name(value)))

    # ---- comparisons

    def comparison(self, node: nodes.Compare) -> emit.Expr:
        """The code for `$left op right`: True, False or -1."""
        left, op = self.value(node.left), node.op
        match node.right:
            case nodes.Null():
                return emit.compare(left, ast.Is() if op == "==" else ast.IsNot(), emit.const(None))
            case nodes.Number():
                return self._against_number(op, left, node.right.value)
            case nodes.Text() if op in ("=~", "!~"):
                matcher = self.scope.link(compiled(node.right), "pattern")
                return emit.call("matches", emit.const(op), left, emit.name(matcher))
            case nodes.Text():
                return self._against_text(op, left, node.right.value)
            case nodes.Network():
                within = self.scope.link(network(node.right), "network")
                return emit.call("within", emit.const(op), left, emit.name(within))
            case _:
                return emit.call("compare", emit.const(op), left, self.variable(node.right))

    def _against_number(self, op: str, left: emit.Expr, number: int) -> emit.Expr:
        value = self.scope.temporary()
        test = emit.is_exactly(emit.bind(value, left), "int")
        direct = emit.compare(emit.name(value), _RELATIONS[op](), emit.const(number))
        general = emit.call("compare_number", emit.const(op), emit.name(value), emit.const(number))
        return emit.choose(test, direct, general)

    def _against_text(self, op: str, left: emit.Expr, text: str) -> emit.Expr:
        if op not in ("==", "!="):
            return emit.call("compare_text", emit.const(op), left, emit.const(text))
        value = self.scope.temporary()
        same = emit.compare(emit.bind(value, left), ast.Eq(), emit.const(text))
        general = emit.call("compare_text", emit.const(op), emit.name(value), emit.const(text))
        return emit.choose(same, emit.const(op == "=="), general)
