"""The vocabulary of scripts."""

from __future__ import annotations

import json
from pathlib import Path

from relayscript.dsl.catalogue import Dependency, FunctionSpec, ModuleSpec, ParameterSpec, VariableSpec, load
from relayscript.dsl.tree import Items
from relayscript.grammar.loader import load as load_grammar

CATALOGUE = load()
RAW = json.loads((Path(__file__).parents[2] / "dsl" / "catalogue.json").read_bytes())


def test_every_module_can_be_described() -> None:
    assert len(CATALOGUE.modules) == len(RAW["modules"])
    for name, raw in RAW["modules"].items():
        spec = CATALOGUE.modules[name]
        assert set(spec.parameters) >= set(raw.get("params", ()))
        assert set(spec.functions) | set(spec.internal) >= set(raw.get("functions", ()))


def test_a_function_is_found_in_the_core_then_in_loaded_modules() -> None:
    relay = CATALOGUE.function("t_relay", ["sl", "tm"])
    assert relay is not None
    assert (relay.module, relay.minimum, relay.maximum, relay.routes) == ("tm", 0, 2, frozenset({"REQUEST", "FAILURE"}))
    assert CATALOGUE.function("t_relay", ["sl", "no_such_module"]) is None
    forward = CATALOGUE.function("forward", [])
    assert forward is not None
    assert forward.module == "core"


def test_arguments_say_what_they_take() -> None:
    flag = CATALOGUE.function("setflag", [])
    assert flag is not None
    assert (flag.arguments[0].kind, flag.arguments[0].static, flag.arguments[0].flag) == ("str", True, "MSG")
    armed = CATALOGUE.function("t_on_failure", ["tm"])
    assert armed is not None
    assert (armed.arguments[0].kind, armed.arguments[0].route) == ("route", "FAILURE")


def test_a_name_can_have_more_than_one_form() -> None:
    transfer = CATALOGUE.function("call_transfer", ["callops"])
    assert transfer is not None
    assert [(each.minimum, each.maximum) for each in (transfer, *transfer.variants)] == [(2, 2), (3, 4)]


def test_variables_have_forms_with_and_without_a_parameter() -> None:
    socket = CATALOGUE.variable("socket_out", [])
    assert socket is not None
    without, with_one = socket.form(False), socket.form(True)
    assert without is not None
    assert with_one is not None
    assert (without.writable, with_one.writable) == (True, False)
    script_variable = CATALOGUE.variable("var", [])
    assert script_variable is not None
    assert script_variable.form(False) is None
    uri = CATALOGUE.variable("ru", [])
    assert uri is not None
    assert uri.form(True) is None


def test_who_provides_what() -> None:
    assert CATALOGUE.providers_of_function("t_relay") == ("tm",)
    assert CATALOGUE.providers_of_variable("T_branch_idx") == ("tm",)
    assert CATALOGUE.providers_of_function("forward") == ()


def test_transformations_and_contexts() -> None:
    assert "len" in CATALOGUE.transformations([])["s"]
    assert "rest" not in CATALOGUE.transformations([])
    assert "rest" in CATALOGUE.transformations(["rest_client"])
    assert CATALOGUE.contexts([]) == frozenset()
    assert CATALOGUE.contexts(["tm"]) == {"request", "reply"}


def test_asynchronous_functions() -> None:
    assert CATALOGUE.async_function("sleep", ["cfgutils"]) is not None
    assert CATALOGUE.async_function("t_relay", ["tm"]) is None


def test_dependencies() -> None:
    assert Dependency("module", "tm", "abort") in CATALOGUE.modules["rtp_relay"].dependencies
    assert Dependency("module", "rr", "abort", "detect_direction") in CATALOGUE.modules["acc"].dependencies


def test_our_own_additions_are_there() -> None:
    assert "branch_scope" in CATALOGUE.modules["rtp_relay"].parameters
    assert "route_offer" in CATALOGUE.modules["rtp_relay"].parameters


def test_others_can_add_modules_and_to_modules() -> None:
    ours = ModuleSpec(
        "ours",
        functions={"ours_do": FunctionSpec("ours_do", "ours", routes=frozenset({"REQUEST"}))},
        variables={"ours": VariableSpec("ours", "ours")},
    )
    more = ModuleSpec("tm", parameters={"further": ParameterSpec("further", "tm", "int")})
    extended = CATALOGUE.extended([ours, more])
    assert extended.function("ours_do", ["ours"]) is not None
    assert extended.providers_of_function("ours_do") == ("ours",)
    assert extended.providers_of_variable("ours") == ("ours",)
    assert {"further", "fr_timeout"} <= set(extended.modules["tm"].parameters)
    assert "further" not in CATALOGUE.modules["tm"].parameters
    assert len(extended.modules) == len(CATALOGUE.modules) + 1


def test_the_grammar_knows_every_global_parameter() -> None:
    keywords = load_grammar(Items)[1].keywords
    assert {name for name in CATALOGUE.globals if name not in keywords} == {"mem-group"}
