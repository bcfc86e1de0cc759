"""Byte texts in a database come back as they were, and are readable where they can be."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from relayscript.apps.databases.encoding import read, written


@given(st.binary())
@example("é\uf780".encode())
@example(b"\xff\x00a\xed\xb2\x80")
def test_every_byte_text_comes_back(data: bytes) -> None:
    text = data.decode("latin-1")
    kept = written(text)
    assert "\0" not in kept
    kept.encode("utf-8")  # a database can take it
    assert read(kept) == text


@given(st.text(st.characters(exclude_categories=("Cs", "Co"), exclude_characters="\0")))
def test_utf_8_is_readable(text: str) -> None:
    assert written(text.encode().decode("latin-1")) == text
