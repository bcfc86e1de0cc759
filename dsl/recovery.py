"""Gets a parser going again behind a mistake, so that one mistake is reported once and the next one too.

In order: put in or leave out the one token that makes the text good; close what a missing `}` leaves open;
make up the head of a statement or route so that its body is still read; else drop the statement (or what
stands at the top) and go on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lark.parsers.lalr_interactive_parser import InteractiveParser

from relayscript.dsl.nodes import Empty, Variable
from relayscript.dsl.source import Span
from relayscript.grammar.mistakes import can_take, settle
from relayscript.grammar.scanner import ScriptToken, make_token

LINE = "LINE"
"""The repair that drops the rest of the line."""

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
_CLOSING = ("RBRACE", "SEMICOLON", "RPAR", "RSQB", "NUMBER", "VARIABLE", "CASE", "COLON")
_DEEPEST = 200
_ENDS = ("RPAR", "STRING", "NUMBER", "BOOLEAN", "NULL", "VARIABLE", "ID", "RSQB")
_BEGINNINGS = ("ID", "VARIABLE", "IF", "WHILE", "FOR", "SWITCH", "ROUTE", "EXIT", "DROP", "RETURN", "XLOG", "XDBG",
               "LOG", "ASSERT", "ASYNC", "LAUNCH", "BREAK")  # fmt: skip

Tokens = Iterator[ScriptToken]
StartsItem = Callable[[ScriptToken], bool]


def span_of(token: ScriptToken) -> Span:
    """Where a token stands."""
    assert isinstance(token.span, Span)
    return token.span


def made_up(kind: str, at: ScriptToken) -> ScriptToken:
    """A token that the text does not have, at the place of another."""
    token = make_token(kind, _TEXT[kind], at.start_pos, at.start_pos)
    token.span = span_of(at)
    token.node = Variable(span_of(at), "") if kind == "VARIABLE" else None
    return token


def _begins_anew(before: ScriptToken, token: ScriptToken) -> bool:
    """A statement seems to begin: what stands before could be the end of one, and a new line begins."""
    if span_of(before).end_line == span_of(token).line:
        return False
    return before.type in _ENDS and token.type in _BEGINNINGS


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
        return can_take(self._parser.parser_state, *kinds)

    def choices(self) -> frozenset[str]:
        """The types of the tokens that can stand here."""
        return frozenset(self._parser.accepts())  # type: ignore[no-untyped-call]

    def settle(self) -> None:
        """Finish what is complete before the mistake is looked at."""
        settle(self._parser.parser_state)

    def open_braces(self) -> list[ScriptToken]:
        """The `{` that are not closed yet."""
        return [each for each in self._values if isinstance(each, ScriptToken) and each.type == "LBRACE"]

    def mend(self, token: ScriptToken, repair: str) -> ScriptToken | None:
        """Make the parser ready to go on; the token to give it next, None if nothing can be made of the text.

        `repair` is the type of a missing token, LINE, or empty.
        """
        if repair == LINE:
            token = self._behind_line(token)
            if self.accepts(token.type):
                return token
        elif repair:
            self._feed(token, repair)
            return token
        if token.type == "$END":
            return token if self._close(token) else None
        if (following := self._without(token)) is not None:
            return following
        if self._closes_blocks(token):
            return token
        return self._resume(token)

    def _resume(self, token: ScriptToken) -> ScriptToken | None:
        """Go on at the innermost place where one can."""
        if self.accepts("SEMICOLON") and token.type not in ("CASE", "DEFAULT"):
            self._feed(token, "SEMICOLON")
        anchor, kind = self._anchor()
        if kind == "item":
            return self._mend_item(anchor, token)
        if kind == "case":
            return self._mend_case(anchor, token)
        return self._mend_statement(anchor, token)

    def _feed(self, at: ScriptToken, *kinds: str) -> None:
        """Give the parser tokens that are missing before `at`."""
        for kind in kinds:
            self._parser.feed_token(made_up(kind, at))

    def _without(self, token: ScriptToken) -> ScriptToken | None:
        """The token behind one that is too many, if the parser can take it; otherwise go on from there."""
        if not self.is_superfluous(token):
            return None
        following = next(self._tokens)
        return following if self.accepts(following.type) else self._resume(following)

    def is_superfluous(self, token: ScriptToken) -> bool:
        """The token closes what is not open, or is a `;` where no statement is."""
        if token.type == "RBRACE":
            return not self.open_braces()
        if token.type == "SEMICOLON":
            return self._anchor()[1] == "item"
        opening = {"RPAR": "LPAR", "RSQB": "LSQB"}.get(token.type, "")
        return opening != "" and self._depth(opening, token.type) <= 0

    def _depth(self, opening: str, closing: str) -> int:
        """How many brackets are open since the last `{`."""
        depth = 0
        for each in reversed(self._values):
            if isinstance(each, ScriptToken):
                if each.type == "LBRACE":
                    break
                depth += {opening: 1, closing: -1}.get(each.type, 0)
        return depth

    def _behind_line(self, token: ScriptToken) -> ScriptToken:
        line = span_of(token).line
        while token.type != "$END" and span_of(token).line == line:
            token = next(self._tokens)
        return token

    def _close(self, end: ScriptToken) -> bool:
        """Make up what is missing at the end of the text."""
        for _ in range(_DEEPEST):
            if self.accepts("$END"):
                return True
            kind = next((each for each in _CLOSING if self.accepts(each)), None)
            if kind is None:
                return False
            self._feed(end, kind)
        return False

    def _closes_blocks(self, token: ScriptToken) -> bool:
        """Something of the top of the script begins a line although blocks are open: close them."""
        head = self._values[-1] if self._values else None
        if isinstance(head, ScriptToken) and head.type == "ROUTE" and token.type in ("LSQB", "LBRACE"):
            if span_of(head).column != 1 or not self._starts_item(head):
                return False
            self._cut(len(self._values) - 1)
        elif self._starts_item(token) and span_of(token).column == 1:
            head = None
        else:
            return False
        wanted = head.type if isinstance(head, ScriptToken) else token.type
        for _ in range(_DEEPEST):
            if not self.open_braces() or not self.accepts("RBRACE"):
                break
            self._feed(token, "RBRACE")
        if not self.accepts(wanted):
            return False
        if isinstance(head, ScriptToken):
            self._parser.feed_token(head)
        return True

    # ---- the stacks

    def _anchor(self) -> tuple[int, str]:
        """The innermost place where a statement, a case or an item of the script can stand."""
        table = self._parser.parser_state.parse_conf.states
        for index in range(len(self._states) - 1, -1, -1):
            here = table[self._states[index]]
            for kind in ("case", "statement", "item"):
                if kind in here:
                    return index, kind
        return 0, "item"

    def _cut(self, index: int) -> None:
        """Forget what came behind a place."""
        del self._states[index + 1 :]
        del self._values[index:]

    def _push(self, name: str, value: object) -> None:
        """Act as if something of that kind had been read."""
        table = self._parser.parser_state.parse_conf.states
        self._states.append(table[self._states[-1]][name][1])
        self._values.append(value)

    # ---- statements

    def _mend_statement(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        head = self._values[anchor] if len(self._values) > anchor else None
        if isinstance(head, ScriptToken) and head.type in _HEADS:
            return self._mend_head(anchor, head, token)
        depth = self._depth("LPAR", "RPAR")
        self._cut(anchor)
        return self._drop_statement(token, depth)

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
        self._parser.feed_token(head)
        self._feed(token, *_HEADS[head.type])
        if token.type != "RPAR":
            self._feed(token, "RPAR")
        return token

    def _drop_statement(self, token: ScriptToken, parentheses: int = 0) -> ScriptToken:
        """Go behind the end of a statement: its `;`, the `}` of its block, or a line that begins another.

        `parentheses` is how many of them are open.
        """
        depth = 0
        before = first = token
        while token.type != "$END":
            if depth == 0 and token is not first and self._starts_item(token):
                break
            if depth == 0 and (token.type == "RBRACE" or (parentheses <= 0 and _begins_anew(before, token))):
                break
            depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
            parentheses += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
            ended = depth == 0 and token.type in ("SEMICOLON", "RBRACE")
            before, token = token, next(self._tokens)
            if ended and token.type != "ELSE":
                break
        self._push("statement", Empty(span_of(first)))
        return token

    def _mend_case(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        """Make up the head of a case; go on with its statements."""
        while token.type not in ("COLON", "CASE", "DEFAULT", "SEMICOLON", "LBRACE", "RBRACE", "$END"):
            token = next(self._tokens)
        self._cut(anchor)
        self._feed(token, "CASE", "NUMBER")
        if token.type != "COLON":
            self._feed(token, "COLON")
        return self._drop_statement(token) if token.type in ("SEMICOLON", "LBRACE") else token

    # ---- the top of the script

    def _mend_item(self, anchor: int, token: ScriptToken) -> ScriptToken | None:
        head = self._values[anchor] if len(self._values) > anchor else None
        self._cut(anchor)
        if isinstance(head, ScriptToken) and head.type in _NAMED_ROUTES + _UNNAMED_ROUTES:
            token = self._to_body(token)
            if token.type == "LBRACE":
                self._parser.feed_token(head)
                if head.type in _NAMED_ROUTES:
                    interval = ("COMMA", "NUMBER") if head.type == "TIMER_ROUTE" else ()
                    self._feed(token, "LSQB", "ID", *interval, "RSQB")
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
