"""Findings as text and as JSON."""

from __future__ import annotations

import json

from relayscript.dsl.diagnostics import ScriptError, error, has_errors, in_order, render, to_json, warning
from relayscript.dsl.source import Span

SOURCES = {"a.cfg": 'one\n\t$var(x) = "caf\xc3\xa9\xff";\r\n'}


def test_a_finding_shows_its_line_and_points_at_it() -> None:
    found = error("RS900", "odd", Span("a.cfg", 2, 2, 2, 9), "mend it", "a note")
    assert render([found], SOURCES) == (
        "a.cfg:2:2: error: odd [RS900]\n"
        '    2 | \t$var(x) = "café\N{REPLACEMENT CHARACTER}";\n'
        "      | \t^~~~~~~\n"
        "  = help: mend it\n"
        "  = note: a note\n"
    )


def test_a_caret_counts_characters_not_bytes() -> None:
    text = render([error("RS900", "odd", Span("a.cfg", 2, 19, 2, 20))], SOURCES)
    assert text.splitlines()[2] == "      | \t" + " " * 16 + "^"


def test_a_stretch_over_lines_points_to_the_end_of_the_first() -> None:
    assert "      | ^~~\n" in render([error("RS900", "odd", Span("a.cfg", 1, 1, 2, 4))], SOURCES)


def test_without_a_place_or_a_source_there_is_only_the_message() -> None:
    assert render([warning("RS900", "odd"), error("RS901", "no", Span("b.cfg", 1, 1, 1, 2))], SOURCES) == (
        "warning: odd [RS900]\nb.cfg:1:1: error: no [RS901]\n"
    )


def test_control_characters_do_not_reach_the_terminal() -> None:
    shown = render([error("RS900", "a\x1b[2Jb", Span("a.cfg", 1, 1, 1, 2))], {"a.cfg": "\x1b[2J"})
    assert "\x1b" not in shown


def test_colours_are_only_added() -> None:
    found = [error("RS900", "odd", Span("a.cfg", 1, 1, 1, 4))]
    colored = render(found, SOURCES, color=True)
    assert "\x1b[1;31merror:\x1b[0m odd" in colored


def test_json_has_places_and_hints() -> None:
    found = [error("RS900", "odd", Span("a.cfg", 1, 2, 1, 4), "mend it", "a note"), warning("RS901", "no place")]
    assert json.loads(to_json(found)) == [
        {
            "severity": "error", "code": "RS900", "message": "odd", "file": "a.cfg", "hint": "mend it",
            "start": {"line": 1, "column": 2}, "end": {"line": 1, "column": 4}, "notes": ["a note"],
        },
        {"severity": "warning", "code": "RS901", "message": "no place"},
    ]  # fmt: skip


def test_errors_come_first_then_the_main_file() -> None:
    late, early = error("RS1", "late", Span("a.cfg", 9, 1, 9, 2)), error("RS2", "early", Span("a.cfg", 2, 1, 2, 2))
    part, mild, nowhere = error("RS3", "part", Span("b.inc", 1, 1, 1, 2)), warning("RS4", "mild"), error("RS5", "no")
    assert in_order([mild, nowhere, part, late, early], "a.cfg") == (early, late, part, nowhere, mild)


def test_errors_make_a_script_unfit() -> None:
    assert has_errors([warning("RS1", "x"), error("RS2", "y")])
    assert not has_errors([warning("RS1", "x")])
    assert "a.cfg:1:1: bad" in str(ScriptError((error("RS1", "bad", Span("a.cfg", 1, 1, 1, 1)),)))
