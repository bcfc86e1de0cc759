"""One reading of a script's text: tokens to the parser, and on behind each mistake."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedToken

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity, error, has_errors, warning
from relayscript.dsl.explanation import Situation
from relayscript.dsl.nesting import nested_too_deeply
from relayscript.dsl.placement import misplaced
from relayscript.dsl.preprocess import Flattened
from relayscript.dsl.recovery import Recovery
from relayscript.dsl.source import Span
from relayscript.dsl.tree import Items
from relayscript.dsl.trivia import Surroundings, place_trivia
from relayscript.dsl.variable import read_variable, within
from relayscript.grammar.loader import load
from relayscript.grammar.scanner import ScriptToken, Trouble

MOST = 100
"""After so many mistakes the rest of a script is not read."""


class Reading:
    """One parse of one text."""

    def __init__(self, flat: Flattened) -> None:
        self._flat = flat
        self._found: list[Diagnostic] = list(flat.diagnostics)
        self._lark, self._scanner = load(Items)
        self._parser = self._lark.parse_interactive()
        self._surroundings = Surroundings()
        self._tokens = self._scanner.tokens(flat.text, self._parser.choices, self._report)
        self._previous: ScriptToken | None = None

    def run(self) -> tuple[nodes.Script | None, tuple[Diagnostic, ...]]:
        """Read everything: the script, None if nothing could be made of it, and what is wrong with the text."""
        script = self._script()
        if script is not None and (too_deep := tuple(nested_too_deeply(script))):
            self._found.extend(too_deep)
            script = None
        if script is not None:
            place_trivia(script, self._surroundings)
            self._found.extend(misplaced(script))
        self._found.sort(key=self._order)
        told = tuple(each for each in self._found if not self._is_covered(each))
        return script, told

    def _is_covered(self, found: Diagnostic) -> bool:
        """A warning about a part of a token that an error is about."""
        place = found.span
        if found.severity is Severity.ERROR or place is None:
            return False
        return any(
            each.severity is Severity.ERROR and each.span is not None and each.span.file == place.file
            and (each.span.line, each.span.column) <= (place.line, place.column)
            and (place.end_line, place.end_column) <= (each.span.end_line, each.span.end_column)
            for each in self._found
        )  # fmt: skip

    def _order(self, found: Diagnostic) -> tuple[bool, int, int]:
        """Findings of the main file by line; those of included files stay behind it."""
        first = next(iter(self._flat.sources))
        span = found.span
        return (span is not None and span.file != first, span.line if span else 0, span.column if span else 0)

    def _script(self) -> nodes.Script | None:
        feed = self._parser.parser_state.feed_token
        reader = (self._prepared(token) for token in self._tokens)
        recovery = Recovery(self._parser, reader, self._starts_item)
        token = next(reader)
        while True:
            end = token.type == "$END"
            try:
                items = feed(token, end)
            except UnexpectedToken:
                following = self._recover(recovery, token)
                if following is None:
                    return None
                token = following
                continue
            if end:
                return self._made(items, token)
            self._previous = token
            token = next(reader)

    def _made(self, items: tuple[nodes.Item, ...], end: ScriptToken) -> nodes.Script:
        span: Span = end.span  # type: ignore[assignment]
        first = items[0].span if items else span
        closing = self._surroundings.before.pop((span.file, span.line, span.column), ())
        return nodes.Script(first.to(span), items, tuple(text for text, _ in closing))

    # ---- tokens

    def _prepared(self, token: ScriptToken) -> ScriptToken:
        """A token with its span, and what its text says already read."""
        span = self._flat.span(token.start_pos, token.end_pos)
        token.span = span
        if token.comments or token.blank_before:
            self._keep_comments(token, span)
        if token.type == "VARIABLE":
            token.node = self._variable(token.value, span)
        elif token.type in ("IP4", "IPNET") and "." in token.value:
            self._check_address(token.value, span)
        return token

    def _variable(self, raw: str, span: Span) -> nodes.Variable:
        """The variable of a token. One with mistakes is reported and becomes one without a name."""
        try:
            variable, end = read_variable(raw, 0, span)
        except ScriptError as mistake:
            if not self._is_reported(span):
                self._found.extend(mistake.diagnostics)
            return nodes.Variable(span, "", raw=raw)
        if end < len(raw):
            tail = raw[end:]
            hint = f"write $({raw[1:]})" if tail[0] in "[{" else "put a blank before it"
            self._found.append(
                warning("RS110", f"`{tail}` is taken as part of the variable and ignored",
                        within(span, raw, end, len(raw)), hint)
            )  # fmt: skip
        return variable

    def _is_reported(self, span: Span) -> bool:
        return any(each.span is not None and each.span.line == span.line and each.span.column == span.column
                   for each in self._found)  # fmt: skip

    def _check_address(self, text: str, span: Span) -> None:
        address, _, mask = text.partition("/")
        parts = [*address.split("."), *(mask.split(".") if "." in mask else [])]
        if any(int(part) > 255 for part in parts):
            self._found.append(error("RS106", f"{text} is no address: a part is above 255", span))

    def _keep_comments(self, token: ScriptToken, span: Span) -> None:
        """Put comments behind the token before if they stand on its line, else before this one."""
        own = [(self._flat.text[a:b], self._flat.span(a, b)) for a, b in token.comments]
        before = self._previous
        last: Span | None = before.span if before is not None else None  # type: ignore[assignment]
        around = self._surroundings
        if last is not None and own and own[0][1].line == last.end_line and own[0][1].file == last.file:
            around.after[last.file, last.end_line, last.end_column] = own.pop(0)
        if own:
            around.before[span.file, span.line, span.column] = own
        if token.blank_before:
            around.blank.add((span.file, span.line, span.column))

    # ---- mistakes

    def _report(self, trouble: Trouble, start: int, end: int) -> None:
        """What the scanner found wrong with the text."""
        span = self._flat.span(start, end)
        text = self._flat.text[start:end]
        match trouble:
            case Trouble.JUNK:
                found = warning("RS111", f"the byte {text!r} means nothing here and is ignored", span)
            case Trouble.NUL:
                found = error("RS112", "a script cannot have NUL bytes", span)
            case Trouble.OPEN_STRING:
                found = error("RS113", "the string is never closed", span, f"put a {text[0]} at its end")
            case Trouble.OPEN_COMMENT:
                found = error("RS114", "the comment is never closed", span, "comments nest: each /* needs its own */")
            case Trouble.OPEN_VARIABLE:
                hint = "a variable stands on one line"
                found = error("RS115", "a parenthesis of the variable is never closed", span, hint)
        self._found.append(found)

    def _recover(self, recovery: Recovery, token: ScriptToken) -> ScriptToken | None:
        """Report a token that cannot stand here and go on behind the mistake."""
        recovery.settle()
        situation = Situation(self._lark, self._scanner, self._parser, token, self._previous, self._flat.text,
                              ITEM_STARTS, recovery, self._flat.span)  # fmt: skip
        found, repair = situation.explain()
        if not self._is_consequence(token, recovery):
            self._found.append(found)
        if len(self._found) > MOST:
            return None
        following = recovery.mend(token, repair)
        self._previous = token
        return following

    def _is_consequence(self, token: ScriptToken, recovery: Recovery) -> bool:
        """The text is broken around here, or nothing is left of it, and that has been said."""
        span: Span = token.span  # type: ignore[assignment]
        if token.type == "$END" and has_errors(self._found) and not recovery.open_braces():
            return True
        return any(
            each.code in _BREAKING and each.span is not None
            and (token.type == "$END" or 0 <= span.line - each.span.line <= 1)
            for each in self._found
        )  # fmt: skip

    def _starts_item(self, token: ScriptToken) -> bool:
        """Something at the top of a script begins here: a word of it, first on its line."""
        if token.type not in ITEM_STARTS:
            return False
        text = self._flat.text
        if text[text.rfind("\n", 0, token.start_pos) + 1 : token.start_pos].strip():
            return False
        return token.type != "ROUTE" or _ROUTE_HEAD.match(text, token.end_pos) is not None


ITEM_STARTS = frozenset((
    "LOADMODULE", "MODPARAM", "ROUTE", "ONREPLY_ROUTE", "FAILURE_ROUTE", "BRANCH_ROUTE", "ERROR_ROUTE",
    "LOCAL_ROUTE", "STARTUP_ROUTE", "TIMER_ROUTE", "EVENT_ROUTE", "SOCKET", "ALIAS", "MPATH", "TOS",
    "ADVERTISED_ADDRESS", "AUTO_SCALING_PROFILE", "DST_BLACKLIST", "MEM_GROUP", "WORKERS_PARAMETER",
    "NUMBER_PARAMETER", "OWN_PARAMETER", "SIGNED_PARAMETER", "STRING_PARAMETER", "NAME_PARAMETER",
    "NAME_OR_STRING_PARAMETER",
))  # fmt: skip
"""The tokens with which something at the top of a script begins."""

_BREAKING = ("RS113", "RS114", "RS115")
_ROUTE_HEAD = re.compile(r"\s*[\[{]")
