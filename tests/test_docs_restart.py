"""The page on restarts: its script does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relayscript.dsl.catalogue import load
from relayscript.dsl.checker import check
from relayscript.dsl.diagnostics import Severity
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.loading import module_class
from tests.interpreter.modules.rtp_relay.lab import Lab

PAGE = (Path(__file__).parents[1] / "docs" / "restart.md").read_text()
(SCRIPT,) = re.findall(r"^```opensips\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("target", ["3.2", "4.0"])
def test_the_script_has_no_mistakes(target: str) -> None:
    parsed = parse_text(SCRIPT)
    assert parsed.script is not None
    found = parsed.diagnostics + check(parsed.script, load(), target=target)
    assert [each for each in found if each.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("target", ["3.2", "4.0"])
def test_a_call_goes_on_and_frees_its_relay(target: str, killed: bool) -> None:
    lab = Lab(script=SCRIPT, target=target).establish()
    held = lab.held()
    assert held
    lab.restart(killed=killed)
    assert lab.held() == held
    assert len(lab.listed()) == 1
    lab.hang_up()
    assert lab.held() == []


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize("killed", [True, False])
def test_each_mode_loses_what_the_table_says(mode: int, killed: bool) -> None:
    lab = Lab(script=SCRIPT.replace('"db_mode", 1', f'"db_mode", {mode}')).establish()
    lab.restart(killed=killed)
    assert len(lab.listed()) == (mode == 1 or (mode in (2, 3) and not killed))


def test_the_modules_of_the_page_are_there() -> None:
    names = re.findall(r"^\| `(db_\w+)` \| `(\w+)://", PAGE, re.MULTILINE)
    assert len(names) == 3
    for name, scheme in names:
        found = module_class(name)
        assert found is not None
        assert getattr(found, "scheme", None) == scheme
