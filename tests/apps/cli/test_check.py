"""`relayscript check`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relayscript.apps.cli import main

GOOD = 'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\nroute {\n\texit;\n}\n'
WARNED = GOOD.replace("exit;", "$var(a) = $ru{uri.user};\n\t$nosuch = 1;")
UNKNOWN = GOOD.replace("exit;", "nosuch();")
BROKEN = GOOD.replace("exit;", "exit")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def run(folder: Path, text: str, *options: str) -> Result:
    (folder / "x.cfg").write_text(text)
    return CliRunner().invoke(main, ["check", *options, "x.cfg"])


def test_a_good_script_is_passed_in_silence(folder: Path) -> None:
    for _ in range(2):
        done = run(folder, GOOD)
        assert (done.exit_code, done.output) == (0, "")


def test_a_bad_script_is_refused_with_the_place(folder: Path) -> None:
    for _ in range(2):
        done = run(folder, UNKNOWN)
        assert done.exit_code == 1
        assert done.output.startswith("x.cfg:4:2: error: unknown function nosuch()")
        assert "nosuch();\n" in done.output


def test_only_the_syntax_can_be_asked_for(folder: Path) -> None:
    assert run(folder, UNKNOWN, "--syntax-only").exit_code == 0
    assert run(folder, BROKEN, "--syntax-only").exit_code == 1


def test_the_first_place_is_that_of_the_first_error(folder: Path) -> None:
    done = run(folder, WARNED)
    place = re.search(r"x\.cfg:\d+:\d+", done.output)
    assert place is not None
    assert place[0] == "x.cfg:5:2"
    assert "x.cfg:4:15: warning" in done.output


def test_a_warning_is_told_again_from_the_cache(folder: Path) -> None:
    text = GOOD.replace("exit;", "$var(a) = $ru{uri.user};")
    first, second = run(folder, text), run(folder, text)
    assert (first.exit_code, first.output) == (0, second.output)
    assert "uri.user" in second.output


def test_findings_for_programs(folder: Path) -> None:
    done = run(folder, UNKNOWN, "--output-format", "json")
    assert done.exit_code == 1
    (found,) = json.loads(done.output)
    assert (found["code"], found["file"], found["start"]) == ("RS201", "x.cfg", {"line": 4, "column": 2})
    assert json.loads(run(folder, GOOD, "--output-format", "json").output) == []


def test_the_target_answers_what_branch_routes_mean(folder: Path) -> None:
    modules = "".join(f'loadmodule "{name}.so"\n' for name in ("tm", "dialog", "rtp_relay"))
    text = GOOD.replace("route {", f'{modules}branch_route[b] {{ $rtp_relay = "x"; }}\nroute {{', 1)
    assert "RS290" in run(folder, text).output
    assert run(folder, text, "--target", "4.0").output == ""


def test_a_script_that_is_not_there(folder: Path) -> None:
    done = CliRunner().invoke(main, ["check", "none.cfg"])
    assert done.exit_code != 0
    assert "none.cfg" in done.output
