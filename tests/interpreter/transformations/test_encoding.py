"""Encodings, escapes, xor and dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relayscript.interpreter.values import Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.interpreter.transformations import TRANSFORMERS

CASES: list[tuple[Value, str, Value]] = [
    ("Az~ 1", "s.encode.hexa", "417a7e2031"),
    ("48656C6c6f", "s.decode.hexa", "Hello"),
    ("48656", "s.decode.hexa", "He"),
    ("48zz", "s.decode.hexa", None),
    ("ff", "s.hex2dec", 255),
    ("FFFFFFFF", "s.hex2dec", -1),
    (12, "s.hex2dec", 12),
    ("0x1f", "s.hex2dec", None),
    ("", "s.hex2dec", None),
    ("255", "s.dec2hex", "ff"),
    (4096, "s.dec2hex", "1000"),
    (-1, "s.dec2hex", "ffffffff"),
    ("abc", "s.dec2hex", None),
    ("hello", "s.b64encode", "aGVsbG8="),
    ("aGVsbG8=", "s.b64decode", "hello"),
    ("aGVs bG8", "s.b64decode", "hello"),
    ("aGVsb", "s.b64decode", "hel"),
    ("AAAA", "s.xor,key", "*$8*"),
    ("AAAA", "s.xor,$var(none)", None),
    ('it\'s "x" \\ 0', "s.escape.common", 'it\\\'s \\"x\\" \\\\ 0'),
    ('it\\\'s \\"x\\"', "s.unescape.common", 'it\'s "x"'),
    ("a\\0\\n", "s.unescape.common", "a\0\\n"),
    ("a b@c+d(e)", "s.escape.user", "a%20b%40c+d(e)"),
    ("a%20b%40c", "s.unescape.user", "a b@c"),
    ('a b;c=d"e', "s.escape.param", "a%20b%3bc%3dd%22e"),
    ("a%20b%3Bc", "s.unescape.param", "a b;c"),
    ("a%2", "s.unescape.user", None),
    ("a%zz", "s.unescape.user", None),
    ("Thu, 13 Jun 2024 12:48:00 GMT", "s.date2unix", "1718282880"),
    ("13 June 2024", "s.date2unix", None),
]


@pytest.mark.parametrize(("value", "operation", "result"), CASES)
def test_it_yields(stage: Set, value: Value, operation: str, result: Value) -> None:
    on = stage()
    on.write("$var(s)", value)
    assert on.read(f"$(var(s){{{operation}}})") == result


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("encode.hexa", "decode.hexa"),
        ("b64encode", "b64decode"),
        ("escape.common", "unescape.common"),
        ("escape.user", "unescape.user"),
        ("escape.param", "unescape.param"),
    ],
)
def test_what_is_encoded_can_be_decoded(there: str, back: str) -> None:
    @settings(max_examples=50)
    @given(st.text(alphabet=st.characters(max_codepoint=255)))
    def round_trip(text: str) -> None:
        assert TRANSFORMERS["s", back](TRANSFORMERS["s", there](text, ()), ()) == text

    round_trip()


def test_an_int_that_is_mixed_with_a_key_stays_an_int(stage: Set) -> None:
    on = stage()
    on.write("$var(n)", 12)
    assert on.read("$(var(n){s.xor,key})") == 12
