"""Module mathops: arithmetic with fractions (mathops manual)."""

from __future__ import annotations

import math
from collections.abc import Callable

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.mathops.expression import ExpressionError, evaluate, power, quotient, remainder

RPN_CONSTANTS = {"e": math.e, "pi": math.pi}
RPN_UNARY: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "ln": math.log, "log10": math.log10, "abs": abs, "neg": lambda x: -x, "sqrt": math.sqrt,
    "cbrt": math.cbrt, "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc,
    "round": lambda x: rounded(x, 0), "nearbyint": round,
}  # fmt: skip
RPN_BINARY: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": quotient, "mod": remainder,
    "pow": power,
}  # fmt: skip


MOST_DECIMALS = 400
"""More than a number of 64 bits has."""


class Mathops(Module):
    """Writes results as text: whole numbers without, others with `decimal_digits` decimals."""

    name = "mathops"
    parameters = (Parameter("decimal_digits", 6),)

    # ---- expressions

    @function()
    def math_eval(self, context: Context, expression: str, target: Reference) -> int:
        """Write the value of an expression: 1; -1 if it is none."""
        try:
            value = evaluate(expression)
        except ExpressionError as error:
            context.log(-1, f"math_eval: {error}")
            return -1
        return self._write(target, self._decimal(value))

    @function()
    def math_rpn(self, context: Context, expression: str, target: Reference) -> int:
        """Write the value of an expression in reverse Polish notation: 1; -1 if it is none."""
        try:
            value = reckon(expression.split())
        except (ExpressionError, ValueError, OverflowError) as error:
            context.log(-1, f"math_rpn: {error}")
            return -1
        return self._write(target, self._decimal(value))

    @function()
    def math_compare(self, context: Context, left: str, right: str, target: Reference) -> int:
        """Write -1, 0 or 1 as the first expression is less, equal or greater: 1; -1 if one is none."""
        try:
            first, second = evaluate(left), evaluate(right)
        except ExpressionError as error:
            context.log(-1, f"math_compare: {error}")
            return -1
        return 1 if target.set((first > second) - (first < second)) else -1

    # ---- rounding

    @function()
    def math_trunc(self, context: Context, number: str, target: Reference) -> int:
        """Write the number without its decimals: 1; -1 if it is none."""
        return self._whole(number, target, math.trunc)

    @function()
    def math_floor(self, context: Context, number: str, target: Reference) -> int:
        """Write the next whole number below: 1; -1 if it is none."""
        return self._whole(number, target, math.floor)

    @function()
    def math_ceil(self, context: Context, number: str, target: Reference) -> int:
        """Write the next whole number above: 1; -1 if it is none."""
        return self._whole(number, target, math.ceil)

    @function()
    def math_round(self, context: Context, number: str, target: Reference, decimals: int | None = None) -> int:
        """Write the number rounded to that many decimals (none given: 0), halves away from 0: 1 or -1."""
        value = as_number(number)
        if value is None or not 0 <= (decimals or 0) <= MOST_DECIMALS:
            return -1
        return self._write(target, f"{rounded(value, decimals or 0):.{decimals or 0}f}")

    @function()
    def math_round_sf(self, context: Context, number: str, target: Reference, figures: int | None = None) -> int:
        """Write the number rounded to that many significant figures (none given: 1): 1 or -1."""
        value = as_number(number)
        wanted = 1 if figures is None else figures
        if value is None or wanted < 1:
            return -1
        if value:
            value = rounded(value, wanted - 1 - math.floor(math.log10(abs(value))))
        return self._write(target, self._decimal(value))

    def _whole(self, number: str, target: Reference, turn: Callable[[float], int]) -> int:
        value = as_number(number)
        return -1 if value is None else self._write(target, str(turn(value)))

    def _decimal(self, value: float) -> str:
        return f"{value:.{self.settings['decimal_digits']}f}"

    @staticmethod
    def _write(target: Reference, text: str) -> int:
        return 1 if target.set(text) else -1


def as_number(text: str) -> float | None:
    """The finite number that a text is; None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def rounded(value: float, decimals: int) -> float:
    """Rounded to that many decimals (negative: to tens, hundreds ...), halves away from 0."""
    if decimals > 300:
        return value
    scale = 10.0 ** abs(decimals)
    scaled = value * scale if decimals >= 0 else value / scale
    whole = math.copysign(math.floor(abs(scaled) + 0.5), value)
    return whole / scale if decimals >= 0 else whole * scale


def reckon(words: list[str]) -> float:
    """The value of an expression in reverse Polish notation. Raises ExpressionError, ValueError, OverflowError."""
    stack: list[float] = []
    for word in words:
        step(stack, word)
    if len(stack) != 1:
        raise ExpressionError(f"{len(stack)} values are left")
    return stack[0]


def step(stack: list[float], word: str) -> None:
    """One word of reverse Polish notation. Raises ExpressionError, ValueError, OverflowError."""
    needed = 2 if word in RPN_BINARY or word == "swap" else 1 if word in RPN_UNARY or word in ("dup", "drop") else 0
    if len(stack) < needed:
        raise ExpressionError(f"too few values for {word!r}")
    if word in RPN_BINARY:
        right = stack.pop()
        stack.append(RPN_BINARY[word](stack.pop(), right))
    elif word in RPN_UNARY:
        stack.append(float(RPN_UNARY[word](stack.pop())))
    elif word == "swap":
        stack[-1], stack[-2] = stack[-2], stack[-1]
    elif word == "dup":
        stack.append(stack[-1])
    elif word == "drop":
        stack.pop()
    else:
        stack.append(RPN_CONSTANTS[word] if word in RPN_CONSTANTS else float(word))
