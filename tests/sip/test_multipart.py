"""Multipart bodies come apart and together without loss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.sip.multipart import Part, boundary_of, join, split

MIXED = (
    "--sep\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
    "--sep\r\nX: y\r\ncontent-type: text/plain\r\n\r\nhello\r\n"
    "--sep\r\n\r\nbare\r\n--sep--\r\n"
)


def test_the_parts_of_a_body() -> None:
    parts = split('multipart/mixed; boundary="sep"', MIXED)
    assert [(part.media_type, part.content) for part in parts] == [
        ("application/sdp", "v=0\r\n"), ("text/plain", "hello"), ("text/plain", "bare"),
    ]  # fmt: skip


def test_together_again() -> None:
    kind = "multipart/mixed;boundary=sep"
    assert join(split(kind, MIXED), kind) == (kind, MIXED)


def test_one_part_needs_no_multipart() -> None:
    assert split("application/sdp", "v=0") == (Part.of("v=0", "application/sdp"),)
    assert join(split("application/sdp", "v=0")) == ("application/sdp", "v=0")


def test_nothing_at_all() -> None:
    assert split("application/sdp", "") == ()
    assert join(()) == ("", "")


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [("multipart/mixed; a=b; boundary=x", "x"), ('Multipart/Related;Boundary="a b"', "a b"), ("text/plain", "")],
)
def test_boundaries(kind: str, boundary: str) -> None:
    assert boundary_of(kind) == boundary


def test_a_boundary_that_a_part_contains_is_not_used() -> None:
    parts = (Part.of("OSS-unique-boundary-42", "text/a"), Part.of("b", "text/b"))
    kind, body = join(parts)
    assert split(kind, body) == parts


@given(st.lists(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n-")), min_size=2, max_size=4))
@settings(max_examples=50)
def test_what_is_joined_splits_again(contents: list[str]) -> None:
    parts = tuple(Part.of(content, "text/plain") for content in contents)
    assert split(*join(parts)) == parts
