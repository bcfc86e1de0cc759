"""What the core declares here, and what the catalogue says that it has."""

from __future__ import annotations

import pytest

from relayscript.dsl.catalogue import load
from relayscript.interpreter.modules.core import CORE
from relayscript.interpreter.transformations import step

VARIABLES = load().core.variables
FUNCTIONS = load().core.functions
DECLARED = {name: each for module in CORE for each in module.variables() for name in each.names}


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_a_variable(name: str) -> None:
    wanted, found = VARIABLES[name], DECLARED[name]
    forms = (wanted, *wanted.variants)
    parameters = {form.parameter for form in forms}
    assert found.parameter == (parameters.pop() if len(parameters) == 1 else "optional")
    assert found.index is any(form.index for form in forms)
    assert (found.set is not None) is any(form.writable for form in forms)


def test_no_other_variables() -> None:
    assert set(DECLARED) - set(VARIABLES) <= {"$"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function(name: str) -> None:
    assert name in {each.name for module in CORE for each in module.functions()}


def test_transformations() -> None:
    missing = [
        f"{group}.{op}"
        for group, ops in load().core.transformations.items()
        for op in ops
        if step(group, op.replace("*", "sha256"), ()) is None
    ]
    assert missing == []
