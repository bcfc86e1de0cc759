"""Names mistakes by example: `mistakes.toml` has broken scripts, and what to say where one is broken like them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_parser_state import ParseConf, ParserState

from relayscript.grammar.scanner import Scanner, ScriptToken, make_token


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of mistake; the fields are explained in `mistakes.toml`."""

    name: str
    message: str
    hint: str = ""
    examples: tuple[str, ...] = ()
    any_token: bool = False
    followed_by: str = ""
    only: str = ""


@cache
def mistakes() -> tuple[Mistake, ...]:
    """The mistakes that are known, the special ones first."""
    import tomllib

    table = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text())
    return tuple(Mistake(**{**each, "examples": tuple(each["examples"])}) for each in table["mistake"])


def unexpected(token: ScriptToken, state: object) -> UnexpectedToken:
    """The error of a parser that stands in a state and cannot take a token."""
    return UnexpectedToken(token, set(), state=state)  # type: ignore[no-untyped-call]


def recognise(
    lark: Lark, scanner: Scanner, state: object, token: ScriptToken, words: tuple[str, ...], following: str
) -> Mistake | None:
    """The mistake that a token makes in a state of the parser; None if it is none of the known ones.

    `words` are the token and those before it that belong to it, `following` is the text behind it.
    """
    fitting = [each for each in mistakes() if _fits(each, words, following)]
    here = unexpected(token, state)
    try_example = _Examples(lark, scanner)
    exact = [(each, each.examples) for each in fitting]
    found: Mistake | None = here.match_examples(try_example, exact, token_type_match_fallback=True, use_accepts=False)
    if found is None or found.any_token or try_example.breaks_with(found, token.type, state):
        return found
    loose = [(each, each.examples) for each in fitting if each.any_token]
    return here.match_examples(try_example, loose, use_accepts=False)


def _fits(mistake: Mistake, words: tuple[str, ...], following: str) -> bool:
    if mistake.only and not set(words) & set(mistake.only.split()):
        return False
    return not mistake.followed_by or following.lstrip().startswith(mistake.followed_by)


class _Examples:
    """Parses examples the way lark wants it: by raising their errors."""

    def __init__(self, lark: Lark, scanner: Scanner) -> None:
        self._lark = lark
        self._scanner = scanner

    def __call__(self, example: str) -> NoReturn:
        raise broken(self._lark, self._scanner, example)

    def breaks_with(self, mistake: Mistake, kind: str, state: object) -> bool:
        """One of the mistake's examples breaks at this state with a token of this type."""
        errors = (broken(self._lark, self._scanner, each) for each in mistake.examples)
        return any(each.token.type == kind and each.state == state for each in errors)


@cache
def broken(lark: Lark, scanner: Scanner, example: str) -> UnexpectedToken:
    """The error of an example. Raises ValueError if there is none."""
    state = lark.parse_interactive().parser_state
    state.parse_conf = without_callbacks(state.parse_conf)
    states = state.parse_conf.states
    tokens = scanner.tokens(example, lambda: states[state.position], lambda trouble, start, end: None)
    for token in tokens:
        try:
            state.feed_token(token, token.type == "$END")
        except UnexpectedToken:
            settle(state)
            return unexpected(token, state.position)
    raise ValueError(f"not broken: {example}")


def can_take(state: ParserState[Any], *kinds: str) -> bool:
    """The parser could go on with tokens of these types one after the other."""
    trial = state.copy(deepcopy_values=False)
    trial.parse_conf = without_callbacks(trial.parse_conf)
    try:
        for kind in kinds:
            trial.feed_token(make_token(kind, "", 0, 0), kind == "$END")
    except UnexpectedToken:
        return False
    return True


def settle(state: ParserState[Any]) -> None:
    """Finish the item or statement that is complete but for the look at the token behind it."""
    for kind in ("LOADMODULE", "WHILE"):
        if can_take(state, kind):
            state.feed_token(make_token(kind, "", 0, 0))
            state.state_stack.pop()
            state.value_stack.pop()
            return


def without_callbacks(conf: ParseConf[Any]) -> ParseConf[Any]:
    """The same tables for a parser that builds nothing."""
    bare = copy(conf)
    bare.callbacks = {}
    return bare
