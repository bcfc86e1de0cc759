"""A Pygments lexer for route scripts; every Pygments user has it under the names `opensips` and `relayscript`."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
    _TokenType,
)  # fmt: skip

ROUTES = (
    "route", "onreply_route", "failure_route", "branch_route", "error_route", "local_route", "startup_route",
    "timer_route", "event_route",
)  # fmt: skip
LOADING = ("loadmodule", "modparam", "mpath", "include_file", "import_file")
STATEMENTS = (
    "if", "else", "while", "for", "in", "switch", "case", "default", "break", "return", "exit", "drop", "assert",
    "async", "launch",
)  # fmt: skip
LOGGING = ("xlog", "xdbg", "log", "error")
CONSTANTS = ("yes", "no", "true", "false", "on", "off", "enable", "disable", "null", "NULL")
OPERATORS = ("and", "or", "not")
_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
_END = r"(?![A-Za-z0-9_])"


def _parts(*kinds: _TokenType) -> object:
    """A token for each group of a pattern."""
    return bygroups(*kinds)  # type: ignore[no-untyped-call]


class RouteScriptLexer(RegexLexer):
    """Route scripts of OpenSIPS, also a part of one. It never fails; the tokens join to the text."""

    name = "OpenSIPS route script"
    aliases: ClassVar[list[str]] = ["opensips", "relayscript"]
    filenames: ClassVar[list[str]] = ["opensips.cfg", "opensips-*.cfg", "opensips_*.cfg"]
    url = "https://www.opensips.org/Documentation/Script-CoreFunctions"

    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r"/\*", Comment.Multiline, "comment"),
            (r'"', String.Double, "double"),
            (r"'[^']*'", String.Single),
            include("variable"),
            (
                rf"({'|'.join(ROUTES)})(\s*)(\[)(\s*)([^\]\s,]+)",
                _parts(Keyword.Declaration, Whitespace, Punctuation, Whitespace, Name.Label),
            ),
            (rf"(route)(\s*)(\()(\s*)({_WORD})", _parts(Keyword, Whitespace, Punctuation, Whitespace, Name.Label)),
            (words(ROUTES, suffix=_END), Keyword.Declaration),
            (words(LOADING, suffix=_END), Keyword.Namespace),
            (words(STATEMENTS, suffix=_END), Keyword),
            (words(OPERATORS, suffix=_END), Operator.Word),
            (words(CONSTANTS, suffix=_END), Keyword.Constant),
            (words(LOGGING, suffix=r"(?=\s*\()"), Name.Builtin),
            (rf"{_WORD}(?=\s*\()", Name.Function),
            (rf"{_WORD}(?=\s*=(?![=~]))", Name.Attribute),
            (_WORD, Name),
            (r"\d+\.\d+\.\d+\.\d+(?:/[\d.]+)?", Number),
            (r"0x[0-9a-fA-F]+", Number.Hex),
            (r"\d+", Number.Integer),
            (r"[-+*/%&|^]=|:=|[=!]=|[=!]~|<<|>>|&&|\|\||[<>]=?|[-+*/%&|^~!=]", Operator),
            (r"[][(){};,:.]", Punctuation),
            (r".", Text),
        ],
        "comment": [
            (r"[^*/]+", Comment.Multiline),
            (r"/\*", Comment.Multiline, "#push"),
            (r"\*/", Comment.Multiline, "#pop"),
            (r"[*/]", Comment.Multiline),
        ],
        "double": [
            (r'"', String.Double, "#pop"),
            (r"(?s)\\.", String.Escape),
            include("variable"),
            (r'[^"\\$]+', String.Double),
            (r"[\\$]", String.Double),
        ],
        "variable": [
            (rf"(\$)({_WORD}(?:\.{_WORD})*)(\()", _parts(Name.Variable, Name.Variable, Punctuation), "parameter"),
            (rf"\${_WORD}(?:\.{_WORD})*", Name.Variable),
            (r"(\$)(\()", _parts(Name.Variable, Punctuation), "parameter"),
        ],
        "parameter": [
            (r"\(", Punctuation, "#push"),
            (r"\)", Punctuation, "#pop"),
            (r'(?=["\n])', Text, "#pop"),
            include("variable"),
            (r"(\{)(\s*)([\w.]+)", _parts(Punctuation, Whitespace, Name.Decorator)),
            (r"[][{},]", Punctuation),
            (r'[^][(){},$"\n]+', Name.Variable),
            (r"\$", Name.Variable),
            default("#pop"),
        ],
    }
