"""The prompt on a terminal: editing, completion, colours, toolbar."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from threading import Thread

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.completion import Completion as Item
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, completion_is_selected
from prompt_toolkit.formatted_text import ANSI, FormattedText
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.shortcuts import print_formatted_text
from prompt_toolkit.styles import Style, merge_styles, style_from_pygments_cls
from pygments.styles.default import DefaultStyle

from relayscript.apps.repl.answers import Answer, counted
from relayscript.apps.repl.commands import View
from relayscript.apps.repl.completion import Completion
from relayscript.apps.repl.history import KeptHistory, history_file
from relayscript.apps.repl.lexing import TypedLexer
from relayscript.apps.repl.session import Session


def load_grammars() -> None:
    """Load what the first statement and the first piece of script need to be read."""
    from relayscript.apps.testing.scenario import parse_line
    from relayscript.dsl.fragments import read_fragment

    parse_line("wait 0s")
    read_fragment("exit")


STYLE = Style.from_dict({
    "prompt": "bold", "held": "bold ansired", "bottom-toolbar": "noreverse", "bottom-toolbar.text": "ansigray",
    "message": "bold", "relay": "ansimagenta", "log": "ansiyellow", "error": "ansired", "quiet": "ansigray",
})  # fmt: skip

_LINES = (
    ("error", re.compile(r"^(error:|internal error|interrupted|.*: error: )|\|   (error|crit|alert): ")),
    ("log", re.compile(r"\|   (warning|notice|info|dbg): ")),
    ("relay", re.compile(r"\|   \S+:\S+ [<>] ")),
    ("quiet", re.compile(r"\|   \S+: [\d -]+$")),
    ("held", re.compile(r"^(held at|->) ?")),
    ("message", re.compile(r"^ *[\d.]+ +[\w.:-]+ (<-|->) ")),
)
"""How lines of an answer look, by what they say."""


class Completing(Completer):
    """Completion for prompt_toolkit."""

    def __init__(self, session: Session) -> None:
        self._completion = Completion(session.bench)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Item]:
        """What can stand at the cursor."""
        for each in self._completion.candidates(document.text_before_cursor):
            yield Item(each.text, -each.replaces, display=each.shown or each.text, display_meta=each.meaning)


class Prompt:
    """Reads from a terminal, does it in a session, and writes the answers."""

    def __init__(
        self, session: Session, history: History | None = None, input: Input | None = None, output: Output | None = None
    ) -> None:
        self._session = session
        self._history = history if history is not None else KeptHistory(history_file())
        self._output = output
        self._warned = False
        self.has_colors = not os.environ.get("NO_COLOR")
        self._depth = None if self.has_colors else ColorDepth.DEPTH_1_BIT
        style = merge_styles([style_from_pygments_cls(DefaultStyle), STYLE]) if self.has_colors else Style([])
        self._style = style
        self._prompt: PromptSession[str] = PromptSession(
            self.message, input=input, output=output, history=self._history, completer=Completing(session),
            lexer=PygmentsLexer(TypedLexer) if self.has_colors else None, auto_suggest=AutoSuggestFromHistory(),
            bottom_toolbar=self.toolbar, key_bindings=self._keys(), style=style, color_depth=self._depth,
            complete_while_typing=True, multiline=True, mouse_support=False, prompt_continuation="... ",
            include_default_pygments_style=False, reserve_space_for_menu=6,
        )  # fmt: skip

    def run(self) -> None:
        """Read and answer until the end: `.quit` or Ctrl-D."""
        self._prompt.app.after_render += self._prepare
        self._say(Answer(tuple(self._session.greeting)))
        self._warn()
        while True:
            try:
                text = self._prompt.prompt()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            answer = self._answer(text)
            self._say(answer)
            self._warn()
            if answer.over:
                return

    def _answer(self, text: str) -> Answer:
        self._session.view = View(shutil.get_terminal_size().columns, self.has_colors)
        try:
            return self._session.do(text)
        except KeyboardInterrupt:
            return Answer(("interrupted",), True)

    def _warn(self) -> None:
        """Say once that the history is not kept."""
        if isinstance(self._history, KeptHistory) and self._history.warning and not self._warned:
            self._warned = True
            self._say(Answer((self._history.warning,)))

    def _prepare(self, application: object) -> None:
        """Load the grammars while the first line is typed."""
        self._prompt.app.after_render -= self._prepare
        Thread(target=load_grammars, daemon=True).start()

    # ---- writing

    def _say(self, answer: Answer) -> None:
        for line in answer.lines:
            if "\x1b[" in line:
                self._write(ANSI(line))
            else:
                found = next((name for name, pattern in _LINES if pattern.search(line)), "")
                self._write(FormattedText([(f"class:{found}" if found else "", line)]))

    def _write(self, text: ANSI | FormattedText) -> None:
        print_formatted_text(
            text, style=self._style, color_depth=self._depth, output=self._output, include_default_pygments_style=False
        )

    def message(self) -> FormattedText:
        """What stands before what is typed: where the script is held, if it is."""
        held = self._session.status.held
        return FormattedText([*([("class:held", f"{held} ")] if held else []), ("class:prompt", "> ")])

    def toolbar(self) -> FormattedText:
        """The line at the bottom: script, message, virtual time, calls, relay sessions."""
        status = self._session.status
        parts = (
            status.script, status.message, f"{status.time:.3f} s", counted(status.calls, "call"),
            counted(status.sessions, "relay session"), *([f"held at {status.held}"] if status.held else []),
        )  # fmt: skip
        return FormattedText([("", " " + "  |  ".join(parts))])

    # ---- keys

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter", filter=~completion_is_selected)
        def enter(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            text = buffer.text
            if self._session.is_complete(text) or (text.endswith("\n") and not buffer.document.text_after_cursor):
                buffer.validate_and_handle()
            else:
                buffer.newline()

        @keys.add("enter", filter=completion_is_selected)
        def choose(event: KeyPressEvent) -> None:
            event.current_buffer.complete_state = None

        @keys.add("c-d", filter=Condition(lambda: not self._prompt.default_buffer.text))
        def leave(event: KeyPressEvent) -> None:
            event.app.exit(exception=EOFError)

        return keys

