"""`relayscript test`."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner, Result

from relayscript.apps.cli import main
from relayscript.apps.testing.watching import files_of, reached_by

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
route {
	include_file "answer.inc"
	sl_send_reply(404, "Not here");
}
"""
ANSWER = 'if ($rU == "x") { sl_send_reply(200, "Fine"); exit; }\n'
SCENARIO = "tag quick\ninclude _ask.call\nalice <- 200\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "x.cfg": SCRIPT, "answer.inc": ANSWER, "a/x.call": f"script ../x.cfg\n{SCENARIO}",
        "a/_ask.call": "alice -> OPTIONS sip:x@127.0.0.1\n",
        "b/y.call": "script ../x.cfg\nalice -> OPTIONS sip:y@127.0.0.1\nalice <- 404\n",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["test", *options])


def test_all_scenarios_below_are_played(folder: Path) -> None:
    done = run()
    assert (done.exit_code, done.stdout.split(" in ")[0]) == (0, "2 passed")


@pytest.mark.parametrize(
    ("options", "count"),
    [(("a",), 1), (("b/y.call",), 1), (("-k", "y.call"), 1), (("--tag", "quick"), 1), ((".", "a"), 2)],
)
def test_scenarios_are_chosen(folder: Path, options: tuple[str, ...], count: int) -> None:
    done = run(*options)
    assert (done.exit_code, done.stdout.split(" in ")[0]) == (0, f"{count} passed")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("x.cfg",), ""),
        (("-k", "none"), "none of the 2 scenarios in . is chosen by none"),
        (("empty",), "no scenario (*.call) found in empty"),
    ],
)
def test_nothing_to_test_is_an_error(folder: Path, options: tuple[str, ...], said: str) -> None:
    (folder / "empty").mkdir()
    done = run(*options)
    assert done.exit_code == (2 if said else 1)
    assert said in done.stderr


def test_update_writes_what_changed_and_shows_it(folder: Path) -> None:
    assert run("--update").stdout.count("written") == 3
    assert run("--update").stdout.split(" in ")[0] == "2 passed"
    (folder / "x.cfg").write_text(SCRIPT.replace("404", "480"))
    (folder / "b/y.call").write_text((folder / "b/y.call").read_text().replace("404", "4xx"))
    done = run()
    assert (done.exit_code, done.stdout.count("FAILED")) == (1, 1)
    assert "+   0.000  alice <- 480 OPTIONS    # after x.cfg:6" in done.stdout
    assert "1 passed, 1 failed" in done.stdout
    assert run("--update").exit_code == run().exit_code == 0


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("x.cfg", "route {\n", "x.cfg:"),
        ("b/y.call", "alice sings\n", "b/y.call:1:7: expected"),
        ("b/y.call", "script ../none.cfg\n", "cannot read none.cfg: No such file or directory"),
        ("b/y.call", "script ../x.cfg\nalice <- 200\n", "b/y.call:2: expected alice <- 200; nothing reached alice"),
        ("b/y.call", "script ../x.cfg\nuntil log \"x\" within 12h\n", "there is no such log line"),
    ],
)  # fmt: skip
def test_what_is_wrong_fails_one_test_with_its_place(folder: Path, file: str, text: str, said: str) -> None:
    (folder / file).write_text(text)
    done = run("b")
    assert done.exit_code == 1
    assert said in done.stdout


def test_coverage_is_shown_written_and_demanded(folder: Path) -> None:
    written = ("--html", "c.html", "--lcov", "c.lcov", "--cobertura", "c.xml", "--json", "c.json")
    done = run("a", "--coverage", "--fail-under", "50", *written)
    assert done.exit_code == 0
    assert "x.cfg" in done.stdout
    assert json.loads((folder / "c.json").read_text())["files"]["x.cfg"]["missed_lines"] == [6]
    assert Xml.parse(folder / "c.xml").getroot().tag == "coverage"
    assert "end_of_record" in (folder / "c.lcov").read_text()
    assert "<html" in (folder / "c.html").read_text()
    assert run("a", "--fail-under", "99").exit_code == 1
    assert run("--fail-under", "100").exit_code == 0


def test_files_that_a_test_is_made_of(folder: Path) -> None:
    names = {file.name for file in files_of(Path("a/x.call"))}
    assert names == {"x.call", "x.golden", "_ask.call", "x.cfg", "answer.inc"}
    both = [Path("a/x.call"), Path("b/y.call")]
    assert reached_by([folder / "answer.inc"], both) == both
    assert reached_by([folder / "a/_ask.call"], both) == both[:1]
    assert reached_by([folder / "other"], both) == []
