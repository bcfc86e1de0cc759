"""The real prompt, driven through prompt_toolkit's pipe: keys in, screen out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output

from relayscript.apps.repl.history import KeptHistory
from relayscript.apps.repl.prompt import Prompt
from relayscript.apps.repl.session import Session

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/first-call/first-call.cfg"


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe:
        yield pipe


def screen_of(keys: PipeInput, typed: str, session: Session | None = None, history: KeptHistory | None = None) -> str:
    """What the terminal got while all of that was typed."""
    screen = io.StringIO()
    output = Vt100_Output(screen, lambda: Size(40, 120))
    session = session or Session(EXAMPLE)
    keys.send_text(typed)
    Prompt(session, history or InMemoryHistory(), keys, output).run()
    session.end()
    return screen.getvalue()


def test_a_value_is_shown(keys: PipeInput) -> None:
    assert '= "bob"' in screen_of(keys, "$(ru{uri.user})\r\x04")


def test_ctrl_d_leaves_and_so_does_quit(keys: PipeInput) -> None:
    assert "first-call.cfg" in screen_of(keys, "\x04")
    assert "Traceback" not in screen_of(keys, ".quit\r")


def test_enter_waits_for_the_closing_brace(keys: PipeInput) -> None:
    session = Session(EXAMPLE)
    screen_of(keys, "if (1) {\r$var(x) = 3;\r}\r\x04", session)
    assert session.bench.world.runtime.script_variables["x"] == 3


def test_ctrl_c_drops_the_line(keys: PipeInput) -> None:
    assert "= 7" in screen_of(keys, "$var(x) = \x03$var(y) = 7;\r$var(y)\r\x04")


def test_the_toolbar_tells_the_time_and_calls(keys: PipeInput) -> None:
    session = Session(EXAMPLE)
    for line in ("alice calls bob", "bob answers", "wait 10s"):
        session.do(line)
    shown = fragment_list_to_text(Prompt(session, InMemoryHistory(), keys, DummyOutput()).toolbar())
    session.end()
    assert "first-call.cfg  |  INVITE sip:bob@192.0.2.2  |  10.000 s  |  1 call  |  1 relay session" in shown


def test_the_prompt_says_where_the_script_is_held(keys: PipeInput) -> None:
    session = Session(EXAMPLE)
    for line in (".break relay offer", "alice calls bob"):
        session.do(line)
    shown = fragment_list_to_text(Prompt(session, InMemoryHistory(), keys, DummyOutput()).message())
    session.end()
    lines = EXAMPLE.read_text().split("\n")
    number = max(number for number, line in enumerate(lines, 1) if "t_relay()" in line)
    assert shown == f"first-call.cfg:{number} > "


def test_no_color_is_respected(keys: PipeInput, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = screen_of(keys, "$ru\ralice calls bob\r\x04")
    assert "\x1b[38" not in screen
    assert "\x1b[3" not in screen.replace("\x1b[3C", "").replace("\x1b[3D", "")


def test_a_history_that_cannot_be_written_is_a_warning(keys: PipeInput, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = KeptHistory(tmp_path / "file" / "history")
    screen = screen_of(keys, "$ru\r\x04", history=history)
    assert screen.count("warning: what is typed is not kept") == 1
    assert '= "sip:bob@example.com"' in screen


def test_what_was_typed_is_kept(keys: PipeInput, tmp_path: Path) -> None:
    screen_of(keys, "$ru\r\x04", history=KeptHistory(tmp_path / "history"))
    assert list(KeptHistory(tmp_path / "history").load_history_strings()) == ["$ru"]
