"""Substitution by a regular expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

CASES: list[tuple[Value, str, Value]] = [
    ("aXbXc", "/X/-/", "a-bXc"),
    ("aXbXc", "/X/-/g", "a-b-c"),
    ("aXbxc", "/X/-/gi", "a-b-c"),
    ("axb", "/X/-/", "axb"),
    ("sip:alice@example.com", "/^sip:(.*)@(.*)$/\\2 \\1/", "example.com alice"),
    ("abc", "/b/[\\0&]/", "a[b&]c"),
    ("a-b-c", "/-//g", "abc"),
    ("a/b/c", "%/%-%g", "a-b-c"),
    ("a/b/c", "/\\//-/g", "a-b-c"),
    ("a1b22", "$var(re)", "a#b#"),
    ("abc", "/b/$var(to)/", "axc"),
    ("abc", "/b/$$/", "a$c"),
    ("aaab", "/a\\{3\\}/-/", "-b"),
    ("foobar", "/foo|foobar/-/", "-"),
    ("cat dog", "/cat|dog/pet/g", "pet pet"),
    ("aaa", "/^a/b/g", "baa"),
    ("ab", "/x*/-/g", "-a-b-"),
    ("baac", "/a*/-/g", "-b-c-"),
    ("ab", "/b/\\\xb2/", "a\xb2"),
    ("ab", "/b/\\r\\n\\q/", "a\r\nq"),
    ("a\nb", "/a.b/-/", "a\nb"),
    ("a\nb", "/a.b/-/s", "-"),
    ("a\nb", "/^b$/-/", "a\n-"),
    (1234, "/2/x/", "1x34"),
    ("", "/^/x/", None),
    ("abc", "/b/$nothing/", None),
    ("abc", "/(/x/", None),
    ("abc", "/b/x", None),
    ("abc", "/b/x/z", None),
    ("abc", "b", None),
    ("abc", "$var(none)", None),
]


@pytest.mark.parametrize(("value", "expression", "result"), CASES)
def test_it_yields(stage: Set, value: Value, expression: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    on.write("$var(re)", "/[0-9]+/#/g")
    on.write("$var(to)", "x")
    assert on.read(f"$(var(s){{re.subst,{expression}}})") == result
