"""Includes, and where each line came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relayscript.dsl.parser import parse_file, parse_text
from relayscript.dsl.preprocess import NESTING, flatten_file, flatten_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def place_of(flat_text: str, word: str, path: str) -> str:
    """Where a word of the flattened text came from."""
    flat = flatten_file(path)
    start = flat.text.index(word)
    assert flat.text == flat_text or not flat_text
    return str(flat.span(start, start + len(word)))


def test_an_include_is_replaced_by_the_file(folder: Path) -> None:
    (folder / "part.inc").write_text("two\n  three")
    (folder / "main.cfg").write_text('one\n\t include_file "part.inc" # why\nfour\n')
    assert flatten_file("main.cfg").text == "one\ntwo\n  three\nfour\n"
    assert place_of("", "one", "main.cfg") == "main.cfg:1:1"
    assert place_of("", "three", "main.cfg") == "part.inc:2:3"
    assert place_of("", "four", "main.cfg") == "main.cfg:3:1"


def test_a_path_is_looked_for_beside_the_including_file(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.inc").write_text("import_file 'b.inc'\n")
    (folder / "sub" / "b.inc").write_text("deep\n")
    (folder / "main.cfg").write_text('include_file "sub/a.inc"\n')
    assert place_of("", "deep", "main.cfg") == "sub/b.inc:1:1"


def test_a_file_can_be_included_twice_and_inside_of_a_block(folder: Path) -> None:
    (folder / "p.inc").write_text('xlog("x\\n");\n')
    (folder / "main.cfg").write_text('route {\ninclude_file "p.inc"\ninclude_file "p.inc"\n}\n')
    parsed = parse_file("main.cfg")
    assert parsed.diagnostics == ()
    assert parsed.script is not None
    assert [str(each.span) for each in parsed.script.routes("route")[0].body.statements] == ["p.inc:1:1"] * 2
    assert set(parsed.sources) == {"main.cfg", "p.inc"}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('a\n include_file "none.inc"\n', "RS101", "main.cfg:2:15"),
        ('include_file "main.cfg"\n', "RS102", "main.cfg:1:14"),
        ('include_file "empty.inc" x = 1\n', "RS104", "main.cfg:1:14"),
    ],
)
def test_what_is_wrong_with_an_include(folder: Path, text: str, code: str, place: str) -> None:
    (folder / "empty.inc").write_text("")
    (folder / "main.cfg").write_text(text)
    (found,) = flatten_file("main.cfg").diagnostics
    assert (found.code, str(found.span)) == (code, place)


def test_a_circle_over_two_files_is_found(folder: Path) -> None:
    (folder / "a.cfg").write_text('include_file "b.inc"\n')
    (folder / "b.inc").write_text('include_file "a.cfg"\n')
    (found,) = flatten_file("a.cfg").diagnostics
    assert (found.code, found.notes) == ("RS102", ("included from a.cfg",))


def test_includes_nest_only_so_deep(folder: Path) -> None:
    for number in range(NESTING + 1):
        (folder / f"{number}.inc").write_text(f'include_file "{number + 1}.inc"\n')
    (found,) = flatten_file("0.inc").diagnostics
    assert found.code == "RS103"


def test_a_script_that_cannot_be_read(folder: Path) -> None:
    parsed = parse_file("none.cfg")
    assert parsed.script is None
    assert [each.code for each in parsed.diagnostics] == ["RS100"]


def test_not_an_include() -> None:
    text = '# include_file "none.inc"\nx include_file "none.inc"\ninclude_file ""\n'
    assert flatten_text(text, "x.cfg").text == text


def test_lines_that_end_in_cr_lf() -> None:
    parsed = parse_text('route {\r\n\tif ($rU == "x")\r\n\t\texit;\r\n}\r\n')
    assert parsed.diagnostics == ()
    assert parsed.script is not None
    assert parsed.script.routes("route")[0].span.end_line == 4


@given(st.lists(st.sampled_from(["aa", "b\n", "\n", "\r\n", "ccc"])).map("".join), st.data())
def test_a_place_is_that_of_the_text(text: str, data: st.DataObject) -> None:
    flat = flatten_text(text, "f")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = flat.span(start, end)
    before = flat.text[:start]
    assert (span.line, span.column) == (before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1)
