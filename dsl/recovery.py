"""Gets a parser going again behind a mistake, so that one mistake is reported once and the next one too.

In order: put in the one token that is missing; make up the head of a statement or route so that its body is
still read; else drop the statement (or what stands at the top) and go on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from relayscript.dsl.nodes import Empty, Variable
from relayscript.dsl.source import Span
from relayscript.grammar.scanner import ScriptToken, make_token

MISSING = ("SEMICOLON", "RPAR", "RSQB", "COMMA")
"""Tokens that are put in if that alone makes the text good."""

_TEXT = {
    "SEMICOLON": ";", "RPAR": ")", "LPAR": "(", "RSQB": "]", "LSQB": "[", "COMMA": ",", "RBRACE": "}",
    "LBRACE": "{", "COLON": ":", "NUMBER": "1", "ID": "_", "VARIABLE": "$_", "IN": "in", "CASE": "case",
}  # fmt: skip
_HEADS = {
    "IF": ("LPAR", "NUMBER"),
    "WHILE": ("LPAR", "NUMBER"),
    "FOR": ("LPAR", "VARIABLE", "IN", "VARIABLE"),
    "SWITCH": ("LPAR", "VARIABLE"),
}
_NAMED_ROUTES = ("FAILURE_ROUTE", "BRANCH_ROUTE", "EVENT_ROUTE", "TIMER_ROUTE", "ROUTE", "ONREPLY_ROUTE")
_UNNAMED_ROUTES = ("ERROR_ROUTE", "LOCAL_ROUTE", "STARTUP_ROUTE")

Tokens = Iterator[ScriptToken]
StartsItem = Callable[[ScriptToken], bool]


def made_up(kind: str, span: Span, position: int) -> ScriptToken:
    """A token that the text does not have."""
    token = make_token(kind, _TEXT[kind], position, position)
    token.span = span
    token.node = Variable(span, "") if kind == "VARIABLE" else None
    return token


class Recovery:
    """Mends the stacks of a parser that met a token it cannot take."""

    def __init__(self, parser: InteractiveParser, tokens: Tokens, starts_item: StartsItem) -> None:
        self._parser = parser
        self._tokens = tokens
        self._starts_item = starts_item

    @property
    def _states(self) -> list[Any]:
        return self._parser.parser_state.state_stack

    @property
    def _values(self) -> list[Any]:
        return self._parser.parser_state.value_stack

    def accepts(self, *kinds: str) -> bool:
        """The parser could take these tokens one after the other."""
        trial = copy(self._parser.parser_state.parse_conf)
        trial.callbacks = {}
        state = self._parser.parser_state.copy(deepcopy_values=False)
        state.parse_conf = trial
        try:
            for kind in kinds:
                state.feed_token(make_token(kind, "", 0, 0), kind == "$END")
        except UnexpectedToken:
            return False
        return True

    def mend(self, token: ScriptToken) -> ScriptToken | None:
        """Make the parser ready to go on; the token to give it next, None if the text is at its end."""
        for missing in MISSING:
            if self.accepts(missing, token.type):
                self._feed(token, missing)
                return token
        self._complete_block(token)
        anchor, kind = self._anchor()
        if token.type == "$END":
            return None
        if kind == "item":
            return self._mend_item(anchor, token)
        if kind == "case":
            return self._mend_case(anchor, token)
        return self._mend_statement(anchor, token)

    def _complete_block(self, at: ScriptToken) -> None:
        """Let the parser see that a block that was closed is complete: what follows is no part of it."""
        last = self._values[-1] if self._values else None
        if isinstance(last, ScriptToken) and last.type == "RBRACE" and self.accepts("SEMICOLON"):
            self._feed(at, "SEMICOLON")

    def _feed(self, at: ScriptToken, *kinds: str) -> None:
        """Give the parser tokens that are missing before `at`."""
        span: Span = at.span  # type: ignore[assignment]
        for kind in kinds:
            self._parser.feed_token(made_up(kind, span, at.start_pos))

    def _anchor(self) -> tuple[int, str]:
        """The innermost place where a statement, a case or an item of the script can stand."""
        table = self._parser.parser_state.parse_conf.states
        for index in range(len(self._states) - 1, -1, -1):
            here = table[self._states[index]]
            for kind in ("case", "statement", "item"):
                if kind in here:
                    return index, kind
        return 0, "item"

    def _cut(self, index: int) -> list[Any]:
        """Forget what came behind a place; the values that were there."""
        dropped = self._values[index:]
        del self._states[index + 1 :]
        del self._values[index:]
        return dropped

    def _push(self, name: str, value: object) -> None:
        """Act as if something of that kind had been read."""
        table = self._parser.parser_state.parse_conf.states
        self._states.append(table[self._states[-1]][name][1])
        self._values.append(value)

    # ---- statements

    def _mend_statement(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        partial = self._values[anchor:]
        head = partial[0] if partial and isinstance(partial[0], ScriptToken) else None
        if head is not None and head.type in _HEADS and not self._has_body(partial):
            return self._mend_head(anchor, head, token)
        self._cut(anchor)
        return self._drop_statement(token)

    @staticmethod
    def _has_body(partial: list[Any]) -> bool:
        """The parentheses behind `if`, `while` ... are complete."""
        depth = 0
        for each in partial[1:]:
            if isinstance(each, ScriptToken) and each.type in ("LPAR", "RPAR"):
                depth += 1 if each.type == "LPAR" else -1
                if depth == 0:
                    return True
        return False

    def _mend_head(self, anchor: int, head: ScriptToken, token: ScriptToken) -> ScriptToken | None:
        """Make up what stands in the parentheses of `if`, `while`, `for`, `switch`; go on with the body."""
        depth = sum(
            {"LPAR": 1, "RPAR": -1}.get(each.type, 0)
            for each in self._values[anchor + 1 :]
            if isinstance(each, ScriptToken)
        )
        opened = depth > 0
        while token.type not in ("LBRACE", "RBRACE", "$END"):
            depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
            if (token.type == "RPAR" and depth <= 0) or (token.type == "SEMICOLON" and not opened):
                break
            token = next(self._tokens)
        self._cut(anchor)
        if token.type == "SEMICOLON":
            return self._drop_statement(token)
        if token.type == "$END":
            return None
        self._parser.feed_token(head)
        self._feed(token, *_HEADS[head.type])
        if token.type != "RPAR":
            self._feed(token, "RPAR")
        return token

    def _drop_statement(self, token: ScriptToken) -> ScriptToken | None:
        """Go behind the end of a statement: its `;`, or the `}` of its block."""
        depth = 0
        start: Span = token.span  # type: ignore[assignment]
        while token.type != "$END" and not (depth == 0 and self._starts_item(token)):
            if token.type == "RBRACE" and depth == 0:
                break
            depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
            ended = depth == 0 and token.type in ("SEMICOLON", "RBRACE")
            token = next(self._tokens)
            if ended and token.type != "ELSE":
                break
        self._push("statement", Empty(start))
        return token

    def _mend_case(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        """Make up the head of a case; go on with its statements."""
        while token.type not in ("COLON", "CASE", "DEFAULT", "SEMICOLON", "LBRACE", "RBRACE", "$END"):
            token = next(self._tokens)
        self._cut(anchor)
        if token.type == "$END":
            return None
        self._feed(token, "CASE", "NUMBER")
        if token.type != "COLON":
            self._feed(token, "COLON")
        if token.type in ("SEMICOLON", "LBRACE"):
            return self._drop_statement(token)
        return token

    # ---- the top of the script

    def _mend_item(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        head = self._values[anchor] if len(self._values) > anchor else None
        kind = head.type if isinstance(head, ScriptToken) else ""
        self._cut(anchor)
        if kind in _NAMED_ROUTES + _UNNAMED_ROUTES:
            token = self._to_body(token)
            if token.type == "LBRACE":
                assert isinstance(head, ScriptToken)
                self._parser.feed_token(head)
                if kind in _NAMED_ROUTES:
                    self._feed(token, "LSQB", "ID", *(("COMMA", "NUMBER") if kind == "TIMER_ROUTE" else ()), "RSQB")
                return token
        return self._to_item(token)

    def _to_body(self, token: ScriptToken) -> ScriptToken:
        """The `{` that begins a route's body, if it comes before anything else of the script."""
        while token.type not in ("LBRACE", "RBRACE", "SEMICOLON", "$END") and not self._starts_item(token):
            token = next(self._tokens)
        return token

    def _to_item(self, token: ScriptToken) -> ScriptToken:
        """The next token with which something at the top of a script begins."""
        depth = 0
        while token.type != "$END":
            if depth <= 0 and self._starts_item(token):
                break
            depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
            token = next(self._tokens)
        return token
