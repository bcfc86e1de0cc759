"""Puts comments and blank lines on the statements and items they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relayscript.dsl import nodes
from relayscript.dsl.source import Span

Place = tuple[str, int, int]
Comment = tuple[str, Span]


@dataclass(slots=True)
class Surroundings:
    """Comments by the place of the token that follows them or, on its line, precedes them; and blank lines."""

    before: dict[Place, list[Comment]] = field(default_factory=dict)
    after: dict[Place, Comment] = field(default_factory=dict)
    blank: set[Place] = field(default_factory=set)


def place_trivia(script: nodes.Script, around: Surroundings) -> None:
    """Fill in the trivia of a script that has just been made and that nobody else has seen.

    A comment in the middle of a statement goes above it.
    """
    if not (around.before or around.after or around.blank):
        return
    holders = list(_holders(script))
    for holder in holders:
        _claim(holder, around)
    lost = [comment for comments in around.before.values() for comment in comments] + list(around.after.values())
    for text, span in lost:
        _adopt(holders, text, span)


Holder = nodes.Statement | nodes.Case | nodes.Item


def _claim(holder: Holder, around: Surroundings) -> None:
    """The comments that stand right before, right behind or at the end of a statement's block."""
    span = holder.span
    start, end = (span.file, span.line, span.column), (span.file, span.end_line, span.end_column)
    braces = isinstance(holder, nodes.Block)
    leading = () if braces and not holder.braces else around.before.pop(start, ())  # type: ignore[union-attr]
    ends_with_statement = isinstance(holder, nodes.Case) and holder.statements
    trailing = None if ends_with_statement else around.after.pop(end, None)
    blank = start in around.blank
    if leading or trailing or blank:
        texts = tuple(text for text, _ in leading)
        _set(holder, "trivia", nodes.Trivia(texts, trailing[0] if trailing else "", blank))
    if isinstance(holder, nodes.Block) and holder.braces:
        closing = around.before.pop((span.file, span.end_line, span.end_column - 1), ())
        if closing:
            _set(holder, "closing", tuple(text for text, _ in closing))


def _adopt(holders: list[Holder], text: str, span: Span) -> None:
    """Give a comment to the innermost statement around it."""
    found: Holder | None = None
    for holder in holders:
        if not (isinstance(holder, nodes.Block)) and _contains(holder.span, span):
            found = holder
    if found is not None:
        trivia = found.trivia
        _set(found, "trivia", nodes.Trivia((*trivia.leading, text), trivia.trailing, trivia.blank_before))


def _contains(outer: Span, inner: Span) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    return (
        outer.file == inner.file
        and (outer.line, outer.column) <= start
        and (end <= (outer.end_line, outer.end_column) or inner.line == outer.line)
    )


def _set(holder: Holder, name: str, value: object) -> None:
    object.__setattr__(holder, name, value)


def _holders(script: nodes.Script) -> Iterator[Holder]:
    for item in script.items:
        yield item
        if isinstance(item, nodes.Route):
            yield from _in_block(item.body)


def _in_block(block: nodes.Block) -> Iterator[Holder]:
    for statement in block.statements:
        yield from _in_statement(statement)
    yield block


def _in_statement(statement: nodes.Statement) -> Iterator[Holder]:
    yield statement
    match statement:
        case nodes.If(then=then, otherwise=otherwise):
            yield from _in_block(then)
            if otherwise is not None:
                yield from _in_block(otherwise)
        case nodes.While(body=body) | nodes.For(body=body):
            yield from _in_block(body)
        case nodes.Switch(cases=cases):
            for case in cases:
                yield case
                for inner in case.statements:
                    yield from _in_statement(inner)
