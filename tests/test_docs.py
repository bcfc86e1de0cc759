"""The manual says nothing that is not so: its scripts are checked and loaded, its commands are given."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.catalogue import load
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Severity
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.runtime import Runtime
from tests.interpreter.modules.rtp_relay.lab import Lab, requests, sdp

PAGE = (Path(__file__).parents[1] / "docs" / "rtp-relay.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text for name, text in BLOCK.findall(PAGE) if name == language]


FRAME, *EXAMPLES = blocks("opensips")


def test_the_page_has_examples_and_commands() -> None:
    assert len(EXAMPLES) == 6
    assert len(blocks("console")) == 4


@pytest.mark.parametrize("target", ["3.2", "4.0"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_have_no_mistakes_and_run(example: str, target: str) -> None:
    parsed = parse_text(FRAME + example)
    assert parsed.script is not None
    found = parsed.diagnostics + check(parsed.script, load(), target=target)
    assert [each for each in found if each.severity is not Severity.NOTE] == []
    runtime = Runtime(parsed.script, VirtualHost(), target=target)
    runtime.start()
    runtime.stop()


def commands() -> Iterator[tuple[list[str], str]]:
    """The words of each command in the page, and what it prints."""
    for block in blocks("console"):
        for given in re.split(r"^\$ opensips-cli -x mi ", block, flags=re.MULTILINE)[1:]:
            line, _, printed = given.partition("\n")
            lexer = shlex.shlex(line, posix=False, punctuation_chars=False)
            lexer.whitespace_split, lexer.quotes, lexer.commenters = True, "", ""
            yield list(lexer), printed.strip()


def answer_of(lab: Lab, words: list[str]) -> str:
    """What a command prints; meanwhile both phones accept every re-INVITE."""
    given = dict(word.split("=", 1) for word in words[1:])
    params = {name: int(text) if text.isdigit() else text for name, text in given.items()}
    answer = lab.manage(words[0], **params)
    for party in ("alice", "bob"):
        for invite in requests(lab.got[party]):
            lab.reply(invite, 200, party, sdp(party))
            lab.got[party].clear()
    if isinstance(answer.error, CommandError):
        return f"{answer.error.code}: {answer.error.message}"
    assert answer.error is None
    return json.dumps(answer.result)


def test_commands_print_what_the_page_shows() -> None:
    lab = Lab(script=FRAME + EXAMPLES[0]).establish()
    for words, printed in commands():
        got = answer_of(lab, words)
        if printed[0] in '["{':
            assert json.loads(got) == json.loads(printed), words
        else:
            assert got == printed, words
