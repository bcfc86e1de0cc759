"""What is counted of a script that runs, and how the reports show it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from rich.console import Console

from relayscript.apps.simulator import VirtualHost
from relayscript.apps.testing.coverage.cobertura import cobertura
from relayscript.apps.testing.coverage.collecting import Coverage
from relayscript.apps.testing.coverage.html import page
from relayscript.apps.testing.coverage.lcov import lcov
from relayscript.apps.testing.coverage.measured import FileCoverage
from relayscript.apps.testing.coverage.summary import summary
from relayscript.apps.testing.coverage.text import missed_conditions, percent, ranges_between, short_names, table
from relayscript.apps.testing.player import Player
from relayscript.apps.testing.scenario import parse
from relayscript.interpreter.runtime import Runtime

SCRIPT = """socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
loadmodule "sl.so"
loadmodule "sipmsgops.so"

route {
	if (is_method("OPTIONS") && !has_totag()) {
		sl_send_reply(200, "OK");
		exit;
	}
	if ($rU == "bob") xlog("bob\\n");
	$var(i) = 0; while ($var(i) < 2) {
		$var(i) = $var(i) + 1;
	}
	switch ($rU) {
		case "carol":
			xlog("carol\\n");
			break;
		default:
			xlog("others\\n");
	}
	route(never, "a",
		"b");
}

route[never] {
	if ([$var(i) == 2] || ($rd =~ "x")) {
		return;
	}
	exit;
}

route[unused] {
	xlog("<unused & unseen>\\n");
}
"""


def tried(folder: Path, *lines: str) -> tuple[Coverage, FileCoverage]:
    """The coverage of the script by scenarios of one line each."""
    file = folder / "script.cfg"
    file.write_text(SCRIPT)
    coverage = Coverage()
    for line in lines:
        host = VirtualHost()
        player = Player(Runtime.load(str(file), host, marks=coverage), host)
        player.play(parse(line))
        coverage.add(player.recorder.events)
    return coverage, coverage.files[str(file)]


OPTIONS, MESSAGE = "alice -> OPTIONS sip:bob@127.0.0.1", "alice -> MESSAGE sip:bob@127.0.0.1"


def test_nothing_is_tried_by_no_message(tmp_path: Path) -> None:
    _, file = tried(tmp_path, "wait 1s")
    assert not any(file.lines.values())
    assert file.count_routes().tried == file.count_branches().tried == file.count_conditions().tried == 0
    assert file.missed_lines() == [7, 8, 9, 11, 12, 13, 15, 17, 18, 20, 22, 27, 28, 30, 34]


def test_lines_and_routes_of_a_message(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    assert file.missed_lines() == [8, 9, 17, 18, 30, 34]
    assert (file.count_routes().tried, file.count_routes().total) == (2, 3)


def test_branches_and_conditions_of_a_message(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    decisions = {file.text_of(span): (each.true, each.false) for span, each in file.decisions.items()}
    assert decisions == {
        'is_method("OPTIONS") && !has_totag()': (0, 1),
        '$rU == "bob"': (1, 0),
        "$var(i) < 2": (2, 1),
        '[$var(i) == 2] || ($rd =~ "x")': (1, 0),
    }
    conditions = {file.text_of(span): each.never for span, each in file.conditions.items()}
    assert conditions == {
        'is_method("OPTIONS")': "never true",
        "has_totag()": "never asked",
        '$rU == "bob"': "never false",
        "$var(i) < 2": "",
        "[$var(i) == 2]": "never false",
        '$rd =~ "x"': "never asked",
    }


def test_runs_add_up_in_one_process_and_in_several(tmp_path: Path) -> None:
    one, file = tried(tmp_path, MESSAGE, OPTIONS)
    first, second = tried(tmp_path, MESSAGE)[0], tried(tmp_path, OPTIONS)[0]
    second.save(tmp_path / "saved")
    first.load(tmp_path / "saved")
    assert first.files == one.files
    assert file.missed_lines() == [17, 18, 30, 34]
    assert file.count_conditions().tried == 5 + 2


@pytest.mark.parametrize(("line", "never"), [(MESSAGE, "was never true"), (OPTIONS, "was never false")])
def test_the_table_tells_what_was_missed(tmp_path: Path, line: str, never: str) -> None:
    _, file = tried(tmp_path, line)
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as shown:
        console.print(table([file]))
    assert f"{file.count_lines().tried}/15" in shown.get()
    notes = list(missed_conditions(file))
    assert f'{file.file}:7:6: is_method("OPTIONS") {never}' in notes


def test_scripts_are_told_apart_in_a_narrow_table() -> None:
    assert short_names(["a/x/in.cfg", "a/y/in.cfg", "a/y/out.cfg"]) == ["x/in.cfg", "y/in.cfg", "out.cfg"]
    assert short_names(["in.cfg", "a/in.cfg", "in.cfg"]) == ["in.cfg", "a/in.cfg", "in.cfg"]


def test_missed_lines_are_joined_over_lines_without_statements() -> None:
    assert ranges_between([3, 5, 9], [1, 3, 5, 7, 9]) == "3-5, 9"
    assert ranges_between([], [1]) == ""


def test_lcov_has_every_line_branch_and_route(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    rows = lcov([file]).splitlines()
    assert f"SF:{file.file}" in rows
    assert "FNDA:0,route[unused]" in rows
    assert {"DA:12,1", "DA:8,0", "BRDA:11,1,0,1", "BRDA:11,1,1,0", "LF:15", "LH:9", "BRF:8", "BRH:5"} <= set(rows)
    assert rows[-1] == "end_of_record"


def test_cobertura_has_every_line_and_its_branches(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    root = Xml.fromstring(cobertura([file], "1.0", 0))
    lines = {line.get("number"): line for line in root.iter("line")}
    assert len(lines) == len(file.lines)
    assert (lines["11"].get("hits"), lines["11"].get("condition-coverage")) == ("1", "50% (1/2)")
    assert lines["12"].get("condition-coverage") == "100% (2/2)"
    assert (root.get("lines-covered"), root.get("branches-covered")) == ("9", "5")


def test_the_page_marks_what_was_never_so(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    shown = page([file])
    assert '<mark title="never true">is_method(&quot;OPTIONS&quot;)</mark>' in shown
    assert '<mark class="missed" title="never asked">has_totag()</mark>' in shown
    assert "&lt;unused &amp; unseen&gt;" in shown
    assert shown.count('class="line missed"') == len(file.missed_lines())


def test_the_summary_can_be_written_as_json(tmp_path: Path) -> None:
    _, file = tried(tmp_path, MESSAGE)
    found = json.loads(json.dumps(summary([file])))
    assert found["percent"] == round(percent([file]), 2) == round(100 * 14 / 23, 2)
    assert found["files"][file.file]["missed_lines"] == file.missed_lines()
    assert found["totals"]["conditions"] == [5, 12]


def test_lines_of_an_included_file_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "answer.inc").write_text('if ($rU == "bob") {\n\tsl_send_reply(200, "OK");\n\texit;\n}\n')
    loads = 'socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\nloadmodule "sl.so"\n'
    file = tmp_path / "script.cfg"
    file.write_text(f'{loads}route {{\n\tinclude_file "answer.inc"\n\tsl_send_reply(404, "No");\n}}\n')
    coverage = Coverage()
    host = VirtualHost()
    player = Player(Runtime.load(str(file), host, marks=coverage), host)
    player.play(parse(OPTIONS))
    coverage.add(player.recorder.events)
    included, script = coverage.files[str(tmp_path / "answer.inc")], coverage.files[str(file)]
    assert (included.lines, script.lines) == ({1: True, 2: True, 3: True}, {6: False})
    assert script.count_routes().tried == 1
