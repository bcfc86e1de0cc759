"""Pieces of script compiled for a script that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from relayscript.apps.simulator import VirtualHost
from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.fragments import read_fragment
from relayscript.interpreter.compiler.fragments import Fragments
from relayscript.interpreter.context import Context, Kind
from relayscript.interpreter.runtime import Runtime

SCRIPT = """\
socket=udp:127.0.0.1:5060
loadmodule "proto_udp.so"
route { exit; }
route[double] {
	$var(d) = $param(1) * 2;
	return(7);
}
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    (tmp_path / "x.cfg").write_text(SCRIPT)
    return Runtime.load(str(tmp_path / "x.cfg"), VirtualHost())


@pytest.fixture
def run(runtime: Runtime) -> Context:
    return runtime.dummy_context(Kind.REQUEST)


def test_statements_see_the_variables_of_the_script(runtime: Runtime, run: Context) -> None:
    Fragments(runtime).statements(read_fragment("$var(x) = 4; $var(x) += 1;").statements)(run)
    assert runtime.script_variables["x"] == 5


def test_routes_can_be_called_and_leave_their_code(runtime: Runtime, run: Context) -> None:
    code = Fragments(runtime).statements(read_fragment("route(double, 21);").statements)(run)
    assert (code, runtime.script_variables["d"]) == (7, 42)
    read = read_fragment("$rc").expression
    assert Fragments(runtime).value(read)(run) == 7  # type: ignore[arg-type]


def test_values_and_conditions(runtime: Runtime, run: Context) -> None:
    fragments = Fragments(runtime)
    assert fragments.value(read_fragment("2 + 3").expression)(run) == 5  # type: ignore[arg-type]
    assert fragments.condition(read_fragment("1 && 0").expression)(run) == 0  # type: ignore[arg-type]


def test_what_the_script_does_not_load_is_unknown(runtime: Runtime) -> None:
    with pytest.raises(ScriptError, match="nosuch"):
        Fragments(runtime).command(read_fragment("nosuch()").expression)  # type: ignore[arg-type]
