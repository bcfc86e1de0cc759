"""The script grammar, ready to parse with; its tables are kept in the user's cache folder."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from lark import Lark
from lark.common import LexerConf
from lark.lexer import Lexer

from relayscript.grammar.folder import cache_folder
from relayscript.grammar.scanner import Scanner

FILES = ("script", "statements", "expressions", "tokens")
"""The files that are read as one grammar, in this order."""


class HandFed(Lexer):
    """Stands where lark wants a lexer: tokens are given to the parser by hand, made by our Scanner."""

    def __init__(self, conf: LexerConf) -> None:
        self.terminals = conf.terminals

    def lex(self, lexer_state: object, parser_state: object) -> object:  # type: ignore[override]
        """Nothing to read from."""
        raise NotImplementedError


def grammar_text() -> str:
    """The whole grammar."""
    folder = Path(__file__).parent
    return "\n".join((folder / f"{name}.lark").read_text() for name in FILES)


@cache
def load(callbacks: type[object]) -> tuple[Lark, Scanner]:
    """The parser, which calls `callbacks` for each rule, and its scanner."""
    parser = Lark(
        grammar_text(),
        parser="lalr",
        lexer=HandFed,
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=callbacks,
        cache=_table_file(),
    )
    return parser, Scanner(parser.terminals)


def _table_file() -> str | bool:
    """The file of the tables; False if it cannot be written."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return str(folder / "grammar.tables") if os.access(folder, os.W_OK) else False
