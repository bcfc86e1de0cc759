"""What is kept of files that were read: for how long it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.grammar import shelf as shelves
from relayscript.grammar.folder import cache_folder
from relayscript.grammar.shelf import Shelf


@pytest.fixture
def makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "maker.py").write_text("1\n")
    return folder


def test_a_value_is_had_again_for_the_same_content(makers: Path) -> None:
    Shelf("things", [makers]).put("a.cfg", b"text", ("value", 7))
    assert Shelf("things", [makers]).get("a.cfg", b"text") == ("value", 7)


def test_another_content_another_file_or_another_shelf_has_nothing(makers: Path) -> None:
    shelf = Shelf("things", [makers])
    shelf.put("a.cfg", b"text", 7)
    assert shelf.get("a.cfg", b"other") is None
    assert shelf.get("b.cfg", b"text") is None
    assert Shelf("others", [makers]).get("a.cfg", b"text") is None


def test_another_name_of_the_same_file_has_nothing_since_places_in_it_name_the_file(makers: Path) -> None:
    shelf = Shelf("things", [makers])
    shelf.put(str(Path.cwd() / "a.cfg"), b"text", 7)
    assert shelf.get("a.cfg", b"text") is None


def test_another_version_of_the_code_that_makes_it_has_nothing(makers: Path) -> None:
    Shelf("things", [makers]).put("a.cfg", b"text", 7)
    (makers / "more.py").write_text("2\n")
    assert Shelf("things", [makers]).get("a.cfg", b"text") is None


def test_two_files_in_one_place_take_turns(makers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "PLACES", 1)
    shelf = Shelf("things", [makers])
    shelf.put("a.cfg", b"text", 7)
    shelf.put("b.cfg", b"text", 8)
    assert (shelf.get("a.cfg", b"text"), shelf.get("b.cfg", b"text")) == (None, 8)


@pytest.mark.parametrize("cut", [0, 10, 16, 20])
def test_what_was_cut_off_counts_as_not_there(makers: Path, cut: int) -> None:
    shelf = Shelf("things", [makers])
    shelf.put("a.cfg", b"text", ("value", 7))
    (entry,) = (cache_folder() / "things").iterdir()
    entry.write_bytes(entry.read_bytes()[:cut])
    assert shelf.get("a.cfg", b"text") is None


def test_a_folder_that_cannot_be_written_does_no_harm(makers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(makers / "maker.py"))
    shelf = Shelf("things", [makers])
    shelf.put("a.cfg", b"text", 7)
    assert shelf.get("a.cfg", b"text") is None
