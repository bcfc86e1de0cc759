"""A module that a third party installed: found, described, checked, run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from relayscript.apps.cli import main
from relayscript.dsl.catalogue import load
from relayscript.dsl.diagnostics import ScriptError
from relayscript.interpreter.plugins import described, plugin, plugin_specs
from tests.interpreter.modules.stage import Proxy, request

MODULE = '''
from __future__ import annotations
from typing import TYPE_CHECKING
from relayscript.interpreter.declaration import Module, Parameter, command, function, variable

if TYPE_CHECKING:
    from relayscript.interpreter.context import Context
    from relayscript.interpreter.formats import Reference

class Tariff(Module):
    """Prices of calls."""

    name = "tariff"
    parameters = (Parameter("cents", 7), Parameter("currency", "EUR"))
    statistics = ("asked",)

    @function()
    def tariff_of(self, context: Context, number: str, seconds: int, price: Reference | None = None) -> int:
        """Put the price of a call into a variable."""
        self.runtime.count("tariff:asked")
        if price is not None:
            price.set(f"{self.settings['cents'] * seconds} {self.settings['currency']}")
        return 1 if number.startswith("+") else -1

    @variable("tariff_cents")
    def cents(self, context: Context) -> int:
        """The price of a second."""
        return self.settings["cents"]
'''
SCRIPT = """
modparam("tariff", "cents", 3)
route {
	tariff_of("+49", 60, $var(price));
	xlog("$var(price) $tariff_cents");
}
"""


@pytest.fixture
def tariff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with the module."""
    install(tmp_path, monkeypatch, MODULE)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    facts = folder / "tariff-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: tariff\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[relayscript.modules]\ntariff = tariff_module:Tariff\n")
    (folder / "tariff_module.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "tariff_module", raising=False)


@pytest.mark.usefixtures("tariff")
def test_its_functions_variables_and_parameters_work() -> None:
    proxy = Proxy(SCRIPT, "tariff")
    proxy.send(request("INVITE"))
    assert proxy.log == ["180 EUR 3"]
    assert proxy.runtime.statistics["tariff:asked"] == 1


@pytest.mark.usefixtures("tariff")
def test_it_is_described_from_its_signatures() -> None:
    found = plugin("tariff")
    assert found is not None
    spec = described(found)
    function = spec.functions["tariff_of"]
    assert [(each.kind, each.optional) for each in function.arguments] == [
        ("str", False), ("int", False), ("var", True)
    ]  # fmt: skip
    assert (function.minimum, function.maximum) == (2, 3)
    assert {name: each.type for name, each in spec.parameters.items()} == {"cents": "int", "currency": "str"}
    assert not spec.variables["tariff_cents"].writable


@pytest.mark.usefixtures("tariff")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('tariff_of("+49", 60);', ""),
        ('tariff_of("+49");', "tariff_of"),
        ('tariff_if("+49", 60);', "did you mean tariff_of"),
        ("$tariff_cents = 3;", "tariff_cents"),
    ],
)
def test_the_check_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, said: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "x.cfg"
    loads = 'loadmodule "proto_udp.so"\nloadmodule "tariff.so"\n'
    file.write_text(f"socket=udp:127.0.0.1:5060\n{loads}route {{\n\t{statement}\n}}\n")
    done = CliRunner().invoke(main, ["check", str(file)])
    assert done.exit_code == (1 if said else 0), done.output
    assert said in done.output
    assert bool(said) == bool(done.output)


def test_one_that_cannot_be_used_is_named_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, MODULE.replace("number: str", "number: bytes"))
    with pytest.raises(ScriptError, match="tariff") as raised:
        Proxy(SCRIPT, "tariff")
    (found,) = raised.value.diagnostics
    assert "bytes" in found.message
    assert found.span is not None
    assert found.span.line == 4


def test_nothing_is_looked_for_that_the_catalogue_has() -> None:
    parsed = Proxy("route { exit; }", "tm").runtime.script
    assert plugin_specs(parsed, load()) == ()
