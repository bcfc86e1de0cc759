"""Conditions: true, false, or the error value -1 that no negation turns around (language.md 3.2)."""

from __future__ import annotations

import ast

from relayscript.dsl import nodes
from relayscript.interpreter.compiler import emit
from relayscript.interpreter.compiler.expressions import Expressions

_BLOCKS = (nodes.If, nodes.Assign, nodes.Block)


class Conditions(Expressions):
    """Compiles conditions to Python expressions that are > 0 if the condition holds."""

    def condition(self, node: nodes.Condition) -> emit.Expr:
        """The code for a condition; where `can_err` is false, its truth value is enough."""
        if self.scope.marks is None or isinstance(node, nodes.Group):
            return self._condition(node)
        mark = self.scope.link(self.scope.marks.mark(node), "mark")
        return emit.call(mark, emit.name(emit.CONTEXT), self._condition(node))

    def _condition(self, node: nodes.Condition) -> emit.Expr:
        match node:
            case nodes.Number():
                return emit.const(node.value != 0)
            case nodes.Variable():
                return emit.call("bool", self.variable(node))
            case nodes.Group():
                return self.condition(node.inner)  # type: ignore[arg-type]
            case nodes.Not():
                return self._negation(node)
            case nodes.Logical():
                return self._logical(node)
            case nodes.Compare():
                return self.comparison(node)
            case nodes.Bracket():
                bare = isinstance(node.expression, nodes.Variable)
                compute = ast.Lambda(_NO_ARGUMENTS, self.value(node.expression))
                return emit.call("bracketed", compute, emit.const(bare))
            case nodes.If() | nodes.Assign() | nodes.Block():
                return emit.positive(self.block_value(node))
            case _:
                return emit.positive(self.command_value(node))

    def can_err(self, node: nodes.Condition) -> bool:
        """The condition can be the error value."""
        match node:
            case nodes.Compare():
                return not isinstance(node.right, nodes.Null)
            case nodes.Group():
                return self.can_err(node.inner)  # type: ignore[arg-type]
            case nodes.Not():
                return self.can_err(node.operand)
            case nodes.Logical():
                return self.can_err(node.left) or self.can_err(node.right)
            case _:
                return False

    def _negation(self, node: nodes.Not) -> emit.Expr:
        operand = self.condition(node.operand)
        if self.can_err(node.operand):
            return emit.call("negated", operand)
        return ast.UnaryOp(ast.Not(), operand)

    def _logical(self, node: nodes.Logical) -> emit.Expr:
        left, right = self.condition(node.left), self.condition(node.right)
        if not self.can_err(node.left):
            return ast.BoolOp(ast.And() if node.op == "&&" else ast.Or(), [left, right])
        first = self.scope.temporary()
        if node.op == "&&":
            return emit.choose(emit.positive(emit.bind(first, left)), right, emit.name(first))
        is_false = emit.compare(emit.bind(first, left), ast.Eq(), emit.const(0))
        return emit.choose(is_false, right, emit.name(first))

    def block_value(self, node: nodes.If | nodes.Assign | nodes.Block) -> emit.Expr:
        """A block, an assignment or an `if` used as a condition: its result."""
        raise NotImplementedError


_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
