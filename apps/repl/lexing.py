"""A Pygments lexer for what is typed at the prompt: script, statements of scenarios, dot commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, Whitespace, _TokenType

from relayscript.apps.repl.typed import VERBS, Typed, kind_of
from relayscript.dsl.highlighting import RouteScriptLexer
from relayscript.grammar.scenario_words import KEYWORDS

Piece = tuple[int, _TokenType, str]

_STATEMENT = re.compile(
    rf"""(?P<blank>\s+)|(?P<text>"(?:[^"\\]|\\.)*"?)|(?P<arrow>->|<-|[=~:])|(?P<variable>\$[^\s=]+)
    |(?P<keyword>(?:{'|'.join((*KEYWORDS, *VERBS))}|up|sdp|no|within|at|over|with)(?![\w-]))
    |(?P<uri>(?:sips?|tel):\S+)|(?P<method>[A-Z]{{2,}}(?![\w-]))|(?P<number>\d+(?:ms|s|m|h|%|xx)?(?!\w))
    |(?P<name>[\w-]+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TOKENS = {
    "blank": Whitespace, "text": String.Double, "arrow": Operator, "variable": Name.Variable, "keyword": Keyword,
    "uri": String.Other, "method": Name.Builtin, "number": Number, "name": Name, "other": Token.Text,
}  # fmt: skip


class TypedLexer(Lexer):
    """Takes the whole of what is typed; the tokens join to the text."""

    name = "relayscript prompt"

    def get_tokens_unprocessed(self, text: str) -> Iterator[Piece]:
        """Position, token, text."""
        match kind_of(text):
            case Typed.NOTHING:
                yield 0, Comment, text
            case Typed.STATEMENT:
                yield from _statement(text, 0)
            case Typed.COMMAND:
                found = re.match(r"\s*\.\S*", text)
                end = found.end() if found else 0
                yield 0, Name.Tag, text[:end]
                yield from _statement(text[end:], end)
            case Typed.SCRIPT:
                yield from RouteScriptLexer().get_tokens_unprocessed(text)


def _statement(text: str, start: int) -> Iterator[Piece]:
    for found in _STATEMENT.finditer(text):
        yield start + found.start(), _TOKENS[found.lastgroup or "other"], found[0]
