"""What is found out about a tree is found out once, and never told of another tree."""

from __future__ import annotations

import pickle

from relayscript.dsl.nodes import Script
from relayscript.dsl.once import kept, once
from relayscript.dsl.parser import parse_text


def script(text: str = "route { exit; }\n") -> Script:
    found = parse_text(text).script
    assert found is not None
    return found


def test_a_tree_is_asked_once() -> None:
    asked: list[Script] = []

    @once
    def items(tree: Script) -> int:
        asked.append(tree)
        return len(tree.items)

    tree = script()
    assert (items(tree), items(tree), asked) == (1, 1, [tree])


def test_an_equal_tree_is_asked_on_its_own() -> None:
    first, second = script(), script()
    assert first == second
    assert kept(first, "place", lambda: 1) == 1
    assert kept(second, "place", lambda: 2) == 2


def test_answers_are_neither_shown_nor_stored() -> None:
    tree = script()
    shown = repr(tree)
    kept(tree, "secret", lambda: "answer")
    assert repr(tree) == shown
    assert pickle.loads(pickle.dumps(tree)).answers == {}
