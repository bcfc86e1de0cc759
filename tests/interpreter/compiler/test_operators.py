"""Expressions: the compiled code agrees with a direct reading of the rules (language.md 3.2, 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relayscript.interpreter.operators import ERROR, Failure, binary, compare, complement, compound, literal
from relayscript.interpreter.values import MAX_INT, MIN_INT, Dual, Value, wrap

Run = Callable[..., Any]
ints = st.integers(MIN_INT, MAX_INT)
values = st.one_of(st.none(), ints, st.text("ab10", max_size=3))
VARIABLES: dict[str, Value] = {"i": 12, "n": -7, "m": MAX_INT, "s": "ab", "d": "10", "e": ""}


@pytest.mark.parametrize(
    ("op", "left", "right", "result"),
    [
        ("+", MAX_INT, 1, MIN_INT),
        ("-", MIN_INT, 1, MAX_INT),
        ("/", -7, 2, -3),
        ("%", -7, 2, -1),
        ("/", 7, 0, 0),
        ("%", 7, 0, 0),
        ("+", 5, None, 5),
        ("+", None, "x", "x"),
        ("+", "x", 5, "x5"),
        ("+", "x", None, "x"),
        ("&", "ab", "bb", "`b"),
        ("<<", 1, 31, MIN_INT),
        ("+", 5, Dual("a", 2), 7),
    ],
)
def test_operators(op: str, left: Value, right: Value, result: Value) -> None:
    assert binary(op, left, right) == result


@pytest.mark.parametrize(
    ("op", "left", "right"),
    [
        ("+", 5, "3"),
        ("-", "5", 3),
        ("-", None, 1),
        ("+", "x", literal(5)),
        ("&", "abc", "b"),
        ("*", Dual("5", 5), 2),
    ],
)
def test_operands_that_do_not_fit(op: str, left: Value, right: Value) -> None:
    with pytest.raises(Failure):
        binary(op, left, right)


@given(ints, st.one_of(st.none(), ints))
def test_an_int_on_the_left_stays_a_32_bit_int(left: int, right: Value) -> None:
    for op in ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"):
        made = binary(op, left, right)
        assert isinstance(made, int)
        assert made == wrap(made)


@given(values, values)
def test_comparisons_are_opposites_unless_they_cannot_be_made(left: Value, right: Value) -> None:
    equal, different = compare("==", left, right), compare("!=", left, right)
    assert (equal == ERROR) == (different == ERROR)
    if equal != ERROR:
        assert bool(equal) != bool(different)


@given(ints)
def test_complement_is_its_own_inverse(number: int) -> None:
    assert complement(complement(number)) == number


@pytest.mark.parametrize(
    ("op", "left", "right"), [("+", None, 1), ("+", "a", 1), ("/", 4, 0), ("-", "a", "b")]
)
def test_compound_assignments_that_fail(op: str, left: Value, right: Value) -> None:
    with pytest.raises(Failure):
        compound(op, left, right)


# ---------------------------------------------------------------- compiled code against the rules

Tree = tuple[Any, ...]
leaves = st.one_of(
    st.sampled_from([("variable", name) for name in (*VARIABLES, "unset")]),
    st.tuples(st.just("number"), st.integers(0, 40)),
    st.tuples(st.just("text"), st.text("xy", max_size=2)),
)
operators = st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"])
trees = st.recursive(
    leaves, lambda below: st.tuples(st.just("binary"), operators, below, below), max_leaves=6
)


def written(tree: Tree) -> str:
    """The expression in script text; every operation has its own parentheses."""
    match tree:
        case ("variable", name):
            return f"$var({name})"
        case ("number", number):
            return str(number)
        case ("text", text):
            return f'"{text}"'
        case (_, op, left, right):
            return f"({written(left)} {op} {written(right)})"
    raise AssertionError(tree)


def evaluated(tree: Tree, on_the_right: bool = False) -> Value:
    """What the rules give for it. Raises Failure."""
    match tree:
        case ("variable", name):
            return VARIABLES.get(name)
        case ("number", number):
            return literal(number) if on_the_right else number
        case ("text", text):
            return str(text)
        case (_, op, left, right):
            return binary(op, evaluated(left), evaluated(right, on_the_right=True))
    raise AssertionError(tree)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees)
def test_compiled_expressions_agree_with_the_rules(run: Run, tree: Tree) -> None:
    setting = "".join(
        f"$var({name}) = {value if isinstance(value, int) else chr(34) + value + chr(34)};"
        for name, value in VARIABLES.items()
        if value is not None
    )
    try:
        wanted: Value = evaluated(tree)
        assigned = 1
    except Failure:
        wanted, assigned = "untouched", -1
    done = run(f'{setting} $var(r) = "untouched"; $var(r) = {written(tree)}; $var(rc) = $rc;')
    assert done.variables["r"] == (int(wanted) if isinstance(wanted, int) else wanted)
    assert done.variables["rc"] == assigned
