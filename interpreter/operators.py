"""The operators of expressions and conditions, for operands that the compiled code cannot handle itself.

The rules are those of language.md 3.2 and 3.3: the left operand decides, ints wrap at 32 bits, and what
cannot be computed raises `Failure` (in an expression) or is the error value -1 (in a condition).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address

from relayscript.interpreter.regex import Matcher, compile_ere
from relayscript.interpreter.values import Named, Value, ascii_lower, int_of, same_text, text_of, wrap

ERROR = -1
LONGEST = 1 << 20
"""The most bytes that `+` joins to one text."""

Truth = bool | int
"""True, False, or the error value -1, which no negation turns around."""


class Failure(Exception):  # noqa: N818 - a finding, not a fault of ours
    """An expression that has no value; the assignment around it leaves its target alone."""


def literal(number: int) -> Named:
    """A number as a script writes it: int-typed and without text."""
    return Named(number, None)


def plain(value: Value) -> Value:
    """The value as `$var` and `$avp` store it: an int, or a string without its int side."""
    if isinstance(value, int):
        return int(value)
    return None if value is None else str(value)


# ---------------------------------------------------------------- expressions


def _right_int(right: Value) -> int:
    if right is None:
        return 0
    number = int_of(right)
    if number is None:
        raise Failure("the right operand is no number")
    return number


def add(left: Value, right: Value) -> Value:
    """`left + right`: a sum if the left side is int-typed, else the texts joined (NULL is empty)."""
    if isinstance(left, int):
        return wrap(int(left) + _right_int(right))
    if right is None:
        return left or ""
    text = text_of(right)
    if text is None:
        raise Failure("a number literal cannot be joined to a string")
    return _joined(left or "", text)


def _joined(left: str, right: str) -> str:
    """The texts joined. A loop that doubles a text comes to an end here, not at the end of the memory."""
    if len(left) + len(right) > LONGEST:
        raise Failure(f"a text of more than {LONGEST} bytes")
    return left + right


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise ZeroDivisionError
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "%": lambda a, b: a - _quotient(a, b) * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << (b & 31),
    ">>": lambda a, b: a >> (b & 31),
}
_BYTEWISE: dict[str, Callable[[int, int], int]] = {key: _ARITHMETIC[key] for key in ("&", "|", "^")}


def binary(op: str, left: Value, right: Value) -> Value:
    """`left op right` for any operator. Dividing by zero yields 0."""
    if op == "+":
        return add(left, right)
    if isinstance(left, int):
        number = _right_int(right)
        try:
            return wrap(_ARITHMETIC[op](int(left), number))
        except ZeroDivisionError:
            return 0
    if op in _BYTEWISE and isinstance(left, str) and isinstance(right, str) and len(left) == len(right):
        combine = _BYTEWISE[op]
        return "".join(chr(combine(ord(a), ord(b))) for a, b in zip(left, right, strict=True))
    raise Failure(f"the operands of {op} do not fit")


def complement(value: Value) -> int:
    """`~ value`."""
    number = int_of(value)
    if number is None:
        raise Failure("the operand of ~ is no number")
    return wrap(~number)


def compound(op: str, left: Value, right: Value) -> Value:
    """`target op= value`: both sides must have a value, and both be numbers or (for `+=`) both texts."""
    if left is None or right is None:
        raise Failure(f"NULL in {op}=")
    first, second = int_of(left), int_of(right)
    if first is not None and second is not None:
        try:
            return wrap(_ARITHMETIC[op](first, second))
        except ZeroDivisionError:
            raise Failure("division by zero") from None
    if op == "+" and isinstance(left, str) and isinstance(right, str):
        return _joined(left, right)
    raise Failure(f"the operands of {op}= do not fit")


def as_number(truth: Truth) -> int:
    """A comparison used as a value: 1 or 0."""
    if truth is not True and truth is not False and truth < 0:
        raise Failure("the operands of the comparison do not fit")
    return 1 if truth else 0


def bracketed(compute: Callable[[], Value], bare: bool) -> bool:
    """`[expression]` as a condition; `bare` says that it is a variable alone (true if it has text)."""
    try:
        value = compute()
    except Failure:
        return False
    if bare:
        return text_of(value) is not None
    return bool(value)


# ---------------------------------------------------------------- comparisons

_ORDER: dict[str, Callable[[object, object], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
_TRUE_FOR_NULL = ("!=", "!~")


def compare_number(op: str, left: Value, right: int) -> Truth:
    """`$left op 5`: an error if the left side is a string without int."""
    if left is None:
        return op in _TRUE_FOR_NULL
    number = int_of(left)
    return ERROR if number is None else _ORDER[op](number, right)


def compare_text(op: str, left: Value, right: str) -> Truth:
    """`$left op "text"` for the operators other than `=~` and `!~`; ASCII case does not count."""
    if left is None:
        return op in _TRUE_FOR_NULL
    text = text_of(left)
    if text is None:
        return ERROR
    if op == "==":
        return same_text(text, right)
    if op == "!=":
        return not same_text(text, right)
    return _ORDER[op](ascii_lower(text), ascii_lower(right))


def matches(op: str, left: Value, matcher: Matcher) -> Truth:
    """`$left =~ "pattern"` or `!~`, for a pattern that is compiled already."""
    if left is None:
        return op in _TRUE_FOR_NULL
    text = text_of(left)
    return ERROR if text is None else matcher.matches(text) == (op == "=~")


def match(op: str, left: Value, pattern: str) -> Truth:
    """`$left =~ $pattern` or `!~`; a pattern that does not compile is an error."""
    try:
        return matches(op, left, compile_ere(pattern))
    except ValueError:
        return ERROR


def compare(op: str, left: Value, right: Value) -> Truth:
    """`$left op $right`: as numbers if both have an int, else as texts."""
    if left is None or right is None:
        both = left is None and right is None
        return op in ("==", "=~") if both else op in _TRUE_FOR_NULL
    first, second = text_of(left), text_of(right)
    if op in ("=~", "!~"):
        return ERROR if first is None or second is None else match(op, first, second)
    one, two = int_of(left), int_of(right)
    if one is not None and two is not None:
        return _ORDER[op](one, two)
    if first is None or second is None:
        return ERROR
    return compare_text(op, first, second)


def within(op: str, left: Value, network: IPv4Network | IPv6Network) -> Truth:
    """`$left == 10.0.0.0/8`: an error if the left side is no IP address."""
    if left is None:
        return op in _TRUE_FOR_NULL
    try:
        address = ip_address((text_of(left) or "").strip("[]"))
    except ValueError:
        return ERROR
    return (address.version == network.version and address in network) == (op == "==")
