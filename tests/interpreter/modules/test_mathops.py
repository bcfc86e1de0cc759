"""Arithmetic: expressions, reverse Polish notation, rounding."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.modules.mathops import reckon, rounded
from relayscript.interpreter.modules.mathops.expression import ExpressionError, evaluate

from .stage import Proxy, request


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 64), ("17 % 5", 2), ("-3 + 1", -2), ("- -2", 2),
        ("sqrt(16) + abs(-2)", 6), ("sqrt 16", 4), ("log(1000)", 3), ("pow(2, 10)", 1024), ("1 / 0", math.inf),
        (".5 * 1e1", 5), ("fac(5)", 120), ("10 - 2 - 3", 5),
    ],
)  # fmt: skip
def test_expressions(text: str, value: float) -> None:
    assert evaluate(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "1 +", "abc", "(1", "1 2", "pow(1)", "(" * 200 + "1" + ")" * 200, "1 $ 2"])
def test_no_expressions(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text)


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers(-1000, 1000))
@settings(max_examples=50)
def test_sums_of_products(a: int, b: int, c: int) -> None:
    assert evaluate(f"{a} * {b} + {c}") == a * b + c
    assert reckon(f"{a} {b} * {c} +".split()) == a * b + c


@pytest.mark.parametrize("text", ["1 +", "1 2", "", "swap", "x"])
def test_no_reverse_polish(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        reckon(text.split())


@pytest.mark.parametrize(
    ("value", "decimals", "result"), [(2.5, 0, 3), (-2.5, 0, -3), (3.14159, 2, 3.14), (17892.987, -2, 17900)]
)
def test_rounding(value: float, decimals: int, result: float) -> None:
    assert rounded(value, decimals) == pytest.approx(result)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('math_eval("10 / 4", $var(r))', "1 2.5000"), ('math_eval("2 +", $var(r))', "-1 kept"),
        ('math_rpn("2.5 nearbyint", $var(r))', "1 2.0000"),
        ('math_rpn("1 2 swap /", $var(r))', "1 2.0000"), ('math_rpn("1", $var(r))', "1 1.0000"),
        ('math_trunc("-2.9", $var(r))', "1 -2"), ('math_floor("-2.1", $var(r))', "1 -3"),
        ('math_ceil("2.1", $var(r))', "1 3"), ('math_ceil("x", $var(r))', "-1 kept"),
        ('math_round("3.14159", $var(r), 2)', "1 3.14"), ('math_round_sf("17892.987", $var(r), 3)', "1 17900.0000"),
        ('math_compare("5", "2 * 3", $var(r))', "1 -1"),
    ],
)  # fmt: skip
def test_functions(call: str, said: str) -> None:
    script = 'modparam("mathops", "decimal_digits", 4)\n'
    proxy = Proxy(f'{script} route {{ $var(r) = "kept"; {call}; xlog("$rc $var(r)"); }}', "mathops")
    proxy.send(request("MESSAGE"))
    assert proxy.log[-1] == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ncr(5,2)", 10), ("ncr(52,5)", 2598960), ("ncr(250,248)", 31125), ("ncr(3,5)", 0), ("ncr(4,0)", 1),
        ("npr(5,2)", 20), ("npr(1000,3)", 997002000), ("npr(3,5)", 0),
        ("ncr(1000000000,500000000)", math.inf), ("npr(1000000000,900000000)", math.inf), ("fac(100000)", math.nan),
        ("ncr(-1,2)", math.nan), ("9^9^9^9", math.inf),
    ],
)  # fmt: skip
def test_large_numbers_take_no_time(text: str, value: float) -> None:
    assert evaluate(text) == pytest.approx(value, nan_ok=True)


def test_rounding_to_absurdly_many_decimals_fails() -> None:
    script = 'route { $var(a) = math_round("1.5", $var(x), 2000000000); $var(b) = math_round("1.5", $var(x), 3); }'
    proxy = Proxy(script, "tm mathops")
    proxy.send(request("OPTIONS"))
    assert proxy.runtime.script_variables == {"a": -1, "b": 1, "x": "1.500"}
