"""Tokens in words: what a token is, and what could have stood in its place."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.grammar.scanner import ScriptToken

_STATEMENT = frozenset(("IF", "WHILE", "FOR", "SWITCH", "BREAK", "SEMICOLON"))
_COMMANDS = frozenset((
    "ID", "ROUTE", "EXIT", "DROP", "RETURN", "ASSERT", "XLOG", "XDBG", "LOG", "ERROR", "ASYNC", "LAUNCH",
))  # fmt: skip
_ROUTES = frozenset((
    "ROUTE", "ONREPLY_ROUTE", "FAILURE_ROUTE", "BRANCH_ROUTE", "ERROR_ROUTE", "LOCAL_ROUTE",
    "STARTUP_ROUTE", "TIMER_ROUTE", "EVENT_ROUTE",
))  # fmt: skip
_SIGNED = frozenset(("NUMBER", "BOOLEAN", "PLUS", "MINUS"))
_VALUE = frozenset(("VARIABLE", "STRING", "TILDE", "LPAR")) | _COMMANDS | _SIGNED
_CONDITION = frozenset(("VARIABLE", "NOT", "NOT_WORD", "LSQB", "LPAR", "LBRACE", "IF")) | _COMMANDS | _SIGNED

_GROUPS: tuple[tuple[frozenset[str], frozenset[str], str], ...] = (
    (frozenset(("LOADMODULE", "MODPARAM")), frozenset(), "a route, a module or a global parameter"),
    (frozenset(("WHILE", "FOR")), _STATEMENT | _COMMANDS | {"VARIABLE"}, "a statement"),
    (frozenset(("NOT", "LSQB", "VARIABLE")), _CONDITION, "a condition"),
    (frozenset(("TILDE", "VARIABLE", "STRING")), _VALUE, "a value"),
    (frozenset(("VARIABLE", "STRING", "NUMBER", "NULL")), _SIGNED | {"VARIABLE", "STRING", "NULL"}, "a value"),
    (frozenset(("NUMBER", "BOOLEAN")), _SIGNED, "a number"),
    (frozenset(("IP4", "ID", "STRING")), frozenset(("IP4", "IP6", "IPNET", "ID", "STRING", "LSQB")), "an address"),
    (frozenset(("IP4", "IP6")), frozenset(("IP4", "IP6", "IPNET", "LSQB")), "an address"),
    (frozenset(("ASSIGN", "ASSIGN_OPERATION")), frozenset(("ASSIGN", "ASSIGN_ALL", "ASSIGN_OPERATION")),
     "an assignment such as ="),
    (frozenset(("EQUALITY", "ORDER", "MATCH")), frozenset(("EQUALITY", "ORDER", "MATCH")), "a comparison such as =="),
    (frozenset(("AND",)), frozenset(("AND", "AND_WORD")), "`&&`"),
    (frozenset(("OR",)), frozenset(("OR", "OR_WORD")), "`||`"),
    (frozenset(("STAR", "PLUS", "SLASH")),
     frozenset(("STAR", "PLUS", "MINUS", "SLASH", "PERCENT", "AMPERSAND", "VBAR", "CIRCUMFLEX", "SHIFT_LEFT",
                "SHIFT_RIGHT")), "an operator such as +"),
    (frozenset(("ANYCAST", "FRAG")),
     frozenset(("ANYCAST", "FRAG", "REUSE_PORT", "ACCEPT_SUBDOMAIN", "ALLOW_PROXY", "SEND_PROXY", "PROXY",
                "USE_WORKERS", "TOS_OPTION", "TAG", "USE_AUTO_SCALING_PROFILE", "AS")), "an option of the socket"),
)  # fmt: skip
_SINGLE = {
    "VARIABLE": "a variable", "STRING": "a string", "NUMBER": "a number", "ID": "a name", "NULL": "NULL",
    "SEMICOLON": "`;`", "COMMA": "`,`", "COLON": "`:`", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`",
    "RSQB": "`]`", "LBRACE": "`{`", "RBRACE": "`}`", "ASSIGN": "`=`", "STAR": "`*`", "DOT": "`.`",
    "MINUS": "`-`", "PLUS": "`+`", "SLASH": "`/`", "PERCENT": "`%`", "$END": "the end of the script",
    "IPNET": "an address", "IP4": "an address", "IP6": "an address", "BOOLEAN": "a number",
    "USE_AUTO_SCALING_PROFILE": "`use_auto_scaling_profile`", "ALLOW_PROXY": "`allow_proxy_protocol`",
    "SCALE_UP_TO": "`scale up to`", "SCALE_DOWN_TO": "`scale down to`", "READ_ONLY": "`readonly`",
    "CYCLES_WITHIN": "`cycles within`", "NOT": "`!`", "TILDE": "`~`", "AND": "`&&`", "OR": "`||`",
}  # fmt: skip


def shown(token: ScriptToken) -> str:
    """A token for people."""
    match token.type:
        case "$END":
            return "end of the script"
        case "STRING":
            return f"string {_short(token.value)}"
        case "NUMBER":
            return f"number {token.value}"
        case _:
            return f"`{_short(token.value)}`"


def _short(text: str) -> str:
    first = text.split("\n", 1)[0]
    return first if len(first) <= 40 and first == text else first[:37] + "..."


def wording(kinds: Iterable[str], most: int = 6) -> str:
    """What could stand somewhere, in words; empty if that would be a long list."""
    left = set(kinds)
    words: list[str] = []
    for needed, covered, name in _GROUPS:
        if needed <= left:
            words.append(name)
            left = left - covered - needed if covered else set()
    words.extend(sorted({_SINGLE.get(kind, f"`{kind.lower()}`") for kind in left}))
    words = list(dict.fromkeys(words))
    if len(words) > most:
        return ""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
