"""Strings: lengths, numbers, case, cutting, searching, padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("hello", "s.len", 5),
    (-12, "s.len", 3),
    ("", "s.len", 0),
    ("Hello World 1", "s.toupper", "HELLO WORLD 1"),
    ("Hello \xc9", "s.tolower", "hello \xc9"),
    ("abc", "s.reverse", "cba"),
    ("abcdef", "s.substr,1,3", "bcd"),
    ("abcdef", "s.substr,2,0", "cdef"),
    ("abcdef", "s.substr,-2,0", "ef"),
    ("abcdef", "s.substr,-4,2", "cd"),
    ("abcdef", "s.substr,1,-1", "bcde"),
    ("abcdef", "s.substr,-4,-1", "cde"),
    ("abcdef", "s.substr,4,10", "ef"),
    ("abcdef", "s.substr,6,0", None),
    ("abcdef", "s.substr,-7,1", None),
    ("abcdef", "s.substr,4,-3", None),
    ("abcdef", "s.substr,$var(two),1", "c"),
    ("abcdef", "s.substr,x,1", None),
    ("abcdef", "s.substr,$var(none),1", None),
    ("abcdef", "s.substr,1", None),
    ("a,b,c", "s.select,1,,", "b"),
    ("a,b,c", "s.select,-1,,", "c"),
    ("a,b,c", "s.select,3,,", None),
    ("a::c", "s.select,1,:", ""),
    ("abc", "s.select,0,:", "abc"),
    ("one two", "s.select,1, ", "two"),
    ("hello world", "s.index,o", 4),
    ("hello world", "s.index,o,5", 7),
    ("hello world", "s.index,o,-4", 7),
    ("hello world", "s.index,o,50", None),
    ("hello world", "s.index,O", None),
    ("hello world", "s.rindex,o", 7),
    ("hello world", "s.rindex,o,5", 4),
    ("hello world", "s.rindex,o,4", 4),
    ("hello world", "s.rindex,o,3", None),
    ("7", "s.fill.left,0,3", "007"),
    ("abc", "s.fill.left,abcdef,8", "bcdefabc"),
    ("7", "s.fill.left,ab,6", "babab7"),
    ("7", "s.fill.right,ab,6", "7ababa"),
    ("7", "s.fill.right,' ',3", "7  "),
    ("12345", "s.fill.left,0,3", "12345"),
    ("7", "s.fill.left,0,99999999", None),
    ("ab", "s.width,5", "ab   "),
    ("abcdef", "s.width,3", "abc"),
    ("abc", "s.width,0", None),
    ("abc", "s.width,999999", None),
    (" \ta b \r\n", "s.trim", "a b"),
    ("  a b  ", "s.triml", "a b  "),
    ("  a b  ", "s.trimr", "  a b"),
    (None, "s.len", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(two)", 2)
    assert on.read(f"$(var(s){{{operation}}})") == result


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        ("42abc", 42),
        ("abc", 0),
        ("-17", -17),
        ("+17", 17),
        (" 17", 0),
        ("", 0),
        ("99999999999", 1215752191),
    ],
)
def test_a_number_still_shows_as_its_text(stage: Set, text: str, number: int) -> None:
    on = stage()
    on.write("$var(s)", text)
    assert on.read("$(var(s){s.int})") == number
    assert on.show("$(var(s){s.int})") == text


def test_an_int_that_is_cut_stays_an_int(stage: Set) -> None:
    on = stage()
    on.write("$var(n)", 1234)
    assert on.read("$(var(n){s.width,2})") == 1234
    assert on.show("$(var(n){s.width,2})") == "12"
