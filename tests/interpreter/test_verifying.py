"""What was found for a script holds for the same tree and the same purpose, and for no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.nodes import Script
from relayscript.dsl.parser import parse_text
from relayscript.interpreter import verifying
from relayscript.interpreter.mocks import Mocks
from relayscript.interpreter.runtime import Runtime

GOOD = "route { exit; }\n"
UNKNOWN = "route { no_such_function(); }\n"


def script(text: str) -> Script:
    found = parse_text(text).script
    assert found is not None
    return found


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The targets that were checked for."""
    asked: list[str | None] = []

    def counted(*args: object, target: str | None, **options: object) -> object:
        asked.append(target)
        return check(*args, target=target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(verifying, "check", counted)
    return asked


def test_a_good_script_is_checked_once_for_a_target(checks: list[str | None]) -> None:
    tree = script(GOOD)
    found = [Runtime(tree, VirtualHost(), target=target).findings for target in (None, None, "3.4", "3.4")]
    assert checks == [None, "3.4"]
    assert found[0] == found[1]


def test_what_is_mocked_counts(checks: list[str | None]) -> None:
    tree = script(GOOD)
    for mocks in (Mocks(), Mocks(functions={"t_relay": 1}), Mocks(functions={"t_relay": -1})):
        Runtime(tree, VirtualHost(), mocks=mocks)
    assert len(checks) == 2


def test_a_bad_script_is_refused_each_time() -> None:
    tree = script(UNKNOWN)
    for _ in range(2):
        with pytest.raises(ScriptError):
            Runtime(tree, VirtualHost())


def test_a_file_that_was_mended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "script.cfg"
    path.write_text("route { exit }\n")
    with pytest.raises(ScriptError):
        verifying.read_script(str(path))
    path.write_text(GOOD)
    first, _ = verifying.read_script(str(path))
    path.write_text("route { drop; }\n")
    second, _ = verifying.read_script(str(path))
    assert first == script(GOOD)
    assert second == script("route { drop; }\n")
