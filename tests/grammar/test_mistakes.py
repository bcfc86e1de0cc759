"""Mistakes that are named by example."""

from __future__ import annotations

import pytest

from relayscript.dsl.diagnostics import Severity
from relayscript.dsl.parser import parse_text
from relayscript.dsl.tree import Items
from relayscript.grammar.loader import load
from relayscript.grammar.mistakes import Mistake, broken, mistakes, recognise
from relayscript.grammar.scanner import make_token

EXAMPLES = [(mistake, text) for mistake in mistakes() for text in mistake.examples]


@pytest.mark.parametrize(("mistake", "text"), EXAMPLES, ids=[f"{m.name}: {t}" for m, t in EXAMPLES])
def test_each_example_is_told_as_its_mistake_and_once(mistake: Mistake, text: str) -> None:
    errors = [each for each in parse_text(text).diagnostics if each.severity is Severity.ERROR]
    assert len(errors) == 1
    assert mistake.message.split("{")[0] in errors[0].message


def test_names_are_used_once() -> None:
    names = [each.name for each in mistakes()]
    assert len(names) == len(set(names))


def test_an_example_has_to_be_broken() -> None:
    with pytest.raises(ValueError, match="not broken"):
        broken(*load(Items), "route { exit; }")


def test_a_text_is_put_into_the_message() -> None:
    (found,) = parse_text("route { setflag(WORD); }").diagnostics
    assert (found.message, found.hint) == ("`WORD` is a bare word", 'write "WORD"')


def test_nothing_is_recognised_where_no_example_breaks() -> None:
    token = make_token("SEMICOLON", ";", 0, 1)
    assert recognise(*load(Items), -1, token, (";", ""), "") is None
