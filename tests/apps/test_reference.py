"""The generated pages of `docs/` are as the code is, and what they say runs does run."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.reference import ACCEPTED, MISSING, RUNS, language_page, runnable_functions, states
from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.catalogue import load, runnable
from relayscript.dsl.parser import parse_text
from relayscript.interpreter.runtime import Runtime
from relayscript.interpreter.settings import Globals

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "language.md"
RUNS_FILE = ROOT / "dsl" / "runs.json"


def test_the_page_is_what_the_declarations_say(request: pytest.FixtureRequest) -> None:
    made = language_page()
    if request.config.getoption("--update-golden"):
        PAGE.write_text(made)
    assert PAGE.read_text() == made, "run pytest --update-golden tests/apps/test_reference.py"


def test_the_check_knows_which_functions_run(request: pytest.FixtureRequest) -> None:
    made = runnable_functions()
    if request.config.getoption("--update-golden"):
        RUNS_FILE.write_text(made)
    assert RUNS_FILE.read_text() == made, "run pytest --update-golden tests/apps/test_reference.py"
    assert {"t_relay", "rtp_relay_engage", "setflag", "json_merge"} <= runnable()


def test_the_page_names_everything_that_the_catalogue_has() -> None:
    named = {name.lstrip("$").strip("{}") for name, _ in states(language_page())}
    core = load().core
    assert named >= set(core.variables) | set(core.functions) | set(load().globals)
    assert named >= {f"{group}.{op}" for group, ops in core.transformations.items() for op in ops}


def test_nothing_of_the_core_is_missing() -> None:
    assert [name for name, state in states(language_page()) if state == MISSING] == []
    assert {state for _, state in states(language_page())} == {RUNS, ACCEPTED}


def test_a_running_script_has_the_variables_that_the_page_promises() -> None:
    parsed = parse_text("route { exit; }")
    assert parsed.script is not None
    runtime = Runtime(parsed.script, VirtualHost())
    promised = {name[1:] for name, state in states(language_page()) if name.startswith("$") and state == RUNS}
    assert promised <= runtime.registry.names()


def test_global_parameters_that_act_are_those_of_the_catalogue() -> None:
    assert Globals.acting() <= set(load().globals)
