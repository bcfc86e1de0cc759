"""`relayscript repl` without a person: commands from a file or a pipe, exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from relayscript.apps.cli.repl import repl
from tests.apps.repl.conftest import SCRIPT


@pytest.fixture
def script(tmp_path: Path) -> str:
    (tmp_path / "proxy.cfg").write_text(SCRIPT)
    return str(tmp_path / "proxy.cfg")


def test_commands_of_a_file(script: str, tmp_path: Path) -> None:
    (tmp_path / "commands.txt").write_text('alice calls bob\nif (1) {\n$var(x) = "é";\n}\n$var(x)\n')
    result = CliRunner().invoke(repl, [script, "--script", str(tmp_path / "commands.txt")])
    assert result.exit_code == 0
    assert "bob <- INVITE" in result.output
    assert result.stdout.splitlines()[-1] == '= "é"'


def test_piped_input(script: str) -> None:
    result = CliRunner().invoke(repl, [script], input="$rU\n.quit\n$rm\n")
    assert (result.exit_code, result.stdout) == (0, '= "bob"\n')


def test_what_is_wrong_is_told_with_its_line_and_ends_with_1(script: str) -> None:
    result = CliRunner().invoke(repl, [script], input="$rU\nalice caals bob\n$rm\nif (1) {\n")
    assert result.exit_code == 1
    assert result.stdout == '= "bob"\n= "INVITE"\n'
    assert result.stderr.startswith("<stdin>:2:\nerror: ")
    assert "<stdin>:4:\n" in result.stderr


def test_a_script_that_is_no_good(tmp_path: Path) -> None:
    (tmp_path / "bad.cfg").write_text("route { nosuch(); }\n")
    result = CliRunner().invoke(repl, [str(tmp_path / "bad.cfg")], input="$ru\n")
    assert result.exit_code == 1
    assert "unknown function nosuch()" in result.stderr


def test_without_a_script_there_is_one(tmp_path: Path) -> None:
    assert CliRunner().invoke(repl, input="alice calls bob\n").exit_code == 0
