"""Arithmetic as `math_eval` writes it: `+ - * / % ^`, functions, parentheses, all from left to right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(.))", re.DOTALL)
DEEPEST = 100

CONSTANTS = {"pi": math.pi, "e": math.e}
UNARY: dict[str, Callable[[float], float]] = {
    "abs": abs, "acos": math.acos, "asin": math.asin, "atan": math.atan, "ceil": math.ceil, "cos": math.cos,
    "cosh": math.cosh, "exp": math.exp, "floor": math.floor, "ln": math.log, "log": math.log10,
    "log10": math.log10, "sin": math.sin, "sinh": math.sinh, "sqrt": math.sqrt, "tan": math.tan,
    "tanh": math.tanh, "fac": lambda x: math.gamma(x + 1),
}  # fmt: skip
BINARY: dict[str, Callable[[float, float], float]] = {
    "atan2": math.atan2, "pow": lambda a, b: power(a, b),
    "ncr": lambda a, b: combinations(a, b), "npr": lambda a, b: permutations(a, b),
}  # fmt: skip


class ExpressionError(ValueError):
    """A text that is no expression."""


def power(base: float, exponent: float) -> float:
    """`base ^ exponent`; not a number where C's pow() has none, infinite where it overflows."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


def permutations(whole: float, chosen: float) -> float:
    """How many orders there are of some out of a whole; infinite beyond a float. ValueError for no choice."""
    made = 1.0
    for number in range(_choice(whole, chosen)):
        made *= int(whole) - number
        if made in (0.0, math.inf):
            break
    return made


def combinations(whole: float, chosen: float) -> float:
    """How many choices there are of some out of a whole; infinite beyond a float. ValueError for no choice."""
    count = _choice(whole, chosen)
    if count > int(whole):
        return 0.0
    made = 1.0
    for number in range(min(count, int(whole) - count)):
        made = made * (int(whole) - number) / (number + 1)
        if made == math.inf:
            break
    return float(round(made)) if made < 2**53 else made


def _choice(whole: float, chosen: float) -> int:
    if not (math.isfinite(whole) and math.isfinite(chosen)) or min(whole, chosen) < 0:
        raise ValueError("not a choice")
    return int(chosen)


def quotient(left: float, right: float) -> float:
    """`left / right` as IEEE 754 has it: infinite or not a number if right is 0."""
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def remainder(left: float, right: float) -> float:
    """`left % right` with the sign of left; not a number if right is 0."""
    return math.fmod(left, right) if right and not math.isinf(left) else math.nan


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": quotient,
    "%": remainder, "^": power,
}  # fmt: skip
LEVELS = (("+", "-"), ("*", "/", "%"), ("^",))
"""Operators from the loosest to the tightest; all of them group from the left."""


def evaluate(text: str) -> float:
    """The value of an expression. Raises ExpressionError."""
    reader = _Reader(text)
    value = reader.level(0, 0)
    if reader.peek():
        raise ExpressionError(f"{reader.peek()!r} is too much in {text!r}")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        found = ("".join(groups).strip() for groups in _TOKEN.findall(text))
        self._tokens = [token for token in found if token]
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise ExpressionError(f"{token!r} is missing")

    def level(self, number: int, depth: int) -> float:
        if depth > DEEPEST:
            raise ExpressionError("nested too deeply")
        if number == len(LEVELS):
            return self.signed(depth)
        value = self.level(number + 1, depth)
        while self.peek() in LEVELS[number]:
            value = OPERATORS[self.take()](value, self.level(number + 1, depth))
        return value

    def signed(self, depth: int) -> float:
        sign = 1.0
        while self.peek() in ("+", "-"):
            sign = -sign if self.take() == "-" else sign
        return sign * self.atom(depth)

    def atom(self, depth: int) -> float:
        token = self.take()
        if token[:1].isdigit() or (token[:1] == "." and len(token) > 1):
            return float(token)
        if token == "(":
            value = self.level(0, depth + 1)
            self.expect(")")
            return value
        if token in CONSTANTS:
            return CONSTANTS[token]
        return self.applied(token, depth)

    def applied(self, name: str, depth: int) -> float:
        try:
            if name in UNARY:
                return float(UNARY[name](self.argument(depth)))
            if name in BINARY:
                self.expect("(")
                first = self.level(0, depth + 1)
                self.expect(",")
                second = self.level(0, depth + 1)
                self.expect(")")
                return float(BINARY[name](first, second))
        except ExpressionError:
            raise
        except (ValueError, OverflowError):
            return math.nan
        raise ExpressionError(f"{name!r} is neither number nor function")

    def argument(self, depth: int) -> float:
        """What a function of one argument works on; it needs no parentheses."""
        if depth > DEEPEST:
            raise ExpressionError("nested too deeply")
        return self.atom(depth + 1)
