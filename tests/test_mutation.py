"""The check that drops statements: what it finds, and that it finds nothing in the smallest example.

`make mutate` does the same for all examples, which takes a minute.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.dsl.source import Span
from tests.mutation import EXAMPLES, Outcome, main, try_all, without

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"

route {
	$var(unused) = 1;
	if ($rU == "bob")
		sl_send_reply(200, "OK");
	else
		sl_send_reply(404, "Not Found");
	if ($rU == "loop")
		while (1) { $var(turns) += 1; break; }
	exit;
	xlog("never");
}
"""
SCENARIO = """alice -> OPTIONS sip:bob@127.0.0.1
alice <- 200
alice -> OPTIONS sip:carol@127.0.0.1
alice <- 404
"""


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "small.cfg").write_text(SCRIPT)
    (folder / "answers.call").write_text(SCENARIO)
    return try_all(folder)


def test_what_nobody_notices_is_found(outcome: Outcome) -> None:
    assert [(each.span.line, each.text) for each in outcome.unnoticed] == [
        (6, "$var(unused) = 1;"),
        (11, 'if ($rU == "loop") while (1) { $var(turns) += 1; break; }'),
    ]
    assert outcome.dropped == 6


def test_what_nobody_reaches_is_found(outcome: Outcome) -> None:
    assert [each.span.line for each in outcome.unreached] == [12, 12, 12, 14]


def test_lines_keep_their_numbers() -> None:
    source = ["a(); b(", "1", "); c();", "d();"]
    assert without(source, Span("x", 1, 6, 3, 3)) == "a(); ;\n\n c();\nd();"
    assert without(source, Span("x", 4, 1, 4, 5)) == "a(); b(\n1\n); c();\n;"


def test_a_scenario_has_to_pass_first(tmp_path: Path) -> None:
    (tmp_path / f"{tmp_path.name}.cfg").write_text(SCRIPT)
    (tmp_path / "wrong.call").write_text("alice -> OPTIONS sip:bob@127.0.0.1\nalice <- 404\n")
    with pytest.raises(SystemExit, match="has to pass first"):
        try_all(tmp_path)


def test_every_statement_of_the_smallest_example_matters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([EXAMPLES / "first-call"]) == 0, capsys.readouterr().out
