"""The values of literals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.literals import number_value, offsets, string_value, wrapped


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"a\nb\r\t\a"', "a\nb\r\t\a"), (r'"\"\\"', '"\\'), (r'"\x41\x4g"', "A\x04g"), (r'"\101\60"', "A0"),
        (r'"\d\1\."', r"\d\1\."), (r"'\n'", r"\n"), ('"a\nb"', "a\nb"), ('"a\\\nb"', "ab"), ('"a\\\r\nb"', "ab"),
        (r'"\777"', "\xff"), ('""', ""),
    ],
)  # fmt: skip
def test_escapes(raw: str, value: str) -> None:
    assert string_value(raw) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("017", 15), ("0x1F", 31), ("yes", 1), ("on", 1), ("enable", 1), ("off", 0), ("disable", 0),
        ("99999999999", 1215752191), ("2147483648", -2147483648), ("0xFFFFFFFF", -1),
    ],
)  # fmt: skip
def test_numbers_are_stored_in_32_bits(text: str, value: int) -> None:
    assert number_value(text) == value


@given(st.integers())
def test_wrapping_keeps_the_lowest_bits(value: int) -> None:
    assert -(2**31) <= wrapped(value) < 2**31
    assert (wrapped(value) - value) % 2**32 == 0


@given(st.text('ab\\n"x41$', max_size=12))
def test_offsets_lead_from_the_value_to_the_literal(inside: str) -> None:
    raw = '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'
    places = offsets(raw)
    assert len(places) == len(inside) + 1
    assert places == sorted(places)
    assert all(raw[place] in (char, "\\") for place, char in zip(places, inside, strict=False))
    assert raw[places[-1] :] == '"'
