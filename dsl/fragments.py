"""Pieces of a script that stand alone: statements, a value, a condition, as they are typed or asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, has_errors
from relayscript.dsl.preprocess import Flattened
from relayscript.dsl.source import Span

AROUND = "<around>"
"""The file of what is put around a piece so that it can be read as a script."""

PLACE = "<typed>"
"""The file of a piece."""


class Form(Enum):
    """What a piece can be, with the lines around it that make a script of it."""

    STATEMENTS = ("route {\n", "\n}\n")
    UNENDED = ("route {\n", "\n;}\n")
    VALUE = ("route {\n$_ =\n", "\n;}\n")
    CONDITION = ("route {\nif (\n", "\n) exit;\n}\n")


ORDER = (Form.STATEMENTS, Form.VALUE, Form.UNENDED, Form.CONDITION)
"""What a piece is taken for if it can be more than one of them: the first."""

_HEADS = re.compile(r"\s*(if|while|for)\b")
"""Words behind whose parentheses something has to follow."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece that was read: the statements, or one expression or condition; and what is to be said of it."""

    text: str
    form: Form
    statements: tuple[nodes.Statement, ...] = ()
    expression: nodes.Node | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_good(self) -> bool:
        """It can be compiled."""
        return not has_errors(self.diagnostics)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How far the reading of a piece as one form came: the place of the first mistake in it, None if there is none."""

    form: Form
    mistake: int | None


def read_fragment(text: str, forms: Iterable[Form] = ORDER) -> Fragment:
    """Read a piece of script (byte text). Never raises for what is wrong with it."""
    from relayscript.dsl.reading import Reading  # late: the grammar is loaded for the first piece, not at the start

    form = _best(text, forms).form
    flat = _flattened(text, form)
    script, diagnostics = Reading(flat).run()
    found = tuple(dict.fromkeys(moved(each, text) for each in diagnostics))
    if script is None or has_errors(found) or not script.items:
        return Fragment(text, form, diagnostics=found)
    route = script.items[0]
    assert isinstance(route, nodes.Route)
    first = route.body.statements[0]
    if form is Form.VALUE and isinstance(first, nodes.Assign):
        return Fragment(text, form, (first,), first.value, found)
    if form is Form.CONDITION and isinstance(first, nodes.If):
        return Fragment(text, form, (first,), first.condition, found)
    return Fragment(text, form, route.body.statements, None, found)


def is_complete(text: str) -> bool:
    """Nothing has to follow: no bracket, string or comment is open, and the text does not end in the middle."""
    if not text.strip():
        return True
    if _is_open(text):
        return False
    best = _best(text, ORDER)
    if best.mistake is None:
        return best.form is not Form.UNENDED or _HEADS.match(text) is None
    return best.mistake < len(text.rstrip())


def moved(found: Diagnostic, text: str) -> Diagnostic:
    """A finding about what stands behind a piece is one about its end, and speaks of nothing that was made up."""
    span = found.span
    if span is None or span.file != AROUND:
        return found
    lines = text.rstrip().split("\n")
    place = Span(PLACE, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
    return replace(found, message="something is missing behind this", span=place, hint="", notes=())


def _best(text: str, forms: Iterable[Form]) -> _Attempt:
    """The first form that fits; of none, the one in which the first mistake comes last."""
    best: _Attempt | None = None
    for form in forms:
        attempt = _attempt(text, form)
        if attempt.mistake is None:
            return attempt
        if best is None or best.mistake is None or attempt.mistake > best.mistake:
            best = attempt
    assert best is not None
    return best


def _attempt(text: str, form: Form) -> _Attempt:
    from lark.exceptions import UnexpectedToken  # late, as above

    from relayscript.dsl.tree import Items
    from relayscript.grammar.loader import load
    from relayscript.grammar.mistakes import without_callbacks

    before, after = form.value
    lark, scanner = load(Items)
    state = lark.parse_interactive().parser_state
    state.parse_conf = without_callbacks(state.parse_conf)
    states = state.parse_conf.states
    troubles: list[int] = []
    tokens = scanner.tokens(
        before + text + after, lambda: states[state.position], lambda trouble, start, end: troubles.append(start)
    )
    for token in tokens:
        try:
            state.feed_token(token, token.type == "$END")
        except UnexpectedToken:
            return _Attempt(form, min([token.start_pos, *troubles]) - len(before))
    return _Attempt(form, None)


def _is_open(text: str) -> bool:
    """A bracket, a string or a comment is not closed."""
    from relayscript.dsl.tree import Items  # late, as above
    from relayscript.grammar.loader import load
    from relayscript.grammar.scanner import Trouble

    troubles: list[Trouble] = []
    _, scanner = load(Items)
    depth = 0
    tokens = scanner.tokens(text, tuple, lambda trouble, start, end: troubles.append(trouble))
    for token in tokens:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.value, 0)
    return depth > 0 or Trouble.OPEN_STRING in troubles or Trouble.OPEN_COMMENT in troubles


def _flattened(text: str, form: Form) -> Flattened:
    """The piece and what is around it as one text; each line knows where it is from."""
    before, after = form.value
    whole = before + text + after
    ahead = before.count("\n")
    own = text.count("\n") + 1
    return Flattened(
        whole,
        {PLACE: text, AROUND: ""},
        _starts=[0, *(found.end() for found in re.finditer("\n", whole))],
        _first_lines=[1, ahead + 1, ahead + own + 1],
        _origins=[(AROUND, 1), (PLACE, 1), (AROUND, ahead + 1)],
    )
