"""Variables made ready to read and write, format strings, references."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.dsl.diagnostics import ScriptError
from relayscript.dsl.source import Span
from relayscript.dsl.variable import parse_variable
from relayscript.interpreter.values import Named, Value

if TYPE_CHECKING:
    from tests.interpreter.conftest import Stage

    Set = Callable[..., Stage]

HERE = Span("<test>", 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("$$ $$var(a)", "$ $var(a)"),
        ("100 % of %s %%", "100 % of %s %%"),
        ("%$rm%", "%INVITE%"),
        ("$var(a)", "value"),
        ("<$var(a)>", "<value>"),
        ("$var(a)$var(n)$(var(a))text", "value12valuetext"),
        ("$var(none)", "<null>"),
        ("[$avp(none)]", "[<null>]"),
        ("$(var(a){s.toupper})", "VALUE"),
        ("$(var(a){s.substr,1,0}{s.len})", "4"),
        ("$(var(none){s.len})", "<null>"),
    ],
)
def test_a_format_string_shows_its_variables(stage: Set, text: str, shown: str) -> None:
    on = stage()
    on.write("$var(a)", "value")
    on.write("$var(n)", 12)
    assert on.show(text) == shown


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="$")))
def test_text_without_dollars_stays_as_it_is(text: str) -> None:
    from relayscript.interpreter.formats import VariableRegistry

    assert VariableRegistry([]).format(text)(None) == text  # type: ignore[arg-type]


def test_a_format_string_is_made_once(stage: Set) -> None:
    registry = stage().registry
    assert registry.format("a $rm") is registry.format("a $rm")


def test_parameters_and_indexes_can_be_variables(stage: Set) -> None:
    on = stage()
    on.write("$var(h)", "X-Multi")
    on.write("$var(i)", 1)
    assert on.read("$hdr($var(h))") == "one"
    assert on.read("$(hdr($var(h))[$var(i)])") == "two"
    on.write("$(avp($var(h))[append])", "kept")
    assert on.read("$avp(X-Multi)") == "kept"


def test_a_variable_that_is_null_leads_nowhere(stage: Set) -> None:
    on = stage()
    assert on.read("$hdr($var(none))") is None
    assert on.read("$(hdr(X-Multi)[$var(none)])") is None
    assert not on.write("$avp($var(none))", "lost")
    on.write("$var(word)", "text")
    assert on.read("$(hdr(X-Multi)[$var(word)])") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$nothing", "RS220"),
        ("$var", "RS221"),
        ("$ru(x)", "RS221"),
        ("$(ru[1])", "RS222"),
        ("$(ru{s.nothing})", "RS224"),
        ("$(ru{nameaddr.x.uri})", "RS224"),
    ],
)
def test_what_does_not_exist_is_refused(stage: Set, text: str, code: str) -> None:
    with pytest.raises(ScriptError) as caught:
        stage().registry.reader_of(text)
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize("text", ["$rm", "$(ru{s.len})", "$(<request>ru)"])
def test_what_cannot_be_written_is_refused(stage: Set, text: str) -> None:
    registry = stage().registry
    assert not registry.is_writable(parse_variable(text, HERE))
    with pytest.raises(ScriptError):
        registry.writer(parse_variable(text, HERE))


def test_elements_are_read_one_by_one(stage: Set) -> None:
    on = stage()
    for each in ("c", "b", "a"):
        on.write("$avp(list)", each)
    seen: list[Value] = []
    for value in on.registry.elements(parse_variable("$(avp(list)[*])", HERE))(on.context):
        seen.append(value)
        if value == "a":
            on.write("$(avp(list)[1])", None)
    assert seen == ["a", "c"]


def test_elements_need_the_star(stage: Set) -> None:
    on = stage()
    on.write("$avp(list)", "a")
    assert list(on.registry.elements(parse_variable("$avp(list)", HERE))(on.context)) == []


def test_evaluating_a_text_made_at_run_time(stage: Set) -> None:
    on = stage()
    assert on.registry.evaluate("m=$rm", on.context) == "m=INVITE"
    assert on.registry.evaluate("$broken(", on.context) is None
    assert on.registry.evaluate("$nothing", on.context) is None


class TestReference:
    """Variables as arguments."""

    def test_reads_and_writes(self, stage: Set) -> None:
        on = stage()
        out = on.reference("$var(out)")
        assert (out.name, out.parameter, out.writable) == ("var", "out", True)
        assert out.get() is None
        assert out.set(Named(5, None))
        assert out.get() == 5

    def test_assigns_with_an_operator(self, stage: Set) -> None:
        on = stage()
        out = on.reference("$avp(out)")
        assert all((out.set("a"), out.set("b"), out.set("c", ":=")))
        assert on.read("$(avp(out)[*])") == "c"

    def test_read_only_ones_are_not_written(self, stage: Set) -> None:
        method = stage().reference("$rm")
        assert not method.writable
        assert not method.set("BYE")
        assert method.get() == "INVITE"

    def test_a_parameter_can_be_a_variable(self, stage: Set) -> None:
        on = stage()
        on.write("$var(name)", "dyn")
        assert on.reference("$avp($var(name))").parameter == "dyn"
        assert on.reference("$avp($var(none))").parameter is None
