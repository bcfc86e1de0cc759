"""Says what is wrong where a token cannot stand: what the place itself tells, a mistake known by example, or
what was expected instead. With it comes the repair after which reading can go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lark import Lark
from lark.parsers.lalr_interactive_parser import InteractiveParser

from relayscript.dsl.checks.spelling import OLD_GLOBALS, OLD_WORDS, did_you_mean
from relayscript.dsl.diagnostics import Diagnostic, error
from relayscript.dsl.expectation import shown, wording
from relayscript.dsl.recovery import LINE, Recovery, span_of
from relayscript.dsl.source import Span
from relayscript.grammar.mistakes import recognise
from relayscript.grammar.scanner import Scanner, ScriptToken

Explained = tuple[Diagnostic, str]
"""A finding, and the type of the token that is to be put in: or LINE to drop the line, or nothing."""

_NAMES_OF_MISSING = {"SEMICOLON": ";", "RPAR": ")", "RSQB": "]", "COMMA": ",", "COLON": ":"}
_ELSE_IF = ("elseif", "elsif", "elif")
_NEAR = 6
_COMPLETE = ("LBRACE", "RBRACE", "SEMICOLON", "COLON", "ELSE")


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a parser stands: the token it cannot take, the one before, and the text around."""

    lark: Lark
    scanner: Scanner
    parser: InteractiveParser
    token: ScriptToken
    previous: ScriptToken | None
    text: str
    item_starts: frozenset[str]
    recovery: Recovery
    place: Callable[[int, int], Span]

    def explain(self) -> Explained:
        """The finding for the token, and the repair."""
        ways = (self._end, self._slashes, self._semicolon, self._variable_tail, self._octal, self._old_word,
                self._else_if, self._top, self._known, self._reserved, self._missing)  # fmt: skip
        found = next((made for way in ways if (made := way()) is not None), None)
        return found or self._unexpected()

    # ---- what the place tells

    @property
    def _following(self) -> str:
        """The text right behind the token."""
        return self.text[self.token.end_pos : self.token.end_pos + 40]

    @property
    def _span(self) -> Span:
        return span_of(self.token)

    def _say(self, message: str, hint: str = "", *notes: str, repair: str = "", span: Span | None = None) -> Explained:
        return error("RS131", message, span or self._span, hint, *notes), repair

    def _end(self) -> Explained | None:
        """The text ends too early."""
        if self.token.type != "$END":
            return None
        if self.previous is None:
            return self._say("the script is empty", "it needs at least a socket and a route")
        last = span_of(self.previous)
        place = Span(last.file, last.end_line, last.end_column, last.end_line, last.end_column + 1)
        opened = self.recovery.open_braces()
        if not opened:
            expected = wording(self.recovery.choices())
            text = f"unexpected end of the script{'; expected ' + expected if expected else ''}"
            return error("RS130", text, place), ""
        missing = "a `}` is" if len(opened) == 1 else f"{len(opened)} `}}` are"
        suspect = self._crooked_brace()
        note = f"the last {{ that is not closed is at {span_of(opened[-1])}"
        if suspect is not None:
            note = f"by the indentation it is the {{ at {suspect} that is not closed"
        return self._say(f"unexpected end of the script; {missing} missing", "", note, span=place)

    def _crooked_brace(self) -> Span | None:
        """The first `{` whose `}` begins a line that is indented less."""
        opened: list[ScriptToken] = []
        for token in self.scanner.tokens(self.text, tuple, lambda trouble, start, end: None):
            if token.type == "LBRACE":
                opened.append(token)
            elif token.type == "RBRACE" and opened:
                opening = opened.pop()
                if _indent(self.text, token.start_pos) < _indent(self.text, opening.start_pos):
                    return self.place(opening.start_pos, opening.end_pos)
        return None

    def _slashes(self) -> Explained | None:
        if self.token.type == "SLASH" and self._following.startswith("/"):
            return self._say("`//` does not start a comment", "write # or /* */", repair=LINE)
        return None

    def _semicolon(self) -> Explained | None:
        """A statement ends without its `;`."""
        before = self.previous
        if before is None or before.type in _COMPLETE or not self.recovery.accepts("SEMICOLON", self.token.type):
            return None
        last = span_of(before)
        note = f"the statement before ends at {last.file}:{last.end_line}:{last.end_column}"
        notes = (note,) if last.end_line != self._span.line else ()
        return self._say(f"a `;` is missing before {shown(self.token)}", "", *notes, repair="SEMICOLON")

    def _variable_tail(self) -> Explained | None:
        """A variable with an index, or one that took a bracket, a brace or a word operator for its own."""
        before = self.previous
        if before is None or before.type != "VARIABLE":
            return None
        raw = before.value
        if self.token.type in ("LSQB", "LBRACE") and before.end_pos == self.token.start_pos:
            return self._say("an index or a transformation stands inside of $( )", f"write $({raw[1:]}...)")
        if before.end_pos == self.token.start_pos and self.token.type in ("ID", "AND_WORD", "OR_WORD", "NOT_WORD"):
            return self._say(f"the variable ends at {raw}: or, and, not are operators",
                             f"write $({raw[1:]}{self.token.value}...)")  # fmt: skip
        swallowed = next(
            (mark for mark in "])}" if mark in raw and raw.count(mark) > raw.count("[({"["])}".index(mark)])), ""
        )
        if swallowed:
            return self._say(f"the `{swallowed}` in {raw} is read as part of the variable", "put a blank before it",
                             span=span_of(before))  # fmt: skip
        return None

    def _octal(self) -> Explained | None:
        before = self.previous
        touching = before is not None and before.type == "NUMBER" and before.end_pos == self.token.start_pos
        if before is not None and touching and self.token.type in ("NUMBER", "ID"):
            hint = "a number that begins with 0 is octal" if before.value.startswith("0") else ""
            return self._say(f"{before.value}{self.token.value} is no number", hint)
        return None

    def _old_word(self) -> Explained | None:
        """Conditions of older scripts compare bare words."""
        before = self.previous
        if before is None or before.type != "ID" or before.value not in OLD_WORDS or self.token.type == "LPAR":
            return None
        return self._say(f"`{before.value}` is no variable", f"write {OLD_WORDS[before.value]}")

    def _else_if(self) -> Explained | None:
        """`elseif (...) {` reads like the call of a function."""
        values = self.parser.parser_state.value_stack[-_NEAR:]
        for word in values:
            if isinstance(word, ScriptToken) and word.type == "ID" and word.value.lower() in _ELSE_IF:
                return self._say("`else if` is two words", "", span=span_of(word))
        return None

    def _top(self) -> Explained | None:
        """An unknown word at the top of the script."""
        if self.token.type != "ID" or "LOADMODULE" not in self.recovery.choices():
            return None
        name = self.token.value
        if name in ("include_file", "import_file"):
            return self._say(f"{name} is followed by a file name in quotes, on the same line")
        if self._following.lstrip().startswith("("):
            return None
        known = [word for word, kind in self.scanner.keywords.items() if kind in self.item_starts]
        hint = did_you_mean(name, known)
        if self._following.lstrip().startswith("="):
            hint = f"write {OLD_GLOBALS[name]}" if name in OLD_GLOBALS else hint
            hint = hint.replace("write it is", "it is")
            return self._say(f"there is no global parameter {name}", hint)
        return self._say(f"unexpected `{name}`; expected a route, a module or a global parameter", hint)

    # ---- by example

    def _known(self) -> Explained | None:
        """A mistake that is known by example."""
        before = self.previous
        words = (self.token.value, before.value if before is not None else "")
        state = self.parser.parser_state.position
        found = recognise(self.lark, self.scanner, state, self.token, words, self._following)
        if found is None:
            return None
        texts = {"token": words[0], "previous": words[1]}
        return self._say(_filled(found.message, texts), _filled(found.hint, texts))

    # ---- what was expected

    def _reserved(self) -> Explained | None:
        """A keyword stands where a name should."""
        if self.token.value in self.scanner.keywords and "ID" in self.recovery.choices():
            hint = f'write "{self.token.value}"' if "STRING" in self.recovery.choices() else ""
            return self._say(f"`{self.token.value}` is a reserved word and no name", hint)
        return None

    def _missing(self) -> Explained | None:
        """One token is missing, or a `)` is too many."""
        for kind in ("RPAR", "RSQB", "COMMA", "COLON"):
            if self.recovery.accepts(kind, self.token.type):
                text = f"a `{_NAMES_OF_MISSING[kind]}` is missing before {shown(self.token)}"
                return self._say(text, repair=kind)
        if self.recovery.is_superfluous(self.token):
            return self._say(f"one `{self.token.value}` too many")
        return None

    def _unexpected(self) -> Explained:
        expected = wording(self.recovery.choices())
        text = f"unexpected {shown(self.token)}" + (f"; expected {expected}" if expected else "")
        return error("RS130", text, self._span), ""


def _indent(text: str, position: int) -> str:
    """The blanks at the beginning of a line."""
    line = text[text.rfind("\n", 0, position) + 1 : position + 1]
    return line[: len(line) - len(line.lstrip())]


def _filled(text: str, texts: dict[str, str]) -> str:
    for name, value in texts.items():
        text = text.replace("{" + name + "}", value)
    return text
