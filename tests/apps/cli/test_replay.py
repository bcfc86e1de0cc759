"""`relayscript trace` and `relayscript replay` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relayscript.apps.cli import main

EXAMPLES = Path(__file__).parents[3] / "examples"
CALL = EXAMPLES / "first-call" / "first-call.call"
SCRIPT = EXAMPLES / "first-call" / "first-call.cfg"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    done = run("trace", CALL, "--pcap", tmp_path / "x.pcap")
    assert (done.exit_code, done.output) == (0, "")
    return tmp_path / "x.pcap"


@pytest.mark.parametrize(
    ("form", "begin"),
    [("text", "      alice"), ("mermaid", "sequenceDiagram\n"), ("svg", "<svg "), ("html", "<!doctype html>")],
)
def test_ladders_of_all_forms_in_files(tmp_path: Path, form: str, begin: str) -> None:
    done = run("trace", CALL, "--ladder", form, "--output", tmp_path / "x")
    assert (done.exit_code, done.output) == (0, "")
    text = (tmp_path / "x").read_text()
    assert text.startswith(begin)
    assert "INVITE, sdp port 40000" in text
    assert run("trace", CALL, "--ladder", form).output.startswith(begin)


def test_colours_only_on_a_terminal_and_not_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in run("trace", CALL).output
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1;36m" in run("trace", CALL).output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;36m" not in run("trace", CALL).output


def test_the_same(capture: Path, tmp_path: Path) -> None:
    done = run("replay", capture, SCRIPT, "--output", tmp_path / "x.golden", "--stage", CALL)
    assert done.exit_code == 0
    assert done.output.splitlines()[-2] == "x.pcap: 6 messages came to 127.0.0.1:5060; of what it sent: 7 the same"
    transcript = (tmp_path / "x.golden").read_text()
    assert "192.0.2.2:5060 <- INVITE sip:bob@192.0.2.2 sdp=127.0.0.1:40000" in transcript
    assert "first-call.cfg: " in transcript


def test_another(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "y.cfg").write_text(SCRIPT.read_text().replace("mf_process_maxfwd_header(10)", "is_method(\"BYE\")"))
    done = run("replay", capture, tmp_path / "y.cfg", "--proxy", "127.0.0.1")
    assert done.exit_code == 1
    assert "483 INVITE (alice-1) is sent now, was not sent then" in done.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--proxy", "192.0.2.99"), "no SIP came to 192.0.2.99 or from it"),
        (("--proxy", "127.0.0.1:5061"), "no SIP came to 127.0.0.1:5061 or from it"),
        (("--proxy", "x:y"), "x:y is not HOST or HOST:PORT"),
    ],
)
def test_a_proxy_that_is_not_there(capture: Path, arguments: tuple[str, ...], expected: str) -> None:
    done = run("replay", capture, SCRIPT, *arguments)
    assert done.exit_code == 2
    assert expected in done.output


def test_files_that_are_no_good(capture: Path, tmp_path: Path) -> None:
    done = run("replay", SCRIPT, SCRIPT)
    assert done.exit_code == 2
    assert "first-call.cfg: not a capture (pcap or pcapng)" in done.output
    (tmp_path / "bad.cfg").write_text("route { nonsense(); }")
    done = run("replay", capture, tmp_path / "bad.cfg")
    assert done.exit_code == 2
    assert "bad.cfg:1:9" in done.output
    (tmp_path / "empty.pcap").write_bytes(capture.read_bytes()[:24])
    done = run("replay", tmp_path / "empty.pcap", SCRIPT)
    assert (done.exit_code, done.output) == (2, f"{tmp_path}/empty.pcap: there is no SIP in it\n")
