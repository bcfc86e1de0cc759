"""Identifiers: never the same twice, and the same in every run where that is wanted."""

from __future__ import annotations

from relayscript.sip.ids import CountingIds, Ids


def test_random_identifiers_differ_and_are_tokens() -> None:
    ids = Ids()
    tokens = {ids.token("branch") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.isalnum() for token in tokens)
    assert {ids.number("x", 3) for _ in range(200)} == {0, 1, 2}


def test_counted_identifiers_repeat_in_every_run() -> None:
    ids = CountingIds()
    assert [ids.token("tag"), ids.token("tag"), ids.token("branch")] == ["tag1", "tag2", "branch1"]
    assert [ids.number("n", 2), ids.number("n", 2)] == [1, 0]
