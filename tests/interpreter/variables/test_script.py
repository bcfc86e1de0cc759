"""Variables of the script itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

from relayscript.interpreter.values import Named


class TestVar:
    """$var"""

    def test_it_keeps_one_value(self, stage: Set) -> None:
        on = stage()
        assert on.read("$var(a)") is None
        assert on.write("$var(a)", "x")
        assert on.write("$var(a)", 5)
        assert on.read("$var(a)") == 5
        assert on.write("$var(a)", None, ":=")
        assert on.read("$var(a)") is None

    def test_it_keeps_strings_without_their_number_and_numbers_without_their_text(self, stage: Set) -> None:
        on = stage()
        on.write("$var(port)", on.read("$op"))
        assert type(on.read("$var(port)")) is str
        on.write("$var(flag)", Named(1, "true"))
        assert on.show("$var(flag)") == "1"


class TestAvp:
    """$avp: a stack"""

    def test_the_newest_is_on_top(self, stage: Set) -> None:
        on = stage()
        assert on.show("$avp(a) $(avp(a)[*])") == "<null> <null>"
        for value in ("one", "two", "three"):
            assert on.write("$avp(a)", value)
        assert on.show("$avp(a) $(avp(a)[1]) $(avp(a)[-1]) $(avp(a)[3])") == "three two one <null>"
        assert on.read("$(avp(a)[append])") is None

    def test_values_are_replaced_and_appended(self, stage: Set) -> None:
        on = stage()
        for value in ("one", "two"):
            on.write("$avp(a)", value)
        assert on.write("$(avp(a)[-1])", "ONE")
        assert on.write("$(avp(a)[append])", "last")
        assert not on.write("$(avp(a)[7])", "out")
        assert on.show("$(avp(a)[*])") == "two, ONE, last"

    def test_null_deletes(self, stage: Set) -> None:
        on = stage()
        for value in ("one", "two", "three"):
            on.write("$avp(a)", value)
        assert on.write("$avp(a)", None)
        assert on.write("$(avp(a)[-1])", None)
        assert on.write("$(avp(a)[5])", None)
        assert on.show("$(avp(a)[*])") == "two"
        assert on.write("$avp(a)", None)
        assert on.write("$avp(a)", None)
        assert "a" not in on.context.avps

    @pytest.mark.parametrize(("text", "op"), [("$avp(a)", ":="), ("$(avp(a)[*])", "=")])
    def test_all_are_replaced(self, stage: Set, text: str, op: str) -> None:
        on = stage()
        for value in (1, 2):
            on.write("$avp(a)", value)
        assert on.write(text, 9, op)
        assert on.show("$(avp(a)[*])") == "9"
        assert on.write(text, None, op)
        assert on.read("$avp(a)") is None


class TestRoutes:
    """Parameters, results, the stack."""

    def test_parameters_by_position(self, stage: Set) -> None:
        on = stage()
        on.context.params = ("one", 2, None)
        assert on.show("$param(1) $param(2) $param(3) $param(4) $param(0) $param(x)") == (
            "one 2 <null> <null> <null> <null>"
        )
        on.write("$var(i)", 2)
        assert on.read("$param($var(i))") == 2

    def test_parameters_of_events_have_names_as_well(self, stage: Set) -> None:
        on = stage()
        on.context.params = {"address": "192.0.2.1", "state": "down"}
        assert on.show("$param(state) $param(1) $param(none)") == "down 192.0.2.1 <null>"

    def test_numbers_that_are_none(self, stage: Set) -> None:
        on = stage()
        on.context.params = ("one",)
        for text in ("\xb2", "9" * 5000, "-1"):
            on.write("$var(i)", text)
            assert on.show("$param($var(i)) $return($var(i))") == "<null> <null>"

    def test_values_that_a_route_returned(self, stage: Set) -> None:
        on = stage()
        on.context.returned = ("text", 42)
        assert on.show("$return(0) $return(1) $return(2) $return(x)") == "text 42 <null> <null>"

    def test_the_return_code(self, stage: Set) -> None:
        on = stage()
        on.context.rc = -5
        assert (on.read("$rc"), on.read("$retcode")) == (-5, -5)

    def test_the_stack(self, stage: Set) -> None:
        on = stage()
        on.context.stack = ["branch_route[out]", "route[a]", "route[b]"]
        assert on.show("$route $(route[1]) $(route[-1]) $(route[3])") == "route[b] route[a] branch_route[out] <null>"
        assert on.show("$(route[*])") == "branch_route[out] > route[a] > route[b]"
        assert on.show("$route.name $route.type $(route.type[-1]) $(route.name[7])") == "b route branch_route <null>"

    def test_an_unnamed_route(self, stage: Set) -> None:
        on = stage()
        on.context.stack = ["onreply_route"]
        assert on.show("[$route.name][$route.type]") == "[][onreply_route]"


def test_place_and_process(stage: Set) -> None:
    on = stage()
    assert on.show("$cfg_line $cfg_file $pp $argv(mode) $argv(none)") == "12 script.cfg 4321 test <null>"
