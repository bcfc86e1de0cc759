"""The page about the prompt: its session, played again, says what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relayscript.apps.repl.session import Session
from relayscript.apps.testing.verdict import judge

PAGE = Path(__file__).parents[1] / "docs" / "repl.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"^(?:\S+:\d+ )?> ")


def typed_in(block: str) -> list[str]:
    """What was typed, one text each; what goes on behind `...` belongs to the line before."""
    found: list[str] = []
    for line in block.split("\n"):
        if PROMPT.match(line):
            found.append(PROMPT.sub("", line))
        elif line.startswith("... "):
            found[-1] += "\n" + line.removeprefix("... ")
    return found


def recorded(session: Session, block: str) -> str:
    """The block as the session plays it now."""
    rows: list[str] = []
    for text in typed_in(block):
        held = session.status.held
        rows.append(f"{held} > {text}" if held else f"> {text}")
        rows[-1] = rows[-1].replace("\n", "\n... ")
        rows += session.do(text).lines
    return "".join(f"{row}\n" for row in rows)


def test_the_session_is_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    page = PAGE.read_text()
    (tmp_path / "proxy.cfg").write_text(next(text for kind, text in BLOCK.findall(page) if kind == "opensips"))
    monkeypatch.chdir(tmp_path)
    session = Session(Path("proxy.cfg"))

    def again(found: re.Match[str]) -> str:
        return f"```session\n{recorded(session, found[2])}```" if found[1] == "session" else found[0]

    made = BLOCK.sub(again, page)
    session.end()
    if request.config.getoption("--update-golden"):
        PAGE.write_text(made)
    assert PAGE.read_text() == made, "run pytest --update-golden tests/test_docs_repl.py"
    verdict = judge(tmp_path / "frank.call")
    assert verdict.passed, verdict.text
