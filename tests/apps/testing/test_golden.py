"""Scenarios from files: the transcript, and the command `sim`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from relayscript.apps.cli.sim import sim
from relayscript.apps.testing.golden import play_files, script_of
from relayscript.apps.testing.scenario import parse

FIRST = Path(__file__).parents[3] / "examples" / "first-call"
SCRIPT = (
    'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so" loadmodule "sl.so"\n'
    'route {\n\tsl_send_reply(200, "Fine");\n}\n'
)
SCENARIO = "alice -> OPTIONS sip:x@127.0.0.1\nalice <- 200\n"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A scenario that comes true, with its script beside it."""
    (tmp_path / "x.cfg").write_text(SCRIPT)
    scenario = tmp_path / "x.call"
    scenario.write_text(SCENARIO)
    return scenario


def packets(transcript: str) -> list[str]:
    return [row for row in transcript.splitlines() if "|" not in row and not row.startswith("#")]


def test_the_transcript_of_the_first_call_read_as_a_scenario_gives_the_same_messages(tmp_path: Path) -> None:
    first = play_files(FIRST / "first-call.call")
    assert not first.failure
    (tmp_path / "again.call").write_text(first.transcript)
    again = play_files(tmp_path / "again.call", FIRST / "first-call.cfg")
    assert not again.failure
    assert packets(again.transcript) == packets(first.transcript)


def test_the_script_of_a_scenario(tmp_path: Path) -> None:
    scenario = parse("", str(tmp_path / "b.call"))
    with pytest.raises(FileNotFoundError):
        script_of(scenario)
    for name in ("a.cfg", "b.cfg"):
        (tmp_path / name).touch()
        assert script_of(scenario).name == name
    named = parse("script ../other.cfg\n", scenario.file)
    assert script_of(named) == tmp_path.parent / "other.cfg"


def test_sim_prints_the_transcript(case: Path) -> None:
    result = CliRunner().invoke(sim, [str(case.with_suffix(".cfg")), str(case)])
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "# x.call with x.cfg",
            "   0.000  alice -> OPTIONS sip:x@127.0.0.1",
            "          |   x.cfg: 4",
            "   0.000  alice <- 200 OPTIONS",
        ],
    )


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (
            "x.call",
            f"{SCENARIO}alice <- 200 within 2s\n",
            "x.call:3: expected alice <- 200 within 2s; nothing",
        ),
        ("x.call", "alice sings\n", "x.call:1:7: expected"),
        ("x.cfg", "route {\n", "x.cfg:"),
    ],
)
def test_sim_tells_what_is_wrong(case: Path, file: str, text: str, told: str) -> None:
    (case.parent / file).write_text(text)
    result = CliRunner().invoke(sim, [str(case.with_suffix(".cfg")), str(case)])
    assert result.exit_code == 1
    assert told in result.stderr
