"""Imports point one way between the rooms, and only drivers touch sockets, clocks and chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "grammar": set[str](),
    "dsl": {"grammar"},
    "sip": set[str](),
    "engines": {"sip"},
    "interpreter": {"grammar", "dsl", "sip", "engines"},
    "apps": {"grammar", "dsl", "sip", "engines", "interpreter"},
}
"""Of each room, the rooms that it may import besides itself."""

WORLD = {
    *("asyncio", "select", "selectors", "socket", "socketserver", "ssl"),
    *("sched", "signal", "subprocess", "threading", "time", "random", "secrets", "uuid"),
}
"""Modules through which the world comes in: input and output, the clock, chance."""

MAY_MEET_THE_WORLD = {
    "engines/embedded.py": {"socket", "threading"},  # a relay inside the process, reached over a socket pair
    "sip/ids.py": {"secrets"},  # the one source of identifiers, injected everywhere
}
"""Files outside apps/ that may import from WORLD, and what."""

FILES = sorted(file.relative_to(ROOT) for room in MAY_IMPORT for file in (ROOT / room).rglob("*.py"))


def imported_by(file: Path) -> Iterator[str]:
    """Every module that the file names in an import, also under TYPE_CHECKING and inside functions."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_used_by(file: Path) -> set[str]:
    """The rooms that the file imports from, and `(root)` for the bare package."""
    parts = [name.split(".") for name in imported_by(file)]
    return {each[1] if each[1:] else "(root)" for each in parts if each[0] == "relayscript"}


def test_the_rooms_are_those_of_the_tree() -> None:
    links = {link.name for link in (ROOT / "src/relayscript").iterdir() if link.is_symlink()}
    assert links == {*MAY_IMPORT, "examples"}  # the examples are data, installed for the demo


def test_the_rule_has_no_cycle() -> None:
    order = list(TopologicalSorter(MAY_IMPORT).static_order())
    assert order.index("grammar") < order.index("dsl") < order.index("interpreter") < order.index("apps")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_imports_point_one_way(file: Path) -> None:
    room = file.parts[0]
    assert rooms_used_by(file) <= MAY_IMPORT[room] | {room, "__version__"}


@pytest.mark.parametrize("file", [file for file in FILES if file.parts[0] != "apps"], ids=str)
def test_only_drivers_meet_the_world(file: Path) -> None:
    used = {name.split(".")[0] for name in imported_by(file)} & WORLD
    assert used <= MAY_MEET_THE_WORLD.get(file.as_posix(), set())


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_file_says_what_it_is(file: Path) -> None:
    assert ast.get_docstring(ast.parse((ROOT / file).read_text(encoding="utf-8")))


def test_a_wrong_import_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("def f() -> None:\n    from relayscript.engines import sets\n    import time\n")
    assert rooms_used_by(file) == {"engines"}
    assert "time" in set(imported_by(file))
