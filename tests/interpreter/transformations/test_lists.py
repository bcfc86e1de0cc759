"""Parameter lists and comma separated fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("a=1;b=2;c=3", "param.count", 3),
    ("a=1;b=2;c=3", "param.value,B", "2"),
    ("a=1;b=2;c=3", "param.value,zz", None),
    ("a;b;c=3", "param.value,a", ""),
    ('a="x;y";b=z', "param.value,a", "x;y"),
    ("a=1;b=2", "param.exist,b", 1),
    ("a=1;b=2", "param.exists,c", 0),
    ("a=1;b=2", "param.exist,$var(none)", None),
    ("A=1;b=2;c", "param.name,0", "A"),
    ("A=1;b=2;c", "param.name,-1", "c"),
    ("A=1;b=2;c", "param.name,3", None),
    ("A=1;b=2;c", "param.valueat,1", "2"),
    ("A=1;b=2;c", "param.valueat,2", ""),
    ("A=1;b=2;c", "param.valueat,-4", None),
    ("", "param.count", None),
    ("", "param.exist,a", None),
    ("a,b,c", "csv.count", 3),
    ("a,b,", "csv.count", 3),
    (12, "csv.count", 1),
    ("", "csv.count", None),
    ("a, b ,c", "csv.value,1", " b "),
    ("a,b,c", "csv.value,-1", "c"),
    ("a,b,c", "csv.value,3", None),
    ("a,b,c", "csv.value,-4", None),
    ("", "csv.value,0", None),
    ('"x,y",z', "csv.value,0", "x,y"),
    ('"x""y",z', "csv.value,0", 'x"y'),
    ('"x""y",z', "csv.value,1", "z"),
    ('"x,y', "csv.count", None),
    ('"x"y,z', "csv.count", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    assert on.read(f"$(var(s){{{operation}}})") == result
